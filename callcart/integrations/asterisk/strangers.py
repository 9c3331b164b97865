"""Asterisk's security log, read and emptied: whom it turned away, by address. Nothing of the log is kept but the count.

Browsers come by way of our own live process, after signing in: an old page with an account that has ended is no stranger.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

MOST_BYTES = 16_000_000  # of one look
LARGE = 32_000_000
_LINE = re.compile(
    rb'SecurityEvent="(?P<what>\w+)"[^\n]*?AccountID="(?P<who>[^"\n]*)"[^\n]*?RemoteAddress="IPV[46]/(?P<way>\w+)/(?P<address>[0-9A-Fa-f.:]{2,45})/\d+"'
)
# Whoever is known is challenged by the name of the account. (Asterisk's own word for a stranger, InvalidAccountID, follows not each time.)
UNKNOWN = (b"ChallengeSent", b"<unknown>")
REFUSALS = frozenset({b"InvalidPassword", b"ChallengeResponseFailed", b"FailedACL", b"RequestNotAllowed"})
OUR_OWN_WAYS = frozenset({b"WS", b"WSS"})


class SecurityLog:
    """The file Asterisk writes security events to. How far it was read is kept beside it, so that nothing is counted twice by the next
    process; it is emptied when nothing was written for a while, or when it has grown large."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = path.with_name(f"{path.name}.read")
        self._place = self._kept_place()

    def look(self) -> Counter[str]:
        """Requests turned away since the last look, by address."""
        found: Counter[str] = Counter()
        try:
            with self._path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._place:
                    self._place = 0  # somebody else has emptied it
                file.seek(self._place)
                text = file.read(MOST_BYTES)
        except FileNotFoundError:
            return found
        whole = text[: text.rfind(b"\n") + 1]
        for each in _LINE.finditer(whole):
            refused = each["what"] in REFUSALS or (each["what"], each["who"]) == UNKNOWN
            if refused and each["way"] not in OUR_OWN_WAYS:
                found[each["address"].decode()] += 1
        self._move(len(whole))
        return found

    def _move(self, read: int) -> None:
        """Asterisk appends, so the file may be emptied under it; what is written in the instant of that is lost, which a count bears."""
        idle = read == 0 and self._place > 0
        self._place += read
        if idle or self._place > LARGE:
            os.truncate(self._path, 0)
            self._place = 0
        if read or idle:
            self._mark.write_text(str(self._place), encoding="ascii")

    def _kept_place(self) -> int:
        try:
            return int(self._mark.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0
