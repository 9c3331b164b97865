"""Canned replies and tags of conversations in the office."""
