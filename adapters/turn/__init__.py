"""coturn: sound for pages that cannot reach a worker (TURN, RFC 8656)."""
