"""What a written channel must be able to do, and which ones are installed (`CALLCART_CHANNELS`). Adding one is a folder in
integrations with a class that does this, and a line in the settings.

Calls are made outside of transactions, by the worker. What comes in is given to a `Sink`, which keeps it before it returns: only
then may the other side be told that we have it. The same `external_id` given again is kept once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import ClassVar, Protocol, runtime_checkable
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from callcart.core.errors import NotFound


class NotTaken(Exception):
    """The provider surely does not have it (no connection, a refusal for now): it is tried again later. The text says why."""


class Refused(Exception):
    """The provider will never take this (no such mailbox, a blocked number). The text says why."""


class Unknown(Exception):
    """The provider may have it: the answer to the hand-over did not come. It is not sent again by itself."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to fill in to use a channel. A `secret` one is sealed and never shown again; `read` raises ValueError for a text
    that cannot be one; with `choices` (value, words) it is one of these, the first where nothing was chosen. A `rare` one
    stands below the others: what most leave as it is."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    secret: bool = False
    required: bool = True
    read: Callable[[str], object] = str
    choices: tuple[tuple[str, str | Promise], ...] = ()
    rare: bool = False


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line as its channel gets it. `address`: what customers write to (a mailbox's address, a number in E.164, a site).
    `cursor`: what the channel last kept of how far it had read."""

    id: UUID
    tenant_id: int
    address: str
    name: str
    values: Mapping[str, str]
    cursor: str = ""
    renew: Callable[[str, Collection[str], str], None] = field(
        default=lambda name, olds, new: None, repr=False, compare=False
    )
    """Keeps a secret that its provider has replaced: its name, those it may take the place of, the new one."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with, or goes with, a message. `cid`: the Content-ID by which the text shows it."""

    name: str
    type: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that came. `peer` is the other side's address in the form that is compared (mail in lower case, E.164). `token`
    and `references` (Message-IDs, newest first) say which conversation it belongs to. `automatic`: a machine wrote it, and none of
    ours may answer. `bounce_of`: it says that this message of ours did not arrive. `text` holds the new words, `quoted` what they
    stand above or below (the mail that is answered, a signature); in `html` that rest is an element of class `quoted`."""

    external_id: str
    peer: str
    text: str
    quoted: str = ""
    peer_name: str = ""
    html: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    token: str = ""
    references: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    automatic: bool = False
    bounce_of: str = ""
    language: str = ""
    notes: tuple[str, ...] = ()
    """What was left out on the way in and why, for people: "A file of 31 MB was left out"."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to hand over. `key` is the same whenever the same one is handed over again. `references` are the Message-IDs of
    the conversation, oldest first; `token` must come back with the answer."""

    key: str
    to: str
    text: str
    to_name: str = ""
    html: str = ""
    subject: str = ""
    token: str = ""
    references: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    language: str = "en"
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message of ours: `delivered`, or `failed` with the provider's words."""

    reference: str
    delivered: bool
    at: datetime | None = None
    words: str = ""


class Sink(Protocol):
    """Where a channel gives what it hears. Each keeps it before it returns."""

    def raw(self, external_id: str, content: bytes) -> None:
        """Keep what came as it came; `Channel.read` makes a message of it in a job, and one that cannot be read is kept as well."""

    def message(self, incoming: Incoming) -> None:
        """Keep a message that is read already."""

    def receipt(self, receipt: Receipt) -> None:
        """Keep what became of a message of ours."""

    def at(self, cursor: str) -> None:
        """Keep how far the channel has read."""

    def up(self) -> None:
        """The line works."""

    def down(self, why: str) -> None:
        """The line does not work, in words."""


class Channel(Protocol):
    """One way to write and be written to, for any number of lines."""

    channel: ClassVar[str]
    """`chat`, `mail` or `sms`."""
    label: ClassVar[str | Promise]
    settings: ClassVar[tuple[Setting, ...]]
    listens: ClassVar[bool]
    """Whether `listen` is to be run for each line; else what comes in comes by a web address."""
    bound: ClassVar[bool]
    """Whether `send` works only in the process that runs `listen` for the line (one session for both)."""
    instant: ClassVar[bool]
    """Whether there is nothing to hand over: the other side reads what we keep (a chat in the shop)."""

    def address(self, text: str) -> str:
        """An address in the form that is compared. Raises ValueError."""

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        """Hand one message over; the provider's reference, by which receipts name it. Raises NotTaken, Refused, Unknown."""

    def read(self, line: LineFacts, content: bytes) -> Incoming | None:
        """A message of what was kept raw; None where there is nothing to read. Raises ValueError with words for people."""

    def listen(self, line: LineFacts, sink: Sink, stop: threading.Event) -> None:
        """Hear what comes in until told to stop. May raise when the way breaks: it is called again after a while."""

    def check(self, line: LineFacts) -> str:
        """Try the line out; what is wrong, in words, or empty."""


@runtime_checkable
class Hooked(Protocol):
    """A channel whose provider calls us."""

    def hear(self, line: LineFacts, headers: Mapping[str, str], body: bytes) -> list[Incoming | Receipt]:
        """What is in a request to the line's address. Raises PermissionError where it is not proven to be the provider's, ValueError
        where it cannot be read."""


@cache
def _made(path: str) -> Channel:
    made: Channel = import_string(path)()
    return made


def channel_of(kind: str) -> Channel:
    """An installed channel by its name in the settings; NotFound for none of that name."""
    path = settings.CALLCART_CHANNELS.get(kind)
    if path is None:
        raise NotFound
    return _made(path)


def kinds() -> list[str]:
    """The installed channels."""
    return list(settings.CALLCART_CHANNELS)


@dataclass(slots=True)
class Heard:
    """A sink that only remembers: for tests of channels, and for trying a line out."""

    raws: list[tuple[str, bytes]] = field(default_factory=list)
    messages: list[Incoming] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    cursor: str = ""
    states: list[str] = field(default_factory=list)

    def raw(self, external_id: str, content: bytes) -> None:
        if external_id not in [each for each, _content in self.raws]:
            self.raws.append((external_id, content))

    def message(self, incoming: Incoming) -> None:
        if incoming.external_id not in [each.external_id for each in self.messages]:
            self.messages.append(incoming)

    def receipt(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)

    def at(self, cursor: str) -> None:
        self.cursor = cursor

    def up(self) -> None:
        self.states.append("up")

    def down(self, why: str) -> None:
        self.states.append(why)
