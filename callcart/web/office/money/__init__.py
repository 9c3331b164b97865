"""The money area of the office: what came in, what is owed, what goes back, and the books of the day."""
