"""How messages leave. An SMS goes by the provider that also carries sign-in codes (`customers.transport`); mail by whatever the
installation names. Called by a job, never inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from callcart.config import config
from callcart.core.errors import Unavailable
from callcart.engage.notices.fake import FakeMail
from callcart.engage.notices.models import Medium
from callcart.people.customers.public import CodeMessage, NoTransport, code_transport


class NoMail(Unavailable):
    """Sending mail is not set up here."""

    code = "notices.no_mail"
    retryable = False


class Refused(Exception):
    """The provider will never take this message (no such mailbox, say); the text says why."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What is to be delivered. `key` is the same whenever the same message is sent again."""

    key: str
    address: str
    sender: str
    subject: str
    text: str
    language: str


class MailTransport(Protocol):
    """Delivers mail."""

    def send(self, mail: Mail) -> str:
        """Hand one mail over; its reference with the provider. Raises Refused for good, anything else to be tried again."""


_mail_in_use: MailTransport | None = None


def use_mail(transport: MailTransport | None) -> None:
    """Name the mail transport of this process."""
    global _mail_in_use
    _mail_in_use = transport


def mail_in_use() -> MailTransport:
    """The named transport; else by the configured mail server; on a demo installation without one, the fake. NoMail otherwise."""
    if _mail_in_use is not None:
        return _mail_in_use
    if config().smtp_url.get_secret_value():
        use_mail(import_string(settings.CALLCART_MAIL)(config().smtp_url.get_secret_value()))
    elif config().demo:
        use_mail(FakeMail())
    else:
        raise NoMail
    return mail_in_use()


def send_sms(key: UUID, e164: str, text: str, language: str, *, until: datetime) -> None:
    """Hand one SMS over, once with the same key. Raises to be tried again."""
    message = CodeMessage(e164=e164, code="", text=text, language=language, key=key, until=until)
    code_transport().send(message)


def ways_out() -> frozenset[Medium]:
    """By which media messages can leave this installation at all."""
    found = set()
    for medium, in_use in ((Medium.SMS, code_transport), (Medium.MAIL, mail_in_use)):
        try:
            in_use()
        except (NoTransport, NoMail):
            continue
        found.add(medium)
    return frozenset(found)


def only_shown() -> bool:
    """Whether messages reach nobody here: a demo installation without providers shows them in the office only."""
    return config().demo and not config().smtp_url.get_secret_value()
