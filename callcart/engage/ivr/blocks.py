"""What a flow is made of: kinds of blocks, what each is set up with, and the arrows that may leave it. Data only.

A block is its kind, a title for the office, what is said, its settings, and its arrows: a way out by name to the id of
the block it leads to. Which ways out a block has follows from its kind and settings (`ways`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callcart.people.customers.public import Tier

KEYS = "1234567890*#"
REPEAT = "*"
NEXT = "next"
SILENCE = "silence"
WRONG = "wrong"
ELSE = "else"
PERSON_KEY = "0"
IS = "is:"  # before the value that a way out of a branch stands for


class Kind(StrEnum):
    SAY = "say"
    LANGUAGE = "language"
    HOURS = "hours"
    MENU = "menu"
    DIGITS = "digits"
    FIND_ORDER = "find_order"
    READ_OUT = "read_out"
    IDENTIFY = "identify"
    BRANCH = "branch"
    QUEUE = "queue"
    VOICEMAIL = "voicemail"
    SURVEY = "survey"
    CALLBACK = "callback"
    TRANSFER = "transfer"
    HANG_UP = "hang_up"


class On(StrEnum):
    """What a branch looks at."""

    KNOWN = "known"
    ORDER = "order"
    TIER = "tier"
    VIP = "vip"
    CASE = "case"
    NUMBER = "number"
    LANGUAGE = "language"


class By(StrEnum):
    """How a caller proves who they are."""

    ORDER = "order"
    PIN = "pin"


class Reading(StrEnum):
    ORDER = "order"
    PARCEL = "parcel"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Say:
    """`opening`: after the words it is said when the shop opens next, where it is closed."""

    opening: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Hours:
    pass


@dataclass(frozen=True, slots=True)
class Menu:
    """`tries`: how many wrong keys lead to `wrong`. `repeats`: how often it is said again into a silence."""

    tries: int = 3
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Digits:
    """From `least` to `most` digits; fewer than `most` are ended by # or by a silence."""

    least: int = 1
    most: int = 12
    tries: int = 3


@dataclass(frozen=True, slots=True)
class FindOrder:
    """`digits`: the block whose digits are its number. Found is only an order of the caller's own."""

    digits: str = ""


@dataclass(frozen=True, slots=True)
class ReadOut:
    what: Reading = Reading.ORDER
    most: int = 3


@dataclass(frozen=True, slots=True)
class Identify:
    """By an order's number and the last four digits of the telephone number it was placed with; or by a PIN, after the
    customer number where the caller's own number does not say who it is."""

    by: By = By.ORDER
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Branch:
    on: On = On.KNOWN


@dataclass(frozen=True, slots=True)
class Queue:
    """`queue`: an id; empty for the number's own, or the language's. `always`: also while the shop is closed."""

    queue: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Takes a message for a queue (empty: where the call would wait). Without words the queue's own greeting is heard."""

    queue: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """Asks the questions of a survey (empty: the shop's own); each answer is a key from 1 to 5, kept at once."""

    survey: str = ""
    tries: int = 2


@dataclass(frozen=True, slots=True)
class Callback:
    """Promises to call back, from a queue (empty: where the call waits or would wait), at the caller's own number or one typed."""

    queue: str = ""
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Transfer:
    number: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


Settings = (
    Say
    | Language
    | Hours
    | Menu
    | Digits
    | FindOrder
    | ReadOut
    | Identify
    | Branch
    | Queue
    | Voicemail
    | Survey
    | Callback
    | Transfer
    | HangUp
)

SETTINGS: Mapping[Kind, type[Settings]] = {
    Kind.SAY: Say,
    Kind.LANGUAGE: Language,
    Kind.HOURS: Hours,
    Kind.MENU: Menu,
    Kind.DIGITS: Digits,
    Kind.FIND_ORDER: FindOrder,
    Kind.READ_OUT: ReadOut,
    Kind.IDENTIFY: Identify,
    Kind.BRANCH: Branch,
    Kind.QUEUE: Queue,
    Kind.VOICEMAIL: Voicemail,
    Kind.SURVEY: Survey,
    Kind.CALLBACK: Callback,
    Kind.TRANSFER: Transfer,
    Kind.HANG_UP: HangUp,
}

# From how many to how many; texts are counted in characters.
LIMITS: Mapping[tuple[type[Settings], str], tuple[int, int]] = {
    (Language, "tries"): (1, 5),
    (Menu, "tries"): (1, 5),
    (Menu, "repeats"): (0, 3),
    (Digits, "least"): (1, 20),
    (Digits, "most"): (1, 20),
    (Digits, "tries"): (1, 5),
    (FindOrder, "digits"): (0, 40),
    (ReadOut, "most"): (1, 9),
    (Identify, "tries"): (1, 5),
    (Queue, "queue"): (0, 40),
    (Voicemail, "queue"): (0, 40),
    (Survey, "survey"): (0, 40),
    (Survey, "tries"): (1, 5),
    (Callback, "queue"): (0, 40),
    (Callback, "tries"): (1, 5),
    (Transfer, "number"): (0, 20),
}

SPEAKS = frozenset(
    {
        Kind.SAY,
        Kind.MENU,
        Kind.DIGITS,
        Kind.IDENTIFY,
        Kind.QUEUE,
        Kind.VOICEMAIL,
        Kind.SURVEY,
        Kind.CALLBACK,
        Kind.HANG_UP,
    }
)
ENDS = frozenset({Kind.QUEUE, Kind.TRANSFER, Kind.HANG_UP})
# Whoever comes through one of these has pressed something or been silent for seconds. A choice of language is not among
# them: a shop that speaks one language asks for none.
LISTENS = frozenset({Kind.MENU, Kind.DIGITS, Kind.IDENTIFY})


@dataclass(frozen=True, slots=True)
class Words:
    """What a block says: a prompt of the shop by its key, or else a text in each language. `{shop}` is the shop's name."""

    key: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    id: str
    kind: Kind
    title: str = ""
    words: Words = field(default_factory=Words)
    settings: Settings = field(default_factory=Say)
    arrows: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow: where it begins, and its blocks by id."""

    start: str
    blocks: Mapping[str, Block]


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a block. `needed`: an arrow has to leave by it."""

    name: str
    needed: bool = True


_FIXED: Mapping[Kind, tuple[Way, ...]] = {
    Kind.SAY: (Way(NEXT),),
    Kind.LANGUAGE: (Way(NEXT), Way(PERSON_KEY, needed=False), Way(WRONG)),
    Kind.HOURS: (Way("open"), Way("closed")),
    Kind.DIGITS: (Way(NEXT), Way(WRONG)),
    Kind.FIND_ORDER: (Way("found"), Way("none")),
    Kind.READ_OUT: (Way(NEXT), Way("none"), Way("often", needed=False)),
    Kind.IDENTIFY: (Way("identified"), Way(WRONG)),
    Kind.QUEUE: (Way("closed", needed=False),),
    Kind.VOICEMAIL: (Way(NEXT), Way("none")),
    Kind.SURVEY: (Way(NEXT),),
    Kind.CALLBACK: (Way(NEXT), Way("refused")),
    Kind.TRANSFER: (),
    Kind.HANG_UP: (),
}


def values_of(on: On) -> tuple[str, ...] | None:
    """The values a branch can meet; None where they are written by hand."""
    if on is On.TIER:
        return tuple(str(value) for value, _label in Tier.choices)
    if on is On.LANGUAGE:
        return ("en", "zh-hans")
    return None if on is On.NUMBER else ("yes",)


def ways(block: Block) -> tuple[Way, ...]:
    """Every way out, in the order they are shown in."""
    if isinstance(block.settings, Menu):
        return (*(Way(key, needed=False) for key in KEYS), Way(SILENCE), Way(WRONG))
    if isinstance(block.settings, Branch):
        known = values_of(block.settings.on)
        names = [f"{IS}{value}" for value in known] if known is not None else sorted(_written(block))
        return (*(Way(name, needed=False) for name in names), Way(ELSE))
    return _FIXED[block.kind]


def _written(block: Block) -> list[str]:
    return [name for name in block.arrows if name.startswith(IS)]


def asked_by(graph: Graph) -> frozenset[On]:
    """What the branches of a graph look at."""
    return frozenset(
        block.settings.on for block in graph.blocks.values() if isinstance(block.settings, Branch)
    )


def reachable(graph: Graph) -> list[str]:
    """The blocks that a caller can get to, nearest first."""
    found, seen = [graph.start] if graph.start in graph.blocks else [], {graph.start}
    for block_id in found:
        for target in graph.blocks[block_id].arrows.values():
            if target in graph.blocks and target not in seen:
                seen.add(target)
                found.append(target)
    return found
