"""Composition root: one module a process, and `up`, which runs them all. The top layer: may import everything."""
