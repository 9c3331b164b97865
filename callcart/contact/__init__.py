"""The call centre: conversations, routing, voice."""
