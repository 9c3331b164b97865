"""Everything of one shop in one file, and a shop from such a file."""
