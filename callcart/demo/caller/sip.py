"""SIP messages (RFC 3261) to text and back: just what a telephone needs. Pure; nothing here sends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "l": "content-length",
    "k": "supported", "e": "content-encoding", "s": "subject",
}  # fmt: skip
COPIED = ("via", "from", "to", "call-id", "cseq", "record-route")
_URI = re.compile(r"<([^>]*)>")
_TAG = re.compile(r";\s*tag=([^;>\s]+)", re.IGNORECASE)


class NotSip(ValueError):
    """These bytes are no SIP message."""


@dataclass(slots=True)
class Message:
    """A request (`method` and `uri`) or a response (`status` and `reason`). Header names are kept in lower case, in order."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def get(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of the CSeq; NotSip where it makes no sense."""
        number, _, method = self.get("cseq").strip().partition(" ")
        if not number.isdecimal() or not method.strip():
            raise NotSip("CSeq")
        return int(number), method.strip().upper()

    def to_bytes(self) -> bytes:
        first = f"{self.method} {self.uri} SIP/2.0" if self.method else f"SIP/2.0 {self.status} {self.reason}"
        body = self.body.encode()
        lines = [first, *(f"{_written(name)}: {value}" for name, value in self.headers)]
        lines += [f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode() + body


def parse(data: bytes) -> Message:
    """A message as it came. Raises NotSip."""
    head, _, body = data.partition(b"\r\n\r\n")
    try:
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode()).split("\r\n")
        text = body.decode(errors="replace")
    except UnicodeDecodeError as error:
        raise NotSip("not text") from error
    message = _first_line(lines[0])
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise NotSip(line)
        name = name.strip().lower()
        name = _COMPACT.get(name, name)
        if name != "content-length":
            message.headers.append((name, value.strip()))
    message.body = text
    return message


def _first_line(line: str) -> Message:
    parts = line.split(" ", 2)
    if len(parts) < 2:
        raise NotSip(line)
    if parts[0] == "SIP/2.0":
        if not parts[1].isdecimal():
            raise NotSip(line)
        return Message(status=int(parts[1]), reason=parts[2] if len(parts) > 2 else "")
    if len(parts) != 3 or parts[2] != "SIP/2.0":
        raise NotSip(line)
    return Message(method=parts[0].upper(), uri=parts[1])


def reply(request: Message, status: int, reason: str, *, tag: str = "") -> Message:
    """A response to a request; `tag` is ours, added to To where it has none."""
    answer = Message(status=status, reason=reason)
    for name in COPIED:
        for value in request.all(name):
            if name == "to" and tag and not tag_of(value):
                value = f"{value};tag={tag}"
            answer.headers.append((name, value))
    return answer


def tag_of(value: str) -> str:
    """The tag of a From or To; empty where there is none."""
    found = _TAG.search(value)
    return found.group(1) if found else ""


def uri_of(value: str) -> str:
    """The address within a Contact, From or To."""
    found = _URI.search(value)
    return found.group(1) if found else value.partition(";")[0].strip()


def branch_of(message: Message) -> str:
    """The branch of the topmost Via."""
    found = re.search(r";\s*branch=([^;,\s]+)", message.get("via"), re.IGNORECASE)
    return found.group(1) if found else ""


def _written(name: str) -> str:
    special = {"call-id": "Call-ID", "cseq": "CSeq"}
    return special.get(name) or "-".join(part.capitalize() for part in name.split("-"))
