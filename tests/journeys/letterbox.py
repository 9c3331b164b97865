"""What a real mail server was given by the running system, read as a mail program reads it."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.integrations.mail.servers import Received
from tests.journeys.system import eventually


@dataclass(frozen=True, slots=True)
class Letterbox:
    """`port` is where it listens; everything that came is in `received`."""

    port: int
    received: Received

    def to(self, address: str, count: int = 1) -> list[EmailMessage]:
        """The mails to an address, once there are as many; AssertionError if they do not come."""

        def look() -> list[EmailMessage]:
            found = [each.content for each in self.received.mails if each.rcpt_tos == [address]]
            return [self._read(each) for each in found] if len(found) >= count else []

        return eventually(look, f"{count} mails to {address}", timeout=60)

    @staticmethod
    def _read(content: object) -> EmailMessage:
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        return mail
