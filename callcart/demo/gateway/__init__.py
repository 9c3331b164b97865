"""Meadow Pay, the payment company of the demo: a process of its own that shares nothing with the shop but a secret.

It has its own book (`home/demo-gateway`), its own pages where a buyer pays with test cards, and tells the shop by signed
messages. No money exists here.
"""

from __future__ import annotations

from callcart.demo.gateway.serve import serve

__all__ = ["serve"]
