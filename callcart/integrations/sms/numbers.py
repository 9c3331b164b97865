"""Numbers and names of SMS: from the form a centre or provider writes them in to the form that is compared (E.164, a short code, a
name as it stands), by the country of the line; and the type that goes with what we write from and to (SMPP 3.4, 5.2.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callcart.integrations.sms.pdu import Address
from callcart.people.customers.numbers import read_phone

UNKNOWN, INTERNATIONAL, NATIONAL, OF_NETWORK, ALPHANUMERIC = 0, 1, 2, 3, 5
ISDN = 1  # the telephone numbering plan
MOST_SHORT = 8  # digits of a service's short code
# China's service numbers for SMS begin with 106 and have up to twenty digits.
_SHORT = re.compile(rf"106\d{{5,17}}|\d{{3,{MOST_SHORT}}}")
_SERVICE_IN_CHINA = re.compile(r"(106|100|95|12)\d+")
_NAME = re.compile(r"[A-Za-z0-9 &+\-_.]{1,11}")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who wrote. A name, or the short code of a service, is a machine's: there is nobody to answer."""

    address: str
    is_person: bool


def country_of(number: str) -> str:
    """The country of a line's number, by which national numbers are read; empty where it tells nothing."""
    found = read_phone(number, "") if number.startswith("+") else None
    return found.country if found else ""


def peer_of(text: str, country: str, *, ton: int = UNKNOWN) -> Peer:
    """Who an address stands for."""
    plain = "".join(c for c in text if c.isprintable()).strip()[:40]
    if ton == ALPHANUMERIC or not re.search(r"\d", plain) or re.search(r"[^\W\d_]", plain):
        return Peer(plain, False)
    if country == "CN" and ton != INTERNATIONAL and _SERVICE_IN_CHINA.fullmatch(plain):
        return Peer(plain, False)
    digits = plain if ton != INTERNATIONAL or plain.startswith("+") else "+" + plain.removeprefix("00")
    found = [read_phone(form, country) for form in dict.fromkeys((digits, plain))]
    numbers = [each for each in found if each and (each.is_valid or len(plain) > MOST_SHORT)]
    best = next((each for each in numbers if each.is_valid), numbers[0] if numbers else None)
    return Peer(best.e164, True) if best else Peer(plain, False)


def address_of(text: str) -> str:
    """What somebody has typed as an address of a telephone: E.164, or a service's number. Raises ValueError."""
    if text.strip().startswith(("+", "00", "＋")) and (found := read_phone(text, "")):
        return found.e164
    plain = re.sub(r"[\s-]", "", text)
    if _SHORT.fullmatch(plain) and plain.isascii():
        return plain
    raise ValueError("not a telephone number with its country code")


def is_sender(text: str) -> bool:
    """Whether an SMS can come from this: a number, a short code, or a name of eleven characters of ASCII."""
    if _NAME.fullmatch(text) and re.search(r"[A-Za-z]", text):
        return True
    try:
        return bool(address_of(text))
    except ValueError:
        return False


def wire(text: str) -> Address:
    """An address as submit_sm has it."""
    if re.search(r"[A-Za-z]", text):
        return Address(text, ALPHANUMERIC, UNKNOWN)
    if text.startswith("+"):
        return Address(text[1:], INTERNATIONAL, ISDN)
    return Address(text, OF_NETWORK, UNKNOWN)
