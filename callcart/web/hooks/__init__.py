"""The face for other companies' machines: their messages come in here, and are believed only by their signature."""
