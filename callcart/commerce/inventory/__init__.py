"""Stock per warehouse and SKU, reservations, and a movement for every change."""
