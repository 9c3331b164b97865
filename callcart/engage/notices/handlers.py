"""Reactions to what happened to orders, parcels, money and returns."""
