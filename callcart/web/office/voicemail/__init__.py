"""Messages of callers in the office."""
