"""What came by SMPP as messages: peers, texts put together of their parts, and notes on what was left out. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from callcart.contact.messaging.transport import File, Incoming
from callcart.integrations.sms import alphabet, header
from callcart.integrations.sms.half_read import Group
from callcart.integrations.sms.numbers import Peer, peer_of
from callcart.integrations.sms.pdu import BadBody, Short, decode_short

GAP = "…"
Piece = tuple[int, bytes]  # a data coding, and bytes in it
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a line's centre writes: `latin`, its default alphabet; the country of national numbers; the form of ids in receipts."""

    country: str = ""
    latin: bool = False
    receipt_form: str = "same"


def of_short(external_id: str, short: Short, reading: Reading) -> Incoming:
    """A message that is one SMS."""
    peer = peer_of(short.source.text, reading.country, ton=short.source.ton)
    piece = (short.data_coding, header.read(short)[1])
    return _message(external_id, peer, [[piece]], [], reading)


def of_group(group: Group, reading: Reading) -> Incoming:
    """A message of its parts. One given out with parts missing has a name of its own, so that the whole can still come."""
    runs: list[list[Piece]] = [[]]
    for number in range(1, group.total + 1):
        if part := group.parts.get(number):
            runs[-1].append(part)
        elif number == 1 or number - 1 in group.parts:
            runs.append([])
    missing = [str(number) for number in range(1, group.total + 1) if number not in group.parts]
    words = _("Of %(total)s parts of this SMS, part %(missing)s did not arrive.")
    notes = [words % {"total": group.total, "missing": ", ".join(missing)}] if missing else []
    name = f"{group.id}-{len(group.parts)}" if missing else group.id
    return _message(name, peer_of(group.source, reading.country, ton=group.ton), runs, notes, reading)


def of_raw(content: bytes, reading: Reading) -> Incoming:
    """A delivery that was kept raw, tried again. Raises ValueError with words for people."""
    try:
        return of_short(hashlib.sha256(content).hexdigest(), decode_short(content), reading)
    except BadBody:
        words = _("The SMS centre sent something that is no SMS: %(bytes)s")
        raise ValueError(words % {"bytes": content[:40].hex(" ")}) from None


def language_of(text: str) -> str:
    """Chinese where most of it is, a character for three letters; nothing is guessed otherwise."""
    han = len(_HAN.findall(text))
    return "zh-hans" if han and han * 3 >= sum(c.isascii() and c.isalpha() for c in text) else ""


def unanswerable() -> str:
    """The note on a message that nobody can answer."""
    return _("It came from a service and not from a telephone; nobody can answer it.")


def _message(
    external_id: str, peer: Peer, runs: list[list[Piece]], notes: list[str], reading: Reading
) -> Incoming:
    pieces = [piece for run in runs for piece in run]
    files: tuple[File, ...] = ()
    if pieces and all(alphabet.is_binary(coding) for coding, _content in pieces):
        data = b"".join(content for _coding, content in pieces)
        files, text = (File("message.bin", "application/octet-stream", data),), ""
        notes = [*notes, _("This SMS holds data for a telephone, and no text.")]
    else:
        text = GAP.join(_text(run, reading) for run in runs)
    if not peer.is_person:
        notes = [*notes, unanswerable()]
    return Incoming(
        external_id=external_id,
        peer=peer.address,
        text=text,
        automatic=not peer.is_person,
        language=language_of(text),
        notes=tuple(notes),
        files=files,
    )


def _text(run: list[Piece], reading: Reading) -> str:
    """The bytes of parts that follow each other are joined before they are read: a character may lie on the cut."""
    if len({coding for coding, _content in run}) == 1:
        run = [(run[0][0], b"".join(content for _coding, content in run))]
    return "".join(alphabet.decode(content, coding, latin=reading.latin) for coding, content in run)
