"""What a page answers to a call may not be "it is over there" (SIP 3xx): the exchange would ring whatever it names, any number in the world
among it, past every limit of calls outside. Such an answer is made into "declined". Pure.

A frame is looked through as a whole: it may hold several messages, the exchange reads them all.
"""

from __future__ import annotations

import re

_ELSEWHERE = r"(?i)(\A|[\r\n])([ \t]*SIP/2\.0[ \t]+)3\d\d[^\r\n]*"
_IN_TEXT = re.compile(_ELSEWHERE, re.ASCII)
_IN_BYTES = re.compile(_ELSEWHERE.encode())


def declined(frame: str | bytes) -> str | bytes:
    """The frame without any answer that sends a call elsewhere."""
    if isinstance(frame, str):
        return _IN_TEXT.sub(r"\g<1>\g<2>603 Decline", frame)
    return _IN_BYTES.sub(rb"\g<1>\g<2>603 Decline", frame)
