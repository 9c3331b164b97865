"""Tasks: what a person still has to do."""
