"""Conversations of every channel: their path, wrap-up, recordings and links."""
