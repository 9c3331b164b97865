"""Telling customers what happened."""
