"""Chat: citizens who write from a page, over WebSocket."""
