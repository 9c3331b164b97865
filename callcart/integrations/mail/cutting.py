"""A mail too large to be taken whole: its headers and texts, made into a mail of their own with a list of what was left out. The list
stands in lines before the mail, where nobody who writes one can put any: a server's own come first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from callcart.integrations.mail import addresses, charsets

MOST = 30 * 1024 * 1024  # bytes of a mail taken whole
MOST_HEADERS = 256 * 1024
MOST_TEXT = 500_000  # bytes of one text part, as it is transferred
MOST_TEXTS = 6
_MOST_LISTED = 50
_DEEPEST = 20
_MARK = b"X-Callcart-Cut: "
_LEFT_OUT = b"X-Callcart-Left-Out: "
_WHOLE = b"X-Callcart-Whole: yes\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a mail on its server, by its section number (RFC 3501, 6.4.5)."""

    section: str
    size: int
    is_text: bool
    name: str


def pieces(structure: Any) -> list[Piece]:
    """The leaves of a BODYSTRUCTURE as the IMAP library gives it; whatever is odd in one is passed over."""
    found: list[Piece] = []
    for section, part in _leaves(structure, "", 0):
        if len(found) >= 200:
            break
        size = part[6] if len(part) > 6 and isinstance(part[6], int) else 0
        kind = f"{_word(part[0])}/{_word(part[1])}"
        disposition = next(
            (
                each
                for each in part[8:]
                if isinstance(each, tuple) and len(each) == 2 and _is_disposition(each)
            ),
            None,
        )
        name = _name(part[2]) or (_name(disposition[1]) if disposition else "")
        attached = disposition is not None and _word(disposition[0]) == "attachment"
        found.append(
            Piece(section, size, kind in {"text/plain", "text/html"} and not attached and not name, name)
        )
    return found


def _leaves(structure: Any, section: str, depth: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if not isinstance(structure, tuple) or not structure or depth > _DEEPEST:
        return
    if isinstance(structure[0], list):
        for number, each in enumerate(structure[0], 1):
            yield from _leaves(each, f"{section}.{number}" if section else str(number), depth + 1)
    elif len(structure) > 2:
        yield section or "1", structure


def _is_disposition(each: tuple[Any, ...]) -> bool:
    return isinstance(each[0], bytes) and _word(each[0]) in {"attachment", "inline"}


def _word(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def _name(parameters: Any) -> str:
    if not isinstance(parameters, tuple):
        return ""
    plain = [each if isinstance(each, bytes) else b"" for each in parameters]
    named = {
        key.decode("ascii", "replace").lower(): value
        for key, value in zip(plain[::2], plain[1::2], strict=False)
    }
    value = named.get("filename") or named.get("name") or b""
    return addresses.shown(charsets.header(value.decode("ascii", "surrogateescape")))


def made(headers: bytes, texts: list[tuple[bytes, bytes]], left_out: list[Piece], size: int) -> bytes:
    """A mail of headers and texts (each with its own headers), and what was left out of one of that many bytes."""
    boundary = b"=_cut_" + hashlib.sha256(headers).hexdigest()[:24].encode()
    lines = [_MARK + str(size).encode() + b"\r\n"]
    for piece in left_out[:_MOST_LISTED]:
        lines.append(_LEFT_OUT + f"{piece.size} {piece.name.encode('utf-8').hex()}\r\n".encode())
    lines.append(_without_content(headers))
    kind = (
        b"alternative"
        if len(texts) == 2 and sum(b"text/html" in head.lower() for head, _text in texts) == 1
        else b"mixed"
    )
    lines.append(
        b"MIME-Version: 1.0\r\nContent-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n'
    )
    for head, content in texts:
        lines.append(b"--" + boundary + b"\r\n" + head.strip() + b"\r\n\r\n" + content + b"\r\n")
    lines.append(b"--" + boundary + b"--\r\n")
    return b"".join(lines)


def _without_content(headers: bytes) -> bytes:
    head = re.split(rb"\r?\n\r?\n", headers.lstrip(b"\r\n"), maxsplit=1)[0].rstrip(b"\r\n") + b"\r\n"
    return re.sub(
        rb"(?im)^(content-[^\s:]+|mime-version|x-callcart-[^\s:]+)[ \t]*:.*\r?\n([ \t].*\r?\n)*", b"", head
    )


def whole(content: bytes) -> bytes:
    """A mail taken whole, which can never be mistaken for one that was cut."""
    return _WHOLE + content if content.lstrip(b"\r\n\x00 ").startswith(_MARK) else content


def opened(content: bytes) -> tuple[bytes, list[str]]:
    """The mail, and notes for people on what was left out of it."""
    if not content.startswith(_MARK):
        return content, []
    first, _end, rest = content.partition(b"\r\n")
    notes = [
        _(
            "This mail of %(size)s MB was too large to be taken whole; only its text is here. The rest is in the mailbox."
        )
        % {"size": _megabytes(first[len(_MARK) :])}
    ]
    while rest.startswith(_LEFT_OUT):
        line, _end, rest = rest.partition(b"\r\n")
        size, _space, name = line[len(_LEFT_OUT) :].partition(b" ")
        called = bytes.fromhex(name.decode("ascii", "replace")).decode("utf-8", "replace") if name else ""
        notes.append(
            _("Left out: %(name)s (%(size)s MB)")
            % {"name": called or _("a part without a name"), "size": _megabytes(size)}
        )
    return rest, notes


def _megabytes(size: bytes) -> str:
    count = int(size) if size.isdigit() else 0
    return format_decimal(count / (1024 * 1024), format="#,##0.#", locale=to_locale(get_language() or "en"))
