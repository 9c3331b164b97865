"""A message of ours as the bytes of a mail (RFC 5322, 2045, 2047, 2231): written by hand, line by line, so that nothing in a name, a
subject or a file's name can begin another header. All content is in base64 or quoted-printable: the bytes are seven bits wide but for
an address that is not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import quote

from callcart.contact.messaging.attach import name_of
from callcart.contact.messaging.transport import File, Outgoing
from callcart.core.clock import now
from callcart.integrations.mail import addresses
from callcart.integrations.mail.automatic import MESSAGE_ID
from callcart.integrations.mail.reading import MARK

_WIDTH = 76
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")
_CID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]{1,200}")
_MOST_REFERENCES = 30
_LONGEST_SUBJECT = 300


@dataclass(frozen=True, slots=True)
class Written:
    """A mail ready to be handed over. `wide`: an address in it needs SMTPUTF8 (RFC 6531)."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    wide: bool


def write(outgoing: Outgoing, *, sender: str, from_name: str, reply_domain: str) -> Written:
    """The mail. Raises ValueError where an address is none."""
    own = addresses.normal(sender)
    to = addresses.normal(outgoing.to)
    others = (
        each for each in map(addresses.normal, outgoing.copies) if each != to and not _is_ours(each, own)
    )
    copies = tuple(dict.fromkeys(others))
    message_id = message_id_of(outgoing.key, own)
    token = outgoing.token.lower() if re.fullmatch(MARK, outgoing.token.lower()) else ""
    answers_to = _with_token(own, token, reply_domain) if token and reply_domain else ""
    headers = [
        ("From", _mailbox(own, from_name)),
        ("To", _mailbox(to, outgoing.to_name)),
        ("Cc", ",\r\n ".join(copies)),
        ("Subject", _unstructured(_subject(outgoing.subject, token), len("Subject: "))),
        ("Date", format_datetime(now())),
        ("Message-ID", message_id),
        *_thread(outgoing.references),
        ("Reply-To", _mailbox(answers_to, from_name) if answers_to else ""),
        *_about(outgoing),
        ("MIME-Version", "1.0"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers if value)
    wide = not all(each.isascii() for each in (own, to, *copies))
    return Written(message_id, own, (to, *copies), head.encode("utf-8") + _body(outgoing), wide)


def _about(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Its language, and that a machine wrote it, so that no other machine answers (RFC 3834)."""
    language = (
        "zh-Hans"
        if outgoing.language.startswith("zh")
        else "en"
        if outgoing.language.startswith("en")
        else ""
    )
    said = [("Content-Language", language)]
    if outgoing.automatic:
        said += [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")]
    return said


def message_id_of(key: str, sender: str) -> str:
    """The Message-ID of a message: the same for the same key, and one that nothing in a key can spoil."""
    plain = key if _KEY.fullmatch(key) else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"<{plain}@{sender.rpartition('@')[2]}>"


def _is_ours(address: str, own: str) -> bool:
    """Whether it is the mailbox itself, with a mark or without: an answer to all must not come back to us."""
    local, _at, domain = own.rpartition("@")
    return address == own or (address.startswith(f"{local}+") and address.endswith(f"@{domain}"))


def _with_token(own: str, token: str, domain: str) -> str:
    return f"{own.rpartition('@')[0]}+{token}@{domain}"


def _subject(subject: str, token: str) -> str:
    plain = _line(subject)[:_LONGEST_SUBJECT]
    if not token or f"[#{token}]" in plain:
        return plain
    return f"{plain} [#{token}]".strip()


def _thread(references: Sequence[str]) -> list[tuple[str, str]]:
    """What it answers to, and the mails before that, oldest first; the first one always stays (RFC 5322, 3.6.4)."""
    known = [
        found
        for each in references
        if (found := each if each.startswith("<") else f"<{each}>")
        and MESSAGE_ID.fullmatch(found)
        and found.isascii()
    ]
    if not known:
        return []
    kept = known if len(known) <= _MOST_REFERENCES else [known[0], *known[1 - _MOST_REFERENCES :]]
    return [("In-Reply-To", known[-1]), ("References", "\r\n ".join(kept))]


def _line(text: str) -> str:
    """A text on one line, without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _mailbox(address: str, name: str) -> str:
    plain = addresses.shown(_line(name))
    if not plain or plain == address:
        return address
    if plain.isascii() and "=?" not in plain and len(plain) < 60:
        escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    return f"{_encoded(plain, 12)}\r\n <{address}>"


def _unstructured(text: str, taken: int) -> str:
    if text.isascii() and "=?" not in text and all(len(word) < 60 for word in text.split(" ")):
        return _folded(text, taken)
    return _encoded(text, taken)


def _folded(text: str, taken: int) -> str:
    lines, width = [""], taken
    for word in text.split(" "):
        if lines[-1] and width + len(word) + 1 > _WIDTH:
            lines.append("")
            width = 0
        lines[-1] += f" {word}" if lines[-1] else word
        width += len(word) + 1
    return "\r\n ".join(lines)


def _encoded(text: str, taken: int) -> str:
    """Encoded words of at most 75 characters, none of which ends within a character."""
    words: list[bytes] = [b""]
    for char in text:
        each = char.encode("utf-8", "replace")
        room = 45 if len(words) > 1 else min(45, (_WIDTH - taken - 12) * 3 // 4)
        if len(words[-1]) + len(each) > room:
            words.append(b"")
        words[-1] += each
    return "\r\n ".join(f"=?UTF-8?B?{base64.b64encode(word).decode()}?=" for word in words if word)


def _body(outgoing: Outgoing) -> bytes:
    """The content with its headers: the text, the same as HTML, the pictures in that, and files."""
    shown = [
        file for file in outgoing.files if outgoing.html and file.cid and f"cid:{file.cid}" in outgoing.html
    ]
    attached = [file for file in outgoing.files if file not in shown]
    body = _text(outgoing.text, "plain")
    if outgoing.html:
        html = _text(outgoing.html, "html")
        if shown:
            html = _together("related", [html, *(_file(file, inline=True) for file in shown)], outgoing.key)
        body = _together("alternative", [body, html], outgoing.key)
    if attached:
        body = _together("mixed", [body, *(_file(file, inline=False) for file in attached)], outgoing.key)
    return body


def _together(kind: str, parts: list[bytes], key: str) -> bytes:
    # "=_" stands neither in base64 nor in quoted-printable.
    boundary = f"=_{kind}_{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:20]}".encode()
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary + b"\r\n" + part for part in parts) + b"--" + boundary + b"--\r\n"


def _text(text: str, kind: str) -> bytes:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: ".encode()
    if sum(byte > 126 for byte in plain) * 4 > len(plain):
        return head + b"base64\r\n\r\n" + _base64(plain.replace(b"\n", b"\r\n"))
    lines = b"\r\n".join(
        binascii.b2a_qp(line, istext=False).replace(b"=\n", b"=\r\n") for line in plain.split(b"\n")
    )
    return head + b"quoted-printable\r\n\r\n" + lines + b"\r\n"


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def _file(file: File, *, inline: bool) -> bytes:
    kind = file.type.strip().lower()
    # A mail within a mail must not be in base64 (RFC 2046, 5.2.1), and a multipart is none of ours to close.
    if not _TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"
    name = name_of(_line(file.name))
    lines = [
        f"Content-Type: {kind};\r\n name={_parameter(name)}",
        f"Content-Disposition: {'inline' if inline else 'attachment'};\r\n {_file_name(name)}",
        "Content-Transfer-Encoding: base64",
    ]
    if inline and _CID.fullmatch(file.cid):
        lines.append(f"Content-ID: <{file.cid}>")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + _base64(file.content)


def _parameter(name: str) -> str:
    """A name as mail programs write it that know nothing of RFC 2231."""
    return f'"{_quoted(name)}"' if name.isascii() and len(name) < 60 else f'"{_encoded(name, 12)}"'


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _file_name(name: str) -> str:
    if name.isascii() and len(name) < 60:
        return f'filename="{_quoted(name)}"'
    pieces: list[str] = ["UTF-8''"]
    for char in name:
        each = quote(char.encode("utf-8", "replace"), safe="")
        if len(pieces[-1]) + len(each) > 55:
            pieces.append("")
        pieces[-1] += each
    return ";\r\n ".join(f"filename*{number}*={piece}" for number, piece in enumerate(pieces))
