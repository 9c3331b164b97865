"""Mail as a channel: `CALLCART_CHANNELS` names `MailChannel`. What it does is in the modules beside this one."""

from __future__ import annotations

import ssl
import threading
from functools import cached_property
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from callcart.contact.messaging.transport import (
    Incoming,
    LineFacts,
    NotTaken,
    Outgoing,
    Refused,
    Setting,
    Sink,
)
from callcart.integrations.mail import addresses, listening, reading, sending, servers, writing
from callcart.integrations.mail.access import SETTINGS, access


class MailChannel:
    """Mailboxes: read by IMAP, written from by SMTP. `context`: whom to trust, for tests; else whom the system trusts."""

    channel: ClassVar[str] = "mail"
    label: ClassVar[str | Promise] = gettext_lazy("E-mail (IMAP and SMTP)")
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS
    listens: ClassVar[bool] = True
    bound: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._given = context

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    def address(self, text: str) -> str:
        return addresses.normal(text)

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        try:
            settings = access(line)
        except ValueError as error:
            raise NotTaken(str(error)) from error
        try:
            written = writing.write(
                outgoing,
                sender=line.address,
                from_name=settings.from_name,
                reply_domain=settings.reply_domain,
            )
        except ValueError as error:
            raise Refused(str(error)) from error
        sending.hand_over(settings.smtp, written, self._context)
        return written.message_id

    def read(self, line: LineFacts, content: bytes) -> Incoming | None:
        return reading.read(line, content)

    def listen(self, line: LineFacts, sink: Sink, stop: threading.Event) -> None:
        listening.listen(line, sink, stop, self._context)

    def check(self, line: LineFacts) -> str:
        """Both servers, up to the folder and the sign-in; nothing is sent."""
        try:
            settings = access(line)
        except ValueError as error:
            return str(error)
        wrong = []
        try:
            client = servers.imap(settings.imap, self._context, most=1024 * 1024)
            try:
                listening.select(client, settings.folder)
            finally:
                servers.hang_up(client)
        except servers.FAULTS as error:
            wrong.append(servers.words_of(error, settings.imap))
        try:
            servers.smtp(settings.smtp, self._context, name=line.address.rpartition("@")[2]).close()
        except servers.FAULTS as error:
            wrong.append(servers.words_of(error, settings.smtp))
        return " ".join(wrong)
