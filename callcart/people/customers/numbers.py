"""Telephone numbers: any form somebody types or a trunk sends, made one (E.164), by the numbering plans of
`phonenumbers` read in the tenant's country. A number is kept when it is possible; plans change faster than tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.normal import normal_form
from callcart.people.tenants.public import get_tenant

MOST_TYPED = 40
_HIDDEN = frozenset(
    {
        "", "anonymous", "anonim", "unknown", "unavailable", "restricted", "private", "withheld", "blocked", "hidden",
        "null", "none", "asterisk", "guest", "noname", "s", "0", "00", "000", "266696687", "+266696687",
    }
)  # fmt: skip
_ADDRESS = re.compile(r"(?:sips?:|tel:)?([^@;<>]*)", re.IGNORECASE)
_FILLING = re.compile(r"[\s().\-/·•\u2010-\u2015\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_EXTENSION = re.compile(r"(?:;ext=|,|#|ext\.?|x|转|分机)[\s:]*\d*$", re.IGNORECASE)


class CallerReason(StrEnum):
    """What a caller's number turned out to be."""

    NUMBER = "number"
    FOREIGN = "foreign"
    HIDDEN = "hidden"
    INTERNAL = "internal"  # too short for a number of anybody outside
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number in E.164, and the country of its plan (empty where it has none: +800 …)."""

    e164: str
    country: str
    is_foreign: bool
    is_valid: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who seems to be calling. `e164` is empty unless the reason is `number` or `foreign`; `raw` is what came, cut and
    cleaned, for the record."""

    e164: str
    raw: str
    reason: CallerReason
    country: str = ""


def normalise_phone(raw: str, country: str = "", *, field: str = "phone") -> PhoneNumber:
    """Read a number in any form; `country` defaults to the tenant's. Raises Invalid naming `field`."""
    found = read_phone(raw, country or get_tenant().country) if len(raw) <= MOST_TYPED else None
    if found is None:
        raise Invalid(fields={field: _("This is not a telephone number.")})
    return found


def read_caller(raw: str, country: str = "") -> Caller:
    """Read what a trunk says of the caller; never fails."""
    kept = "".join(c for c in raw[:200] if c.isprintable()).strip()[:64]
    matched = _ADDRESS.match(kept)
    user = _FILLING.sub("", matched.group(1) if matched else "").casefold()
    if user in _HIDDEN or user.startswith("anonymous"):
        return Caller("", kept, CallerReason.HIDDEN)
    found = read_phone(user, country or get_tenant().country)
    if found is not None:
        reason = CallerReason.FOREIGN if found.is_foreign else CallerReason.NUMBER
        return Caller(found.e164, kept, reason, found.country)
    short = user.isascii() and user.isdecimal() and len(user) <= 6
    return Caller("", kept, CallerReason.INTERNAL if short else CallerReason.MALFORMED)


@lru_cache(maxsize=4096)
def read_phone(raw: str, country: str) -> PhoneNumber | None:
    """The number a text stands for, or None. Tried: as dialled in `country`, as international behind `00` or `011` (a trunk may come from
    anywhere) or without its `+`; the first that is valid counts, else the first that is possible."""
    text = normal_form("NFKC", raw).strip()
    text = _EXTENSION.sub("", text.removeprefix("tel:"))
    text = _FILLING.sub("", text.replace("(0)", ""))
    if not re.fullmatch(r"\+?\d{5,20}", text) or not text.isascii():
        return None
    best, region, is_valid = None, "", False
    for form in _forms(text):
        parsed = _parsed(form, country)
        if parsed is None:
            continue
        # Asked once of each: the whole plan of a country is tried, and a file has very many numbers.
        of = phonenumbers.region_code_for_number(parsed) or ""
        valid = bool(of) and phonenumbers.is_valid_number_for_region(parsed, of)
        if best is None or valid:
            best, region, is_valid = parsed, of, valid
        if valid:
            break
    if best is None:
        return None
    return PhoneNumber(
        e164=str(phonenumbers.format_number(best, phonenumbers.PhoneNumberFormat.E164)),
        country=region,
        is_foreign=best.country_code != phonenumbers.country_code_for_region(country),
        is_valid=is_valid,
    )


def digits_of(text: str) -> str:
    """Only the digits, in any script's form."""
    return "".join(c for c in normal_form("NFKC", text) if c.isascii() and c.isdecimal())


def _forms(text: str) -> list[str]:
    if text.startswith("+"):
        # No country's code begins with 0: a trunk has put its + before a number as it is dialled.
        return _forms(text[1:]) if text.startswith("+0") else [text]
    forms = [text]
    forms += ["+" + text.removeprefix(prefix) for prefix in ("00", "011") if text.startswith(prefix)]
    if len(text) >= 10 and not text.startswith("0"):
        forms.append("+" + text)
    return forms


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
