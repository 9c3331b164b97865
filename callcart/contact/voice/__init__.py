"""Calls: an engine that holds the media, and the rules of a call."""
