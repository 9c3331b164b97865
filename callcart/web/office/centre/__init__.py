"""Pages that set up the call centre."""
