"""Stock documents: goods expected and received, counted, moved between warehouses, taken out; each with its movements."""
