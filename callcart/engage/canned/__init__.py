"""Canned replies: texts an agent puts into an answer with a few keys, filled from the customer and the order."""
