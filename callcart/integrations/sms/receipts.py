"""Delivery receipts of SMS centres: what became of a message, by optional parameters (SMPP 3.4, 5.3.2.12 and 5.3.2.35) or by the
text of its Appendix B, which every centre writes a little differently. Only what a centre has marked as a receipt is read as one:
a customer who types such a text has typed a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callcart.integrations.sms.pdu import Short, Tag

_KIND = 0x3C  # of esm_class
_RECEIPT, _INTERMEDIATE = 0x04, 0x20
_TELEPHONES = frozenset({0x08, 0x10, 0x18})  # the other telephone's own word; not asked for

_FIELDS = re.compile(r"\b(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*[:=]\s*", re.IGNORECASE)
_STATES = {
    1: None, 2: True, 3: False, 4: False, 5: False, 6: None, 7: None, 8: False, 9: False, 0: None,
}  # fmt: skip
_STATE_WORDS = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
    9: "SKIPPED", 0: "SCHEDULED",
}  # fmt: skip
_BY_WORD = {word: state for state, word in _STATE_WORDS.items()} | {
    "DELIVERED": 2, "DELIVERD": 2, "UNDELIVERABLE": 5, "UNDELIVERED": 5, "UNDELIVRD": 5, "FAILED": 5, "REJECTED": 8,
    "ACCEPTED": 6, "BUFFRED": 1, "BUFFERED": 1, "BLOCKED": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt says. `delivered` is None where nothing is decided: still on its way, or the centre does not know. Its date is
    not read: it is of the centre's clock, whose zone nobody tells."""

    message_id: str
    delivered: bool | None
    words: str


def is_receipt(short: Short) -> bool:
    """Whether the centre says that this is one."""
    kind = short.esm_class & _KIND
    return kind in (_RECEIPT, _INTERMEDIATE) or (
        Tag.RECEIPTED_MESSAGE_ID in short.tlvs and Tag.MESSAGE_STATE in short.tlvs
    )


def is_acknowledgement(short: Short) -> bool:
    """Whether the other telephone, not a person, says that it has something."""
    return short.esm_class & _KIND in _TELEPHONES


def read(short: Short) -> Told | None:
    """A receipt; None where it names no message. Optional parameters count more than the text."""
    fields = _fields(short.payload.decode("latin-1"))
    named = short.tlvs.get(Tag.RECEIPTED_MESSAGE_ID, b"").partition(b"\0")[0].decode("latin-1").strip()
    message_id = named or fields.get("id", "")
    if not message_id:
        return None
    state = _state(short, fields)
    intermediate = short.esm_class & _KIND == _INTERMEDIATE and not _STATES.get(state or 0)
    return Told(
        message_id=message_id,
        delivered=None if intermediate or state is None else _STATES.get(state),
        words=_words(short, fields, state),
    )


def canonical(message_id: str, form: str) -> str:
    """A message's id in the form that is compared. `form`: `hex` or `decimal` where the centre writes numbers so in this place, `same`
    where both places are alike but for case and zeros in front."""
    plain = message_id.strip().lower()
    try:
        if form == "hex":
            return str(int(plain, 16))
        if form == "decimal":
            return str(int(plain, 10))
    except ValueError:
        return plain
    return plain.lstrip("0") or "0"


def _fields(text: str) -> dict[str, str]:
    """Names and values in any order; what follows `text:` is of the message and not looked at."""
    found: dict[str, str] = {}
    marks = list(_FIELDS.finditer(text))
    for at, mark in enumerate(marks):
        name = re.sub(r"[ _]", "", mark[1]).lower()
        if name == "text":
            break
        end = marks[at + 1].start() if at + 1 < len(marks) else len(text)
        found.setdefault(name, text[mark.end() : end].strip().partition(" ")[0].strip("\0,;"))
    return found


def _state(short: Short, fields: dict[str, str]) -> int | None:
    if value := short.tlvs.get(Tag.MESSAGE_STATE):
        return value[-1]
    return _BY_WORD.get(fields.get("stat", "").upper())


def _words(short: Short, fields: dict[str, str], state: int | None) -> str:
    """`UNDELIV, error 012`: the centre's own words, for whoever asks it."""
    word = (fields.get("stat") or _STATE_WORDS.get(-1 if state is None else state, "")).upper()[:20]
    error = fields.get("err", "")[:20]
    network = short.tlvs.get(Tag.NETWORK_ERROR, b"")
    if len(network) == 3:
        error = str(int.from_bytes(network[1:], "big"))
    return f"{word}, error {error}" if error.strip("0") else word
