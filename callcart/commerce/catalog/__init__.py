"""Products, variants (SKUs), categories and prices, and finding them fast."""
