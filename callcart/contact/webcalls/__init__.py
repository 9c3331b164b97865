"""A chat that becomes a call between the visitor's page and the agent's desk."""
