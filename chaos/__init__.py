"""Killing the system while people talk in it, and counting what is lost: `make chaos`, or `python -m chaos --kills 100`.

A whole installation of its own runs with the demo shops. Visitors chat and repeat what was not acknowledged, as their pages do; agents
answer, set aside and end; meanwhile one process after the other is killed with SIGKILL. At the end everything that was acknowledged
must be there exactly once and in order, routing must agree with itself, and every return to work must have been quick.
"""
