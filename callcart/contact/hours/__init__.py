"""When a queue answers: weekly hours, holidays, and exceptions of the moment."""
