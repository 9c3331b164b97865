"""What is kept of the sound of talks: sealed, found, heard, spoken of, and deleted when its time is over."""
