"""Orders from draft to closed, however they came, and their history."""
