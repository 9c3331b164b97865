"""The caller's self-service: greeting, language, menu, order read-out, queue."""
