"""A written channel in memory, for tests and demos: what is sent is remembered, and may be made to fail."""

from __future__ import annotations

import threading
from typing import ClassVar

from callcart.contact.messaging.transport import Incoming, LineFacts, Outgoing, Setting, Sink


class FakeChannel:
    """Mail that goes nowhere. `fail` holds what the next hand-overs raise, one each."""

    channel: ClassVar[str] = "mail"
    label: ClassVar[str] = "Fake mail"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("host", "Host", required=False),
        Setting("password", "Password", secret=True, required=False),
    )
    listens: ClassVar[bool] = False
    bound: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    sent: ClassVar[list[Outgoing]] = []
    fail: ClassVar[list[Exception]] = []
    _lock: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def clear(cls) -> None:
        cls.sent.clear()
        cls.fail.clear()

    def address(self, text: str) -> str:
        if "@" not in text:
            raise ValueError(text)
        return text.strip().casefold()

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        with self._lock:
            if self.fail:
                raise self.fail.pop(0)
            self.sent.append(outgoing)
        return f"<{outgoing.key}@fake.example>"

    def read(self, line: LineFacts, content: bytes) -> Incoming | None:
        """`peer|subject|text` as bytes; anything else cannot be read."""
        parts = content.decode("utf-8", "replace").split("|", 2)
        if len(parts) != 3:
            raise ValueError("This is no mail.")
        return Incoming(external_id=str(hash(content)), peer=parts[0], subject=parts[1], text=parts[2])

    def listen(self, line: LineFacts, sink: Sink, stop: threading.Event) -> None:
        sink.up()
        stop.wait()

    def check(self, line: LineFacts) -> str:
        return ""


class FakeSms(FakeChannel):
    """SMS that go nowhere."""

    channel: ClassVar[str] = "sms"
    label: ClassVar[str] = "Fake SMS"
    sent: ClassVar[list[Outgoing]] = []
    fail: ClassVar[list[Exception]] = []

    def address(self, text: str) -> str:
        if not text.startswith("+"):
            raise ValueError(text)
        return text
