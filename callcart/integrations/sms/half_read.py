"""How far a line has been read: parts of messages whose other parts are still to come, and what was acknowledged of which the
centre may not have heard. Kept as the line's cursor, so that a part is acknowledged only when it cannot be lost any more,
on whatever machine the line is read next.

SMPP gives a message delivered again no name by which it could be known. It is known by what it says, but only where one may
come again: its acknowledgement was the last thing on a connection that broke, or came late. A customer who writes "1" twice
has written twice.

A part that has come before within the hour is `spare`: most likely it is that part again, and is not to be taken for one of the next
message with its reference. It may as well be of a new message that says the same in this place: a message takes a spare part
it lacks, and at the latest when it would be given out without.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from callcart.core.ids import new_id
from callcart.integrations.sms.header import Place
from callcart.integrations.sms.pdu import Short, Tag

PARTS_WAIT = 600.0  # seconds until a message is given out without the parts that did not come
DOUBT = 3600.0  # seconds in which what may not have been heard may come again
MOST_GROUPS = 100
MOST_BYTES = 64 * 1024  # of all parts; the longest message that can be is 36 kB
MOST_DOUBTS = 500  # remembered acknowledgements


@dataclass(slots=True)
class Group:
    """The parts of one message that are there: number → data coding and bytes. `spare`: all of them have come before."""

    id: str
    source: str
    ton: int
    destination: str
    reference: str
    total: int
    at: float
    parts: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    spare: bool = False

    @property
    def is_whole(self) -> bool:
        return len(self.parts) == self.total

    @property
    def size(self) -> int:
        return sum(len(content) for _coding, content in self.parts.values())

    @property
    def key(self) -> tuple[str, str, str, int]:
        return (self.source, self.destination, self.reference, self.total)

    def belongs(self, short: Short, place: Place) -> bool:
        return self.key == (short.source.text, short.destination.text, place.reference, place.total)


@dataclass(slots=True)
class Acknowledged:
    """Something we said we have. `message` is what it became, empty for a part; `doubtful`: the centre may send it again; `heard`: it
    has heard that we have it."""

    digest: str
    message: str
    at: float
    serial: int
    doubtful: bool
    heard: bool = False

    def is_again(self, digest: str, at: float) -> bool:
        return self.digest == digest and (self.doubtful or not self.message) and at - self.at < DOUBT


class HalfRead:
    """The state of one line, used by one thread. Nothing is written here: `text` is what to keep."""

    def __init__(self, cursor: str = "") -> None:
        self.groups: list[Group] = []
        self._acknowledged: list[Acknowledged] = []
        self._serial = 0
        self.changed = False
        try:
            self._load(json.loads(cursor or "{}"))
        except (ValueError, TypeError, AttributeError):
            self.groups, self._acknowledged = [], []  # not a cursor of ours

    def _load(self, values: dict[str, list[list[object]]]) -> None:
        for row in values.get("groups", []):
            id_, source, ton, destination, reference, total, at, parts, spare = row
            held = {int(n): (int(coding), base64.b64decode(text)) for n, coding, text in parts}  # type: ignore[attr-defined]
            self.groups.append(
                Group(
                    str(id_), str(source), int(str(ton)), str(destination), str(reference), int(str(total)),
                    float(str(at)), held, bool(spare),
                )
            )  # fmt: skip
        for digest, message, at in values.get("acknowledged", []):
            self._acknowledged.append(Acknowledged(str(digest), str(message), float(str(at)), 0, True))

    def text(self) -> str:
        """What to keep as the cursor."""
        self.changed = False
        groups = [
            [
                each.id, each.source, each.ton, each.destination, each.reference, each.total, round(each.at),
                [[n, coding, base64.b64encode(content).decode()] for n, (coding, content) in each.parts.items()],
                int(each.spare),
            ]
            for each in self.groups
        ]  # fmt: skip
        heard = [[each.digest, each.message, round(each.at)] for each in self._acknowledged]
        return json.dumps({"groups": groups, "acknowledged": heard}, separators=(",", ":"))

    def again(self, digest: str, at: float) -> str | None:
        """What a thing became that has come before and may have come again; None for a new one. It is acknowledged anew."""
        for each in self._acknowledged:
            if each.is_again(digest, at):
                each.doubtful, each.heard, each.serial = False, False, self._next()
                return each.message
        return None

    def acknowledge(self, digest: str, message: str, at: float) -> None:
        """Written down before it is said."""
        kept = [each for each in self._acknowledged if at - each.at < DOUBT]
        self._acknowledged = kept[-MOST_DOUBTS + 1 :]
        self._acknowledged.append(Acknowledged(digest, message, at, self._next(), False))
        self.changed = True

    def came_late(self, digest: str) -> None:
        """An acknowledgement was late: the centre may have sent the thing again already."""
        for each in self._acknowledged:
            if each.digest == digest:
                each.doubtful = True

    def mark(self) -> int:
        """The last acknowledgement given until now."""
        return self._serial

    def heard(self, mark: int) -> None:
        """The centre has answered something we said after that acknowledgement: it has all up to it. Parts are remembered all the same."""
        for each in self._acknowledged:
            each.heard |= not each.doubtful and each.serial <= mark
        kept = [each for each in self._acknowledged if not each.heard or not each.message]
        self.changed |= len(kept) != len(self._acknowledged)
        self._acknowledged = kept

    def connection_lost(self) -> None:
        """What was not heard for sure may come again."""
        for each in self._acknowledged:
            each.doubtful |= not each.heard

    @property
    def unheard(self) -> int:
        """How many acknowledgements are not known to have been heard, of this connection."""
        return sum(not each.doubtful and not each.heard for each in self._acknowledged)

    def add(self, short: Short, place: Place, content: bytes, at: float, *, spare: bool = False) -> Group:
        """Put a part to its others; the message as far as it is there. A part that is there already with other words begins a new
        message: a reference is one byte, and comes round. `spare`: it has come before."""
        part = (short.data_coding, content)
        self.changed = True
        open_ones = [each for each in reversed(self.groups) if spare or not each.spare]
        for group in sorted(open_ones, key=lambda each: each.spare):
            if group.belongs(short, place) and group.parts.get(place.number, part) == part:
                group.parts[place.number] = part
                return group
        source = short.source
        group = Group(
            str(new_id()), source.text, source.ton, short.destination.text, place.reference, place.total, at
        )
        group.spare, group.parts[place.number] = spare, part
        self.groups.append(group)
        return group

    def drop(self, group: Group) -> None:
        self.groups.remove(group)
        self.changed = True

    def ready(self, at: float) -> Iterator[Group]:
        """What is to be given out: whole messages, those that have waited long enough, and the oldest of too many. Spare parts that
        nobody wanted are forgotten."""
        count, size = len(self.groups), sum(each.size for each in self.groups)
        for group in sorted(self.groups, key=lambda each: not each.spare):
            too_many = count > MOST_GROUPS or size > MOST_BYTES
            wait = 2 * PARTS_WAIT if group.spare else PARTS_WAIT
            if group.is_whole or at - group.at >= wait or too_many:
                count, size = count - 1, size - group.size
                if group.spare:
                    self.drop(group)
                    continue
                self._complete(group)
                yield group

    def _complete(self, group: Group) -> None:
        """Give a message the spare parts it lacks, where that makes it whole."""
        for spare in [each for each in self.groups if each.spare and each.key == group.key]:
            if len(spare.parts.keys() | group.parts.keys()) == group.total:
                group.parts = spare.parts | group.parts
                return

    def _next(self) -> int:
        self._serial += 1
        return self._serial


def digest_of(short: Short) -> str:
    """What a delivery says and from whom, in short; equal for one that is made again."""
    said = hashlib.sha256()
    sar = [short.tlvs.get(tag, b"") for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_SEGMENT)]
    texts = (short.source.text.encode(), short.destination.text.encode(), short.payload, *sar)
    for each in (*texts, bytes((short.esm_class, short.data_coding))):
        said.update(len(each).to_bytes(4, "big") + each)
    return said.hexdigest()[:24]
