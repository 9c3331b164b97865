"""Messages that callers leave where nobody answers: taken, kept, and made into conversations that wait."""
