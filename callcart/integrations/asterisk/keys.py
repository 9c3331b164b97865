"""Keys that a caller presses, as Asterisk tells them. A line that tells a press as an event in the sound and by INFO besides makes two of
it: Asterisk takes INFO whatever the trunk is set to. The second begins before anybody could have pressed again, and is known by that;
where INFO comes long before the key is let go it is not, so whoever has such a line is told to set `dtmf_mode = info`.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from prometheus_client import Counter

from callcart.contact.voice.engine import KeyPressed

# Whoever dials, a machine too, leaves more between two presses; Asterisk itself leaves 45 ms between those that it makes up.
GAP_S = 0.06
LONGEST_S = 10.0  # further apart the clock has been set

log = logging.getLogger(__name__)
_doubled = Counter("callcart_voice_keys_told_twice_total", "Keys that a line told a second time")


class Keys:
    """The last key of each leg, and when it was let go."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, float]] = {}
        self._warned = False

    def heard(self, message: dict[str, Any]) -> KeyPressed | None:
        """A ChannelDtmfReceived, which comes as a key is let go; None for one that has been told already."""
        channel, digit = str(message["channel"]["id"]), str(message["digit"])
        let_go = datetime.fromisoformat(message["timestamp"]).timestamp()
        pressed = let_go - int(message.get("duration_ms", 0)) / 1000
        before, self._last[channel] = self._last.get(channel), (digit, let_go)
        if before is not None and before[0] == digit and -LONGEST_S < pressed - before[1] < GAP_S:
            _doubled.inc()
            if not self._warned:
                self._warned = True
                log.warning("a line tells keys twice: set dtmf_mode = info for its trunk")
            return None
        return KeyPressed(channel, digit)

    def forget(self, channel: str) -> None:
        self._last.pop(channel, None)
