"""What a centre has taken of messages of several parts: so that a part is not sent twice where another was refused, and that a
receipt of one part is told of the whole. Remembered by the process that holds the connection, and bounded.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from callcart.contact.messaging.transport import Receipt

MOST = 10_000


@dataclass(slots=True)
class _Message:
    ids: dict[int, str] = field(default_factory=dict)
    reference: str = ""
    failed: str | None = None


class Taken:
    """Of one line. A message is known by its key until it is sent whole, and by its parts' ids then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: OrderedDict[str, _Message] = OrderedDict()
        self._by_id: OrderedDict[str, _Message] = OrderedDict()

    def parts(self, key: str) -> dict[int, str]:
        """Which parts of a message were taken at an earlier try."""
        with self._lock:
            found = self._under_way.get(key)
            return dict(found.ids) if found else {}

    def part(self, key: str, number: int, message_id: str) -> None:
        """One more was taken."""
        with self._lock:
            message = self._under_way.setdefault(key, _Message())
            message.ids[number] = message_id
            self._by_id[message_id] = message
            self._trim()

    def whole(self, key: str, reference: str) -> str | None:
        """All are taken; the words of a part's failure that was told already."""
        with self._lock:
            message = self._under_way.pop(key, None)
            if message is None:
                return None
            message.reference = reference
            return message.failed

    def settle(self, receipt: Receipt) -> Receipt | None:
        """A receipt as one of the whole message. A part arriving says nothing unless it is the last one, and nothing of a message
        whose other part failed."""
        with self._lock:
            message = self._by_id.get(receipt.reference)
            if message is None:
                return receipt
            if not receipt.delivered:
                first, message.failed = message.failed is None, receipt.words
                told = first and message.reference
                return replace(receipt, reference=message.reference) if told else None
            is_last = receipt.reference == message.reference or not message.reference
            return receipt if is_last and message.failed is None else None

    def _trim(self) -> None:
        for kept in (self._under_way, self._by_id):
            while len(kept) > MOST:
                kept.popitem(last=False)
