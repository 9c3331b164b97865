"""What happened and what is happening: boards and figures."""
