"""What the companies of the demo have in common: a book in a small database file, signed requests, messages to shops, a server."""
