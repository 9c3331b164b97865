"""Calls that the shop owes its customers: who is to be called back, since when, by whom, and what came of it."""
