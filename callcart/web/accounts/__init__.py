"""Log-in, log-out and one's own profile."""
