"""Meadow Mobile, the SMS centre of the demo: a process of its own that shares nothing with the shop but a secret.

It takes SMS by SMPP and by HTTP, shows what a customer's telephone got, and sends what is typed on its pages as that customer: late,
twice, in parts that come backwards or not at all, as told. Nothing reaches a real telephone.
"""

from __future__ import annotations

from callcart.demo.sms.serve import serve

__all__ = ["serve"]
