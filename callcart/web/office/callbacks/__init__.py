"""Calls that are owed: who, why, what came of it, and by which rules each queue makes them."""
