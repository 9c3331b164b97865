"""What customers were told, as pages show it: the kind in words, by which medium, where it stands, and the address as far as the
reader may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.engage.notices import public as notices
from callcart.people.customers import public as people
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class Told:
    """One message."""

    notice: notices.Notice
    label: str
    icon: str
    address: str
    state: str
    tone: str
    failure: str
    text: str


def told(rows: Iterable[notices.Notice]) -> list[Told]:
    """Messages for a page. Addresses are masked as everywhere in lists."""
    return [_told(each) for each in rows]


def kind_label(kind: str) -> str:
    found = notices.KINDS.get(kind)
    return str(found.label) if found else kind


def _is_private(kind: str) -> bool:
    found = notices.KINDS.get(kind)
    return found is not None and found.forgotten


def states() -> dict[str, tuple[str, str]]:
    """Where a message stands, and its colour."""
    return {
        "waiting": (_("Being sent"), "blue"),
        "sent": (pgettext("message", "Sent"), "green"),
        "failed": (_("Tried again soon"), "amber"),
        "dead": (_("Not sent"), "red"),
    }


def mediums() -> dict[str, str]:
    return {"sms": _("SMS"), "mail": _("E-mail")}


def _told(row: notices.Notice) -> Told:
    text, tone = states().get(row.state, (row.state, "grey"))
    sms = row.medium == notices.Medium.SMS
    return Told(
        notice=row,
        label=kind_label(row.kind),
        icon="message" if sms else "mail",
        address=people.mask_phone(row.address, reader().country) if sms else people.mask_email(row.address),
        state=text,
        tone=tone,
        failure=_failure(row.failure),
        text=_("What it says is not shown here.") if _is_private(row.kind) else row.text,
    )


def _failure(code: str) -> str:
    """Why a message did not leave, for people; what a provider said is shown as it said it."""
    return {
        "": "",
        "too_late": _("It could not be sent for a day and would be out of date."),
        "notices.no_mail": _("Sending mail is not set up."),
        "customers.no_transport": _("Sending SMS is not set up."),
        "ConnectionError": _("The provider could not be reached."),
        "ConnectionRefusedError": _("The provider could not be reached."),
        "TimeoutError": _("The provider did not answer in time."),
        "SMTPAuthenticationError": _("The mail server does not take our password."),
        "PasswordInTheClear": _("The mail server offers no encryption."),
    }.get(code, code)
