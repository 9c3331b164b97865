"""Delivery methods, parcels and where they are."""
