"""Written conversations: chat, mail and SMS, from whatever line they come and by whatever line they go."""
