"""Adapters of carriers, one file each. How to write another: docs/carriers.md."""
