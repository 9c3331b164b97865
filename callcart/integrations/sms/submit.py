"""A message of ours as the short messages it goes in. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from django.utils.translation import gettext as _

from callcart.contact.messaging.transport import Outgoing
from callcart.core.sms_length import MOST_PARTS, sms_parts
from callcart.integrations.sms import alphabet, header
from callcart.integrations.sms.account import Account
from callcart.integrations.sms.header import HAS_HEADER, Place
from callcart.integrations.sms.numbers import is_sender, wire
from callcart.integrations.sms.pdu import Short, Tag

# Receipts that are asked for (SMPP 3.4, 5.2.17).
_OF_ANYTHING, _OF_FAILURE = 1, 2


class TooLong(ValueError):
    """More parts than a header can count."""


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` (from 1) of a message. All parts are sent as `short` says, whenever they are sent again."""

    number: int
    short: Short


def parts_of(outgoing: Outgoing, account: Account) -> list[Part]:
    """The parts of a message. Raises TooLong, ValueError with words for people."""
    text = outgoing.text.replace("\r\n", "\n")
    if outgoing.files:
        raise ValueError(_("An SMS carries no files."))
    if not text.strip():
        raise ValueError(_("The SMS is empty."))
    if not is_sender(outgoing.to) or not outgoing.to.lstrip("+").isdecimal():
        raise ValueError(_("An SMS cannot be sent to %(address)s.") % {"address": outgoing.to})
    latin = account.reading.latin
    coding = alphabet.coding_for(text, latin=latin)
    texts = sms_parts(text, wide=coding == alphabet.UCS2)
    if len(texts) > MOST_PARTS:
        raise TooLong
    if len(texts) > 1 and account.long == "payload":
        content = alphabet.encode(text, coding, latin=latin)
        return [Part(1, _short(outgoing, account, coding, b"", {int(Tag.MESSAGE_PAYLOAD): content}))]
    return [
        _part(outgoing, account, coding, Place(str(_reference(outgoing)), len(texts), number), each)
        for number, each in enumerate(texts, 1)
    ]


def _part(outgoing: Outgoing, account: Account, coding: int, place: Place, text: str) -> Part:
    content = alphabet.encode(text, coding, latin=account.reading.latin)
    if place.total == 1:
        return Part(1, _short(outgoing, account, coding, content, {}))
    receipt = _OF_ANYTHING if place.number == place.total else _OF_FAILURE
    if account.long == "parameters":
        parameters = header.parameters_for(place)
        return Part(place.number, _short(outgoing, account, coding, content, parameters, receipt=receipt))
    whole = header.header_for(place) + content
    return Part(
        place.number, _short(outgoing, account, coding, whole, {}, receipt=receipt, esm_class=HAS_HEADER)
    )


def _short(
    outgoing: Outgoing,
    account: Account,
    coding: int,
    content: bytes,
    tlvs: dict[int, bytes],
    *,
    receipt: int = _OF_ANYTHING,
    esm_class: int = 0,
) -> Short:
    return Short(
        source=account.source,
        destination=wire(outgoing.to),
        content=content,
        esm_class=esm_class,
        data_coding=coding,
        registered_delivery=receipt,
        tlvs=tlvs,
    )


def _reference(outgoing: Outgoing) -> int:
    """The same for the same message: a part that is sent again belongs to the same whole, and a telephone drops it."""
    return zlib.crc32(f"{outgoing.key}\0{outgoing.to}".encode()) & 0xFF
