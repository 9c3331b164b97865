"""A transport that reaches nobody: the page shows the code, the messages are kept for tests."""

from __future__ import annotations

from collections import deque

from callcart.people.customers.transport import CodeMessage


class FakeTransport:
    """Keeps the last hundred messages in memory."""

    shows_code = True

    def __init__(self) -> None:
        self.sent: deque[CodeMessage] = deque(maxlen=100)

    def send(self, message: CodeMessage) -> None:
        self.sent.append(message)
