"""What the centre does with an SMS, whichever way it came: for shops, taking theirs and telling of it; for telephones, sending theirs in
parts. Knows no socket.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from callcart.core.clock import now
from callcart.core.sms_length import is_wide, sms_parts
from callcart.demo.sms.book import BY_SMPP, TO_PHONE, TO_SHOP, Book
from callcart.demo.sms.fates import Fate, order, telling
from callcart.integrations.sms import alphabet, header, statuses
from callcart.integrations.sms.half_read import HalfRead
from callcart.integrations.sms.header import HAS_HEADER, Place
from callcart.integrations.sms.messages import Reading, of_group, of_short
from callcart.integrations.sms.pdu import Address, Short

BUSY_TIMES = 2
_READING = Reading()


def number_of(digits: str) -> str:
    """A number as shops write theirs: with its plus, unless it is a short one or a service's in China."""
    return digits if len(digits) <= 8 or digits.startswith("106") else f"+{digits}"


class NotAccepted(Exception):
    """The centre does not take it; `status` is SMPP's word for why, 0 for no answer at all."""

    def __init__(self, status: int) -> None:
        super().__init__(statuses.name_of(status))
        self.status = status


def look_at(book: Book, phone: str) -> Fate:
    """What is to become of a message to a telephone. Raises NotAccepted where it is not even taken."""
    found = book.phone(phone)
    if found.fate is Fate.REFUSED:
        raise NotAccepted(0x0B)
    if found.fate is Fate.BUSY:
        busy = found.refusals < BUSY_TIMES
        book.turn(replace(found, refusals=found.refusals + 1 if busy else 0))
        if busy:
            raise NotAccepted(statuses.THROTTLED)
    return found.fate


class Inbox:
    """The telephones' side: parts that came, until they are a text. Forgets halves when the centre ends, as telephones do."""

    def __init__(self, book: Book) -> None:
        self._book, self._state = book, HalfRead()

    def take(self, shop: str, short: Short) -> str:
        """A part or a whole of a shop's message; its id. Raises NotAccepted."""
        phone, at = "+" + short.destination.text.lstrip("+"), now().timestamp()
        fate = look_at(self._book, phone)
        message_id = secrets.token_hex(5).upper()
        place, content = header.read(short)
        if place is None:
            text = of_short("", short, _READING).text
            self._book.write(TO_PHONE, shop, phone, text, parts=1, at=at)
        else:
            group = self._state.add(short, place, content, at)
            if group.is_whole:
                self._state.drop(group)
                text = of_group(group, _READING).text
                self._book.write(TO_PHONE, shop, phone, text, parts=group.total, at=at)
        told = telling(fate)
        wanted = short.registered_delivery & 0x03
        if wanted == 1 or (wanted == 2 and not told.delivered):
            for after in told.after:
                body = receipt(shop, phone, message_id, delivered=told.delivered)
                self._book.tell(BY_SMPP + shop, body, at=at + after)
        if fate is Fate.SILENT:
            raise NotAccepted(0)
        return message_id


def send(book: Book, phone: str, shop: str, text: str) -> int:
    """Send a text from a telephone to a shop's number, by the way the telephone is set to; how many parts it has."""
    at, parts = now().timestamp(), sms_parts(text)
    book.write(TO_SHOP, shop, phone, text, parts=len(parts), at=at)
    if url := book.hooks().get(shop):
        body = {"id": f"P-{secrets.token_hex(6)}", "from": phone, "to": shop, "text": text}
        book.tell(url, body, at=at)
        return len(parts)
    reference = secrets.randbelow(256)
    coding = alphabet.UCS2 if is_wide(text) else alphabet.DEFAULT
    for place, after in order(book.phone(phone).way, len(parts)):
        content = alphabet.encode(parts[place], coding, latin=False)
        many = len(parts) > 1
        if many:
            content = header.header_for(Place(str(reference), len(parts), place + 1)) + content
        body = _delivery(phone, shop, content, coding=coding, esm_class=HAS_HEADER if many else 0)
        book.tell(BY_SMPP + shop, body, at=at + after)
    return len(parts)


def receipt(shop: str, phone: str, message_id: str, *, delivered: bool) -> dict[str, Any]:
    """A receipt as a deliver_sm, by the text of Appendix B."""
    stamp = now().strftime("%y%m%d%H%M")
    state, error, count = ("DELIVRD", "000", "001") if delivered else ("UNDELIV", "001", "000")
    text = f"id:{message_id} sub:001 dlvrd:{count} submit date:{stamp} done date:{stamp} stat:{state} err:{error} text:"
    return _delivery(phone, shop, text.encode("ascii"), coding=0, esm_class=0x04)


def delivery(body: dict[str, Any]) -> Short:
    """What the book keeps of a deliver_sm, as one."""
    return Short(
        source=Address(body["source"].lstrip("+"), 1, 1),
        destination=Address(body["destination"].lstrip("+"), 1, 1),
        content=bytes.fromhex(body["content"]),
        esm_class=body["esm_class"],
        data_coding=body["coding"],
    )


def _delivery(phone: str, shop: str, content: bytes, *, coding: int, esm_class: int) -> dict[str, Any]:
    return {
        "source": phone,
        "destination": shop,
        "content": content.hex(),
        "coding": coding,
        "esm_class": esm_class,
    }
