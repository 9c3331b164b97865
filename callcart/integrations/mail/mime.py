"""A mail taken apart, whatever is wrong with it. The standard library's parser does the work, with bounds it does not have itself:
on nesting, parts and headers. What a bound cuts off is named, never a reason to lose the rest.
"""

from __future__ import annotations

import re
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from callcart.contact.messaging.attach import name_of
from callcart.integrations.mail import charsets

DEEPEST = 25
MOST_PARTS = 500
MOST_HEADERS = 5_000
LONGEST_HEADER = 200_000  # of addresses: 500 recipients are 30,000
LONGEST_CONTENT_HEADER = 8_000  # its parameters are split in quadratic time
_MOST_OF_ONE = 30  # headers of one name that are looked at
_PIECE = 256 * 1024
_META = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=[\s\"']{0,9}([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9-]+")
_TOKEN = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")


class Part(Message):
    """A mail, or a part of one. Mails within it stay closed: they are files."""

    too_deep = False

    def get_content_type(self) -> str:
        """What the parser goes by: it is not to look into what stays closed."""
        return "x-closed/x-closed" if self.too_deep or self.kind.startswith("message/") else self.kind

    @property
    def kind(self) -> str:
        """The type it says it is of."""
        kind = super().get_content_type()
        return kind if _TOKEN.fullmatch(kind) else "application/octet-stream"

    def text_of(self, name: str) -> str:
        """A header as it is read; empty where it is missing, the first of several."""
        return charsets.header(str(self.get(name, "")))

    def raw_of(self, name: str) -> str:
        return str(self.get(name, ""))

    def all_of(self, name: str) -> list[str]:
        return [str(value) for value in self.get_all(name, [])[:_MOST_OF_ONE]]

    def parts(self) -> list[Part]:
        """The parts of a multipart; none of anything else."""
        payload = self.get_payload()
        return [each for each in payload if isinstance(each, Part)] if isinstance(payload, list) else []

    def content(self) -> bytes:
        """The bytes of a part that has no parts, its transfer encoding undone as far as it goes."""
        payload = self.get_payload(decode=True)
        return payload if isinstance(payload, bytes) else b""

    def text(self, most: int) -> str:
        """Its content as text, from at most so many bytes."""
        content = self.content()[:most]
        label = self._parameter("content-type", "charset")
        if not label and self.kind == "text/html" and (found := _META.search(content[:2048])):
            label = found[1].decode("ascii")
        return charsets.decode(content, label)

    @property
    def disposition(self) -> str:
        """`inline`, `attachment` or empty."""
        return self.raw_of("content-disposition").partition(";")[0].strip().lower()

    @property
    def cid(self) -> str:
        return charsets.header(self.raw_of("content-id")).strip("<> ")[:200]

    @property
    def name(self) -> str:
        """What the file is called, as it may be shown; empty where it says no name."""
        said = self._parameter("content-disposition", "filename") or self._parameter("content-type", "name")
        return name_of(charsets.header(said)) if said.strip() else ""

    def parameter(self, name: str) -> str:
        """A parameter of its type, in lower case."""
        return self._parameter("content-type", name).lower()

    def _parameter(self, header: str, name: str) -> str:
        try:
            value = self.get_param(name, "", header)
        except (ValueError, IndexError, TypeError, UnicodeError):  # of the library, for what is ill-formed
            return ""
        if isinstance(value, tuple):  # of RFC 2231: charset, language, and bytes as if they were Latin-1
            return charsets.decode(value[2].encode("latin-1", "replace"), value[0] or "")
        return str(value)


class _TooMany(Exception):
    """There is more of it than anybody wrote."""


if TYPE_CHECKING:
    _Base = BytesFeedParser[Part]
    _Headers = Compat32[Part]
else:
    _Base, _Headers = BytesFeedParser, Compat32


class _Bounded(_Headers):
    """Headers as they are, each of a length that can be worked with, and not endlessly many."""

    seen = 0

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        self.__dict__["seen"] = self.seen + 1  # policies refuse to be changed; this one is of one mail
        if self.seen > MOST_HEADERS:
            raise _TooMany
        name, value = super().header_source_parse(sourcelines)
        if name.lower() == "content-transfer-encoding" and (word := _WORD.search(value)):
            value = word[0]  # whatever else somebody wrote behind it
        most = LONGEST_CONTENT_HEADER if name.lower().startswith("content-") else LONGEST_HEADER
        return name, value[:most]

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


class _Parser(_Base):
    """The library's parser, told where to stop."""

    count = 0
    root: Part | None = None
    cut = False

    def _new_message(self) -> None:
        self.count += 1
        if self.count > MOST_PARTS:
            raise _TooMany
        super()._new_message()  # type: ignore[misc]
        self.root = self.root or self._cur
        if len(self._msgstack) > DEEPEST:
            self._cur.too_deep = self.cut = True

    _cur: Part
    _msgstack: list[Part]


def parse(content: bytes) -> tuple[Part, list[str]]:
    """The mail and notes on what was left out of it. Raises ValueError where there is no mail at all."""
    parser = _Parser(_factory=Part, policy=_Bounded())
    notes: list[str] = []
    content = content.lstrip(b"\r\n\x00 ")
    try:
        for at in range(0, len(content), _PIECE):
            parser.feed(content[at : at + _PIECE])
        parser.close()
    except _TooMany:
        notes.append(_("This mail has more parts than can be shown; only the first of them are here."))
    if parser.root is None:
        raise ValueError(_("There is nothing in this mail."))
    if parser.cut:
        notes.append(_("This mail is nested too deep; what lies deeper is among its files."))
    return _mended(parser.root), notes


_BOUNDARY = re.compile(rb"^--([^\r\n]{1,70}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)


def _mended(root: Part) -> Part:
    """A multipart whose parts were not found, since it names another boundary than it uses, or none: taken apart at the lines that
    look like one."""
    if not root.kind.startswith("multipart/") or root.is_multipart():
        return root
    body = root.content()
    found = _BOUNDARY.search(body)
    if found is None:
        return root
    head = b'Content-Type: multipart/mixed; boundary="' + found[1].replace(b'"', b"") + b'"\r\n\r\n'
    parser = _Parser(_factory=Part, policy=_Bounded())
    try:
        parser.feed(head + body)
        parser.close()
    except _TooMany:
        return root
    if parser.root is not None and parser.root.is_multipart():
        root.set_payload(parser.root.get_payload())
    return root
