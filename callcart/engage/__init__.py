"""Where talk meets trade: the caller's self-service."""
