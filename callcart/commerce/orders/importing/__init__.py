"""Orders from files and into files: old ones as they ended, open ones to be gone on with."""
