"""Notices: telling customers what happened."""
