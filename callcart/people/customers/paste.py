"""An address pasted in one piece, split into its fields: Chinese with or without separators, or English.

Nothing of it is lost: what cannot be placed goes to the street. Nothing is believed either: the fields are shown to be
checked, `doubtful` names those to look at first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callcart.people.customers.paste_chinese import find_place, looks_like_name, name_before, tail_name
from callcart.people.customers.paste_english import split_english

LONGEST = 1000
ORDER = ("name", "phone", "province", "city", "district", "street", "postcode")

_HAN = re.compile(r"[\u3400-\u9fff]")
_WIDE = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))} | {
    0x3000: 0x20, 0xFF0D: 0x2D, 0xFF0B: 0x2B,
}  # fmt: skip
_LABEL = re.compile(
    r"(?P<name>收货人姓名|收件人姓名|收货人|收件人|联系人|姓名)|(?P<phone>手机号码|手机号|手机|联系电话|电话号码|电话)"
    r"|(?P<place>所在地区|所在省市|地区|省市区)|(?P<street>详细地址|收货地址|收件地址|街道地址|地址)|(?P<postcode>邮政编码|邮编)"
)
_LABELLED = re.compile(rf"(?:{_LABEL.pattern})\s*[:：]\s*")
_MOBILE = re.compile(r"(?<![\dA-Za-z])(?:(?:\+|00)?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
_LANDLINE = re.compile(
    r"(?<![\dA-Za-z])(?:\+?86[-\s]?)?0\d{2,3}[-\s]\d{7,8}(?!\d)|(?<!\d)0\d{2,3}\d{7,8}(?!\d)"
)
_POSTCODE = re.compile(r"(?<![\dA-Za-z])\d{6}(?![\dA-Za-z号室楼栋])")
_BREAK = "\n"
_BREAKS = re.compile(r"[\n\r\t ,，;；、|｜。]+")


@dataclass(frozen=True, slots=True)
class PastedAddress:
    """The fields as they were found; `country` is empty where nothing says it. `doubtful`: fields that are missing or
    guessed, in the order of the form."""

    name: str = ""
    phone: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""
    doubtful: tuple[str, ...] = ()


def read_pasted(text: str) -> PastedAddress:
    """Split an address of at most `LONGEST` characters (what is beyond is not read); an empty one of empty text."""
    plain = text[:LONGEST].translate(_WIDE).strip()
    if not plain:
        return PastedAddress(doubtful=("name", "phone", "city", "street"))
    if _HAN.search(plain):
        return _chinese(plain)
    found = split_english(plain)
    doubtful = {name for name in ("name", "phone", "city", "street") if not found.get(name)}
    if found.get("country") in {"", "US"}:
        doubtful |= {name for name in ("province", "postcode") if not found.get(name)}
    return PastedAddress(**found, doubtful=tuple(name for name in ORDER if name in doubtful))


@dataclass(slots=True)
class _Pieces:
    """What is left to be placed, cut where something was taken out; and what a label said of the piece after it."""

    text: str
    phone: str = ""
    postcode: str = ""
    named: str = ""


def _chinese(plain: str) -> PastedAddress:
    pieces = _Pieces(plain)
    _take_labelled_name(pieces)
    _take_phone(pieces)
    _take_postcode(pieces)
    pieces.text = _LABELLED.sub(_BREAK, pieces.text)
    segments = [each.strip(" :：-") for each in _BREAKS.split(pieces.text)]
    segments = [each for each in segments if each]
    place = find_place(segments)
    before, after = place.before, place.after
    name, guessed = pieces.named, False
    if not name:
        name, before, after, guessed = _name_of(before, after)
    street = "".join([*before, *after]) if _all_han(before, after) else " ".join([*before, *after])
    doubtful = set(place.doubtful)
    doubtful |= {"name"} if guessed or not name else set()
    doubtful |= {"phone"} if not pieces.phone else set()
    doubtful |= {"street"} if not after else set()
    return PastedAddress(
        name=name,
        phone=pieces.phone,
        country="CN" if place.province or place.city else "",
        province=place.province,
        city=place.city,
        district=place.district,
        street=street,
        postcode=pieces.postcode,
        doubtful=tuple(each for each in ORDER if each in doubtful),
    )


def _all_han(before: list[str], after: list[str]) -> bool:
    """Whether pieces of the street can stand without blanks between them."""
    return all(
        not (one[-1].isascii() and other[0].isascii())
        for one, other in zip(before + after, (before + after)[1:], strict=False)
    )


def _take_labelled_name(pieces: _Pieces) -> None:
    for found in _LABELLED.finditer(pieces.text):
        if found.lastgroup == "name" and found.group("name"):
            rest = pieces.text[found.end() :]
            end = re.search(r"[\n\r\t,，;；、|\d]|\s{2,}|\s(?=\S*[:：])", rest)
            stop = end.start() if end else len(rest)
            label = _LABEL.search(rest[:stop])
            stop = label.start() if label and label.start() else stop
            name = rest[:stop].strip()
            if 0 < len(name) <= 20:
                pieces.named = name
                pieces.text = pieces.text[: found.start()] + _BREAK + rest[stop:]
            return


def _take_phone(pieces: _Pieces) -> None:
    """The first mobile number, else the first landline. The others stay where they are."""
    found = _MOBILE.search(pieces.text) or _LANDLINE.search(pieces.text)
    if found:
        pieces.phone = found.group().strip()
        pieces.text = pieces.text[: found.start()] + _BREAK + pieces.text[found.end() :]


def _take_postcode(pieces: _Pieces) -> None:
    """Six digits that stand by themselves or after their label."""
    labelled = re.search(r"(?:邮政编码|邮编)\s*[:：]?\s*(\d{6})(?!\d)", pieces.text)
    alone = None
    if not labelled:
        for found in _POSTCODE.finditer(pieces.text):
            before = pieces.text[: found.start()].rstrip(" ")
            after = pieces.text[found.end() :].lstrip(" ")
            if _edge(before[-1:]) and _edge(after[:1]):
                alone = found
    if labelled:
        pieces.postcode = labelled[1]
        pieces.text = pieces.text[: labelled.start()] + _BREAK + pieces.text[labelled.end() :]
    elif alone:
        pieces.postcode = alone.group()
        pieces.text = pieces.text[: alone.start()] + _BREAK + pieces.text[alone.end() :]


def _edge(character: str) -> bool:
    return not character or character in "\n\r\t,，;；、|"


def _name_of(before: list[str], after: list[str]) -> tuple[str, list[str], list[str], bool]:
    """A name among what is left: a piece of its own before or after the address, or stuck to its beginning or end."""
    for pieces in (before, after[1:] if after else []):
        for index, piece in enumerate(pieces):
            if looks_like_name(piece):
                rest_before = [*before[:index], *before[index + 1 :]] if pieces is before else before
                rest_after = after if pieces is before else [after[0], *pieces[:index], *pieces[index + 1 :]]
                return piece, rest_before, rest_after, False
    if before and (stuck := name_before(before[0])):
        name, rest = stuck
        return name, [*([rest] if rest else []), *before[1:]], after, True
    if after and (stuck := tail_name(after[-1])):
        rest, name = stuck
        return name, before, [*after[:-1], rest], True
    return "", before, after, False
