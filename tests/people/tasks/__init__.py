"""What a person still has to do."""
