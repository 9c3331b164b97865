"""Mails to test with, written out as they go over the wire, and the line they come in by."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.messaging.transport import Incoming, LineFacts
from callcart.integrations.mail.reading import read

LINE = LineFacts(
    id=UUID(int=1),
    tenant_id=1,
    address="help@shop.example",
    name="Harbor Goods",
    values={"reply_domain": "in.shop.example"},
)
HEAD = "From: Ada Byron <ADA@Example.com>\nTo: help@shop.example\nSubject: My order\nDate: Sun, 29 Nov 2026 10:00:00 +0000\nMessage-ID: <a1@example.com>\n"


def mail(text: str = "Hello\n", *, head: str = "", charset: str = "utf-8") -> bytes:
    """A mail with more headers in front, its body in a charset."""
    return wire(f"{head}{HEAD}") + _crlf(text).encode(charset)


def wire(head: str) -> bytes:
    """Headers as bytes, with the empty line below them."""
    return _crlf(head.rstrip("\n") + "\n\n").encode("utf-8", "surrogateescape")


def got(content: bytes, line: LineFacts = LINE) -> Incoming:
    """The message in a mail."""
    incoming = read(line, content)
    assert incoming is not None
    return incoming


def parts(*parts: str, kind: str = "mixed", head: str = "") -> bytes:
    """A mail of several parts, each with its headers."""
    body = "".join(f"--b\n{part}\n" for part in parts)
    return mail(f"{body}--b--\n", head=f'{head}Content-Type: multipart/{kind}; boundary="b"\n')


def html(text: str) -> bytes:
    """A mail of HTML only."""
    return mail(text, head="Content-Type: text/html; charset=utf-8\n")


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
