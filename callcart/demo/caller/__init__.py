"""A caller to try the call centre with: a real SIP call with real sound, made by this machine to its own Asterisk."""

from __future__ import annotations

from callcart.demo.caller.background import start_in_background
from callcart.demo.caller.call import Caller, CallFailed, CallState
from callcart.demo.caller.line import Line
from callcart.demo.caller.media import Received

__all__ = ["CallFailed", "CallState", "Caller", "Line", "Received", "start_in_background"]
