"""A mail transport that reaches nobody: the last hundred mails are kept for tests. One that was sent before is not sent twice."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callcart.engage.notices.transport import Mail


class FakeMail:
    """Keeps the last hundred mails in memory."""

    def __init__(self) -> None:
        self.sent: deque[Mail] = deque(maxlen=100)

    def send(self, mail: Mail) -> str:
        if all(each.key != mail.key for each in self.sent):
            self.sent.append(mail)
        return f"fake-{mail.key}"
