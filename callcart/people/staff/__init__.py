"""People at work: log-in, roles, permissions, sessions."""
