"""The live board: who does what, what waits, today's figures."""
