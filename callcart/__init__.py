"""Callcart: the call centre and the shop in one."""

__version__ = "0.1.0"
