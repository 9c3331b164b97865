"""The work area: tasks, approvals, messages to customers."""
