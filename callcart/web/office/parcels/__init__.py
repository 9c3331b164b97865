"""Parcels in the office: on their way, in trouble; and the carriers with their services and prices."""
