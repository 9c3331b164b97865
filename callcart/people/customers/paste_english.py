"""Pasted English addresses: name, street, city, state and postcode, phone, in lines or between commas."""

from __future__ import annotations

import re

from callcart.people.customers.places import STATES

_PHONE = re.compile(
    r"(?<![\w#])(?:\+\d{1,3}[ .\-]?)?(?:\(\d{2,4}\)[ .\-]?)?\d{2,4}(?:[ .\-]\d{2,5}){1,4}(?![\w])|(?<![\w#])\+?\d{10,13}(?!\w)"
)
_LABELS = re.compile(
    r"\b(?P<kind>full name|name|recipient|phone|telephone|tel|mobile|cell|address|street|city|state|zip code|zip|postcode|country)"
    r"\s*[:#]\s*",
    re.IGNORECASE,
)
_ZIP = re.compile(r"(?<!\d)\d{5}(?:-\d{4})?(?!\d)")
_COUNTRIES = {"usa": "US", "us": "US", "u.s.a.": "US", "united states": "US", "united states of america": "US", "canada": "CA",
              "united kingdom": "GB", "uk": "GB", "australia": "AU"}  # fmt: skip
_BY_NAME = {name.casefold(): name for name in STATES.values()} | {
    code.casefold(): name for code, name in STATES.items()
}
_NAMES = "|".join(sorted((re.escape(each) for each in STATES.values()), key=len, reverse=True))
_STATE_ZIP = re.compile(
    rf"^(?P<city>.*?)[,\s]*\b(?P<state>{_NAMES}|(?-i:{'|'.join(STATES)}))\b[,.\s]*(?P<zip>\d{{5}}(?:-\d{{4}})?)?$",
    re.IGNORECASE,
)


def split_english(text: str) -> dict[str, str]:
    """The fields found; what belongs nowhere is in the street."""
    found = dict.fromkeys(("name", "phone", "country", "province", "city", "street", "postcode"), "")
    rest = _take_phone(text, found)
    pieces = [each.strip(" .") for each in re.split(r"[\n\r\t,;|]+", _LABELS.sub("\n", rest))]
    pieces = [each for each in pieces if each]
    pieces = _take_country(pieces, found)
    pieces = _take_state(pieces, found)
    if pieces and not found["name"] and not any(c.isdigit() for c in pieces[0]):
        found["name"] = pieces.pop(0)
    if not found["city"] and len(pieces) > 1 and not any(c.isdigit() for c in pieces[-1]):
        found["city"] = pieces.pop()
    found["street"] = ", ".join(pieces)
    return found


def _take_phone(text: str, found: dict[str, str]) -> str:
    """The last number that is long enough for a telephone and is no postcode; names stand first, numbers mostly last."""
    numbers = [
        each
        for each in _PHONE.finditer(text)
        if 7 <= sum(c.isdigit() for c in each.group()) <= 15 and not _ZIP.fullmatch(each.group().strip())
    ]
    if not numbers:
        return text
    last = numbers[-1]
    found["phone"] = last.group().strip()
    return f"{text[: last.start()]}\n{text[last.end() :]}"


def _take_country(pieces: list[str], found: dict[str, str]) -> list[str]:
    for index in range(len(pieces) - 1, -1, -1):
        if code := _COUNTRIES.get(pieces[index].casefold()):
            found["country"] = code
            return pieces[:index] + pieces[index + 1 :]
    return pieces


def _take_state(pieces: list[str], found: dict[str, str]) -> list[str]:
    """The last piece that ends in a state, with or without its postcode; the city stands before it, in it or as a piece."""
    for index in range(len(pieces) - 1, 0, -1):
        match = _STATE_ZIP.match(pieces[index])
        if match is None:
            continue
        found["province"], found["postcode"] = _BY_NAME[match["state"].casefold()], match["zip"] or ""
        found["country"] = found["country"] or "US"
        left, right = pieces[:index], pieces[index + 1 :]
        found["city"] = match["city"].strip(" ,.")
        if not found["city"] and len(left) > 1 and not any(c.isdigit() for c in left[-1]):
            found["city"] = left.pop()
        if not found["postcode"] and right and _ZIP.fullmatch(right[0]):
            found["postcode"] = right.pop(0)
        return left + right
    return pieces
