"""What the database tells the voice process: offers and their ends, wishes of desks, accounts. Read from the feed of events.

A thread looks every few hundredths of a second; what it finds is handed to the exchange on the event loop. The first look is
taken before the exchange takes up its calls, so nothing falls between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog

from callcart.contact.voice import guests
from callcart.contact.voice.accounts import softphone_of, username_of
from callcart.contact.voice.engine import Softphone
from callcart.contact.voice.inputs import OfferOver, Wish
from callcart.contact.voice.records import Offered
from callcart.contact.voice.states import Request
from callcart.core import feed
from callcart.core.database import parameters
from callcart.core.events import Event

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.03
_KINDS = frozenset(
    {
        *("offer.made", "offer.ended", "call.request", "call.dial"),
        *("softphone.wanted", "softphone.ended", "softphone.at", "take.wanted", "take.withdrawn"),
        *("guest.wanted", "guest.ended"),
    }
)


@dataclass(frozen=True, slots=True)
class AccountWanted:
    softphone: Softphone


@dataclass(frozen=True, slots=True)
class AccountEnded:
    username: str


@dataclass(frozen=True, slots=True)
class AccountAt:
    """A page has registered at a node, or (not `here`) is gone from it."""

    username: str
    node: str
    here: bool


@dataclass(frozen=True, slots=True)
class DialWanted:
    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class TakeWanted:
    """Somebody is to be rung, to speak a prompt."""

    take_id: UUID


@dataclass(frozen=True, slots=True)
class TakeWithdrawn:
    take_id: UUID


News = (
    Offered
    | DialWanted
    | OfferOver
    | Wish
    | AccountWanted
    | AccountEnded
    | AccountAt
    | TakeWanted
    | TakeWithdrawn
)

_OF_ONE: dict[str, tuple[Callable[[UUID], News], str]] = {
    "call.dial": (DialWanted, "conversation_id"),
    "take.wanted": (TakeWanted, "take_id"),
    "take.withdrawn": (TakeWithdrawn, "take_id"),
}


def news_of(event: Event) -> News | None:
    """An event as the exchange takes it; None for all that is not about telephones."""
    data = event.data
    if event.kind in _OF_ONE:
        made, name = _OF_ONE[event.kind]
        return made(UUID(data[name]))
    match event.kind:
        case "offer.made" if data.get("purpose") == "consult":
            return None  # the call has asked for it itself
        case "offer.made":
            return Offered(
                event.tenant_id,
                UUID(data["conversation_id"]),
                UUID(data["staff_id"]),
                UUID(data["offer_id"]),
            )
        case "offer.ended":
            return OfferOver(UUID(data["conversation_id"]), UUID(data["offer_id"]), data["state"])
        case "call.request":
            return Wish(UUID(data["conversation_id"]), Request(data["request"]), data.get("wanted") or {})
        case "softphone.wanted":
            return AccountWanted(softphone_of(UUID(data["account_id"])))
        case "guest.wanted":
            return AccountWanted(guests.softphone_of(UUID(data["account_id"]), int(data["serial"])))
        case "guest.ended":
            return AccountEnded(guests.username_of(UUID(data["account_id"])))
        case "softphone.at" if data.get("guest"):
            return AccountAt(
                guests.username_of(UUID(data["account_id"])), str(data["node"]), bool(data["here"])
            )
        case "softphone.at":
            return AccountAt(username_of(UUID(data["account_id"])), str(data["node"]), bool(data["here"]))
        case "softphone.ended":
            return AccountEnded(username_of(UUID(data["account_id"])))
        case _:
            return None


class NewsReader:
    """The thread. `hear` is called in it, once for each piece of news, in the order of the feed."""

    def __init__(self, hear: Callable[[News], None]) -> None:
        self._hear = hear
        self._stop = threading.Event()
        self._begun = threading.Event()
        self._token = ""
        self._thread = threading.Thread(target=self._run, name="news", daemon=True)

    def start(self, *, patience: float = 60.0) -> None:
        """Returns after the first look. Raises TimeoutError where the database does not answer."""
        self._thread.start()
        if not self._begun.wait(patience):
            self.stop()
            raise TimeoutError("the database does not answer")

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float = 5.0) -> None:
        """Wait for the thread's end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(**parameters("system"), autocommit=True) as connection:
                    self._read(connection)
            except psycopg.Error as error:
                log.warning("news.database", error=type(error).__name__)
                self._stop.wait(0.5)

    def _read(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        if not self._token:
            self._token = feed.present_token(connection)
        self._begun.set()
        while not self._stop.is_set():
            step = feed.read_since(connection, self._token, kinds=_KINDS)
            for news in _news(step.events):
                self._hear(news)
            self._token = step.token
            self._stop.wait(POLL_SECONDS)


def _news(events: tuple[Event, ...]) -> Iterator[News]:
    for event in events:
        try:
            news = news_of(event)
        except (KeyError, ValueError) as error:
            log.warning("news.unreadable", kind=event.kind, error=type(error).__name__)
            continue
        if news is not None:
            yield news
