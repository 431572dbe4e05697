"""Post: messages that come and go by signed HTTP requests: gateways and bridges (SMS, Messenger, Matrix)."""
