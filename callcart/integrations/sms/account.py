"""What is to be filled in of a line that speaks SMPP, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers
from django.utils.translation import gettext_lazy as _

from callcart.contact.messaging.transport import LineFacts, Setting
from callcart.integrations.sms.messages import Reading
from callcart.integrations.sms.numbers import country_of, is_sender, wire
from callcart.integrations.sms.pdu import Address, Bind

YES = frozenset({"yes", "true", "1", "on"})
NO = frozenset({"no", "false", "0", "off", ""})
LONG = ("header", "parameters", "payload")
ALPHABETS = ("gsm", "latin-1")
RECEIPT_IDS = ("same", "hex-decimal", "decimal-hex")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            raise ValueError(
                _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            )
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of some words."""

    def read(text: str) -> str:
        if text.strip().lower() not in words:
            raise ValueError(_("Write one of: %(words)s.") % {"words": ", ".join(words)})
        return text.strip().lower()

    return read


def yes_or_no(text: str) -> bool:
    plain = text.strip().lower()
    if plain not in YES | NO:
        raise ValueError(_("Write yes or no."))
    return plain in YES


def host(text: str) -> str:
    plain = text.strip()
    if not plain or len(plain) > 253 or any(c.isspace() or c in "/@?#" for c in plain):
        raise ValueError(_("Write the name or the address of a machine, without a port."))
    return plain


def sender(text: str) -> str:
    plain = text.strip()
    if plain and not is_sender(plain):
        raise ValueError(_("Write a number, a short code, or a name of at most eleven letters and digits."))
    return plain


def country(text: str) -> str:
    plain = text.strip().upper()
    if plain and plain not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(_("Write a country by its two letters."))
    return plain


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most or not text.isprintable() or not text.isascii():
            raise ValueError(_("Write at most %(most)s plain letters, digits and signs.") % {"most": most})
        return text

    return read


SETTINGS: tuple[Setting, ...] = (
    Setting("host", _("SMS centre"), _("The machine's name or address, as your provider gave it."), read=host),
    Setting("port", _("Port"), _("2775 is usual, 3550 with TLS."), read=_whole(1, 65535)),
    Setting("tls", _("TLS"), _("Without it messages and the password go unprotected."), required=False, read=yes_or_no, choices=(("no", _("No")), ("yes", _("Yes")))),
    Setting("system_id", _("System id"), _("The name of your account."), read=_text(64)),
    Setting("password", _("Password"), secret=True, read=_text(64)),
    Setting("system_type", _("System type"), _("Empty, unless your provider says otherwise."), required=False, read=_text(12), rare=True),
    Setting("sender", _("Sender"), _("What customers see: a number, a short code or a name. Empty: the line's number."), required=False, read=sender),
    Setting("country", _("Country"), _("By its two letters: how numbers without a country code are read. Empty: that of the line's number."), required=False, read=country, rare=True),
    Setting("per_second", _("SMS a second"), _("How many your provider takes; 10 if empty. Each part counts."), required=False, read=_whole(1, 1000), rare=True),
    Setting("window", _("Window"), _("How many may be under way at once; 10 if empty."), required=False, read=_whole(1, 200), rare=True),
    Setting("long", _("Long messages"), _("How parts are told."), required=False, read=one_of(*LONG), choices=(("header", _("In a header (usual)")), ("parameters", _("By parameters")), ("payload", _("The provider cuts them"))), rare=True),
    Setting("alphabet", _("Default alphabet"), _("What your provider takes data coding 0 for."), required=False, read=one_of(*ALPHABETS), choices=(("gsm", _("GSM (usual)")), ("latin-1", "Latin-1")), rare=True),
    Setting("receipt_ids", _("Ids in receipts"), _("As they are written in the answer and in the receipt."), required=False, read=one_of(*RECEIPT_IDS), choices=(("same", _("The same (usual)")), ("hex-decimal", _("Hexadecimal, then decimal")), ("decimal-hex", _("Decimal, then hexadecimal"))), rare=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """The settings of a line, read."""

    host: str
    port: int
    tls: bool
    bind: Bind
    source: Address
    reading: Reading
    per_second: int
    window: int
    long: str
    answer_form: str

    @classmethod
    def of(cls, line: LineFacts) -> Account:
        """Raises ValueError with words for people."""
        found = values(SETTINGS, line.values)
        answer, receipt = {"same": ("same", "same"), "hex-decimal": ("hex", "decimal"), "decimal-hex": ("decimal", "hex")}[
            found["receipt_ids"] or "same"
        ]  # fmt: skip
        return cls(
            host=found["host"],
            port=found["port"],
            tls=bool(found["tls"]),
            bind=Bind(found["system_id"], found["password"], found["system_type"] or ""),
            source=wire(found["sender"] or line.address),
            reading=Reading(
                country=found["country"] or country_of(line.address),
                latin=found["alphabet"] == "latin-1",
                receipt_form=receipt,
            ),
            per_second=found["per_second"] or 10,
            window=found["window"] or 10,
            long=found["long"] or "header",
            answer_form=answer,
        )


def values(settings: tuple[Setting, ...], given: Mapping[str, str]) -> dict[str, Any]:
    """Each setting as it is read, None for one that is empty. Raises ValueError naming the first that is wrong."""
    found: dict[str, Any] = {}
    for each in settings:
        text = given.get(each.name, "")
        if not text:
            if each.required:
                raise ValueError(f"{each.label}: {_('This is needed.')}")
            found[each.name] = None
            continue
        try:
            found[each.name] = each.read(text)
        except ValueError as error:
            raise ValueError(f"{each.label}: {error}") from None
    return found
