"""Approvals: asking for what lies above one's limit, and deciding it."""
