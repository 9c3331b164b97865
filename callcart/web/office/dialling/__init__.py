"""What may be called outside: its limits, what was used of them, who was turned away."""
