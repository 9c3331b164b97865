"""The supervisor's pages: the live board and what is done from it, the day in intervals, messages, limits, wall displays."""
