"""Meadow Post, the carrier company of the demo: a process of its own that shares nothing with the shop but a secret.

It takes shipments, moves them along within minutes, makes the exceptions that carriers make, answers questions and tells
shops by signed messages: some twice, some late, some in the wrong order. Nothing is carried here.
"""

from __future__ import annotations

from callcart.demo.carrier.serve import serve

__all__ = ["serve"]
