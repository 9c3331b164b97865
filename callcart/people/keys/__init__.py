"""Keys: what a shop's other programs may do here by the HTTP API."""
