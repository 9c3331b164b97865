"""One file or folder a provider. Implements interfaces that the domains declare; only settings and processes name it."""
