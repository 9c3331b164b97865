"""Addresses of mail: the one form in which they are compared, and lists of them as mail programs write them, well or badly."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna
from django.utils.translation import gettext as _

from callcart.core.normal import normal_form
from callcart.integrations.mail import charsets

LONGEST = 254
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?"
)
_REVERSING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Named:
    """An address in the form that is compared, and the name before it."""

    address: str
    name: str = ""


def normal(text: str) -> str:
    """An address in the form that is compared: lower case, its domain in ASCII (RFC 5891). Raises ValueError in words."""
    if len(text) > 4 * LONGEST:  # names of hosts are made plain in quadratic time
        raise ValueError(_("This is not a mail address."))
    local, at, domain = normal_form("NFKC", text).strip().strip("<>").rpartition("@")
    local = normal_form("NFC", local).lower()
    host = _ascii(domain.strip().lower())
    if not at or not _LOCAL.fullmatch(local) or not host or len(local) + 1 + len(host) > LONGEST:
        raise ValueError(_("This is not a mail address."))
    if local.startswith(".") or local.endswith(".") or _REVERSING.search(local):
        raise ValueError(_("This is not a mail address."))
    return f"{local}@{host}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        plain = domain
    else:
        try:
            plain = idna.encode(domain, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            return ""
    return plain.rstrip(".") if _DOMAIN.fullmatch(plain) else ""


def several(raw: str, most: int) -> list[Named]:
    """The first so many addresses of a header; what is none is left out. Nothing in a header makes this take long or fail."""
    found: list[Named] = []
    for name, text in _items(charsets.unfolded(raw)):
        try:
            found.append(Named(normal(text), shown(charsets.header(name))))
        except ValueError:
            continue
        if len(found) >= most:
            break
    return found


def shown(name: str) -> str:
    """A name as it may be shown: on one line, short, not turning round what stands after it."""
    return " ".join(shown_text(name).strip(" '\"").split())[:120]


def shown_text(text: str) -> str:
    """A line of text without characters that turn round or hide what stands next to it."""
    return _REVERSING.sub("", text)


# A quoted name, an address in brackets, what parts entries, anything else.
_TOKEN = re.compile(r'"((?:\\.|[^"\\]){0,400})"|<([^<>]*)>?|([,;])|([^"<,;]+|.)', re.DOTALL)
_COMMENT = re.compile(r"\([^()]*\)")


def _items(text: str) -> list[tuple[str, str]]:
    """Name and address of each entry, parted at commas and at the semicolons that some programs and groups use (RFC 5322, 3.4)."""
    items: list[tuple[str, str]] = []
    name, address = "", ""
    for quoted, bracketed, mark, free in _TOKEN.findall(f"{text},"):
        if mark:
            items.append(_item(name, address))
            name, address = "", ""
        elif bracketed:
            address = address or bracketed
        else:
            name += re.sub(r"\\(.)", r"\1", quoted) if quoted else free.strip(">")
    return [each for each in items if each[1]]


def _item(name: str, address: str) -> tuple[str, str]:
    plain = _COMMENT.sub("", _COMMENT.sub("", name)).strip()
    if address:
        return plain.rpartition(":")[2].strip(), address.strip()  # before it stands a group's name
    return "", next((word for word in re.split(r"[\s:]", plain) if "@" in word), "")
