"""The chat for visitors: a button any page can show by one script line, and the frame behind it."""
