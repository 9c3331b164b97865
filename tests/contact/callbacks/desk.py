"""A shop that calls back, for tests with real commits: callers who ask, hang up and call again, agents who take and answer, and time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks import timers
from callcart.contact.callbacks.handlers import on_ended
from callcart.contact.callbacks.models import Callback
from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Ticket
from callcart.contact.voice.models import Call, Exchange
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.database import parameters, raw
from callcart.core.events import Event
from callcart.core.ids import new_id, next_number
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants import directory
from callcart.people.tenants.public import add_service_number, update_tenant
from tests.contact.routing.floor import Floor, system

SHOP, NUMBER, OTHER = "+12025550100", "+12125550777", "+12125550888"
ALWAYS = [[["00:00", "24:00"]]] * 7
_CLEAR = (
    "TRUNCATE callbacks_callback, callbacks_queuerules, conversations_conversation, routing_agent, routing_ticket, routing_offer,"
    " routing_presence, voice_call, voice_outboundcall, core_event CASCADE"
)
_OPEN = "SELECT conversation_id FROM voice_open(%s::int, %s::text, %s::uuid, %s::text, %s::text, %s::text, %s::text, 'en', '{en}', 'none')"
_ENQUEUE = "SELECT conversation_id, staff_id, offer_id, waiting, free FROM voice_enqueue(%s::int, %s::uuid, 'en', %s::text, 1, '{}', %s::uuid)"
_FINISH = "SELECT 1 FROM voice_finish(%s::int, %s::uuid, %s::text, 0, 'recordings', 'x')"
_ACCEPT = "SELECT voice_accept(%s::int, %s::uuid, %s::text, 'leg', %s::uuid, NULL, 1, %s::jsonb, NULL)"
GRANTS = ("callbacks.work", "voice.dial_out", "voice.phone", "routing.work")


class Desk:
    """`floor`: the queues and agents."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.tenant_id = floor, floor.tenant_id
        self.sales = floor.queues["sales"]
        with tenant_transaction(self.tenant_id):
            add_service_number(self.boss, SHOP, name="Service", queue_id=self.sales)

    def open(self) -> None:
        """As it is at the beginning of each test."""
        soon = clock.now() + timedelta(days=30)
        Exchange.objects.update_or_create(name="main", defaults={"up": True, "seen_at": soon})
        with tenant_transaction(self.tenant_id):
            update_tenant(
                self.boss,
                settings={"dial_prefixes": ["+1212"], "business_hours": ALWAYS, "record_calls": False},
            )
        directory.forget()
        self.rules()

    def clear(self) -> None:
        """Nobody has called, nobody is at work."""
        with psycopg.connect(**parameters("owner"), autocommit=True) as connection:
            connection.execute(_CLEAR)

    @property
    def boss(self) -> Actor:
        return self.floor.boss

    def actor(self, staff_id: UUID) -> Actor:
        return Actor(self.tenant_id, ActorKind.STAFF, staff_id, grants=dict.fromkeys(GRANTS, Grant()))

    def rules(self, **changes: Any) -> None:
        plain = {
            "offered": True,
            "missed": True,
            "abandoned_s": 5,
            "attempts": 2,
            "minutes_apart": 30,
        } | changes
        with tenant_transaction(self.tenant_id):
            callbacks.save_rules(self.boss, self.sales, callbacks.Rules(**plain))

    def hours(self, *spans: tuple[str, str]) -> None:
        with tenant_transaction(self.tenant_id):
            week = [[list(span) for span in spans]] * 7
            update_tenant(self.boss, settings={"business_hours": week})
        directory.forget()

    # ---- callers ----

    def caller(self, number: str = NUMBER, *, waits: bool = True, queue: str = "sales") -> UUID:
        """Somebody calls, and waits in the queue."""
        with tenant_transaction(self.tenant_id):
            short = next_number("conversation")
        arguments = (self.tenant_id, f"leg-{new_id()}", new_id(), short, number, number, SHOP)
        talk = UUID(str(raw.autocommit_one(_OPEN, arguments)[0]))
        if waits:
            raw.autocommit_one(_ENQUEUE, (self.tenant_id, talk, "x", self.floor.queues[queue]))
        return talk

    def hangs_up(self, talk: UUID, *, after: float = 0, reason: str | None = None) -> None:
        """The call ends, `after` so many seconds of waiting; told twice, as it may be."""
        if after:
            with tenant_transaction(self.tenant_id):
                Conversation.objects.filter(id=talk).update(queued_at=clock.now() - timedelta(seconds=after))
        raw.autocommit_one(_FINISH, (self.tenant_id, talk, reason))
        for _each in range(2):
            self.told(talk)

    def told(self, talk: UUID) -> None:
        with tenant_transaction(self.tenant_id):
            on_ended(
                Event(
                    0,
                    self.tenant_id,
                    clock.now(),
                    "call.ended",
                    "",
                    None,
                    None,
                    "process",
                    {"conversation_id": str(talk)},
                )
            )

    def asks(self, talk: UUID | None = None, number: str = NUMBER, **wanted: Any) -> callbacks.Asked:
        """Asked for in the queue, in a menu or on the web."""
        with tenant_transaction(self.tenant_id):
            return callbacks.ask(
                self.boss,
                callbacks.Wanted(
                    number=number, queue_id=self.sales, conversation_id=talk, asked_from=NUMBER,
                    source=callbacks.Source.QUEUE if talk else callbacks.Source.WEB, **wanted,
                ),
            )  # fmt: skip

    # ---- agents ----

    def accept(self, talk: UUID, staff_id: UUID, state: str = "talking") -> bool:
        found = raw.autocommit_one(
            _ACCEPT, (self.tenant_id, talk, state, staff_id, '{"calls_back": "agent"}')
        )
        return bool(found[0])

    def answers(self, talk: UUID) -> None:
        """Who was called first picks up, and waits."""
        raw.autocommit_one("SELECT voice_picked_up(%s::int, %s::uuid)", (self.tenant_id, talk))
        raw.autocommit_one(_ENQUEUE, (self.tenant_id, talk, "x", self.sales))

    def floor_hit(self, talk: UUID | None) -> routing.Hit:
        """The offer of a conversation, as the floor takes it."""
        offer = next(each for each in self.offers() if each.conversation_id == talk)
        return routing.Hit(talk, offer.staff_id, offer.id)

    def reached(self, talk: UUID, staff_id: UUID) -> None:
        raw.autocommit_one(
            "SELECT voice_reached(%s::int, %s::uuid, %s::uuid)", (self.tenant_id, talk, staff_id)
        )

    def offered(self, staff_id: UUID) -> UUID | None:
        return next((offer.conversation_id for offer in self.offers() if offer.staff_id == staff_id), None)

    def offers(self) -> list[Any]:
        with tenant_transaction(self.tenant_id):
            return list(routing.live_offers())

    # ---- time and looking ----

    def turns(self, rounds: int = 1) -> None:
        """What is due is done."""
        with system() as connection:
            for _each in range(rounds):
                timers.run_once(connection)

    @contextmanager
    def later(self, **span: float) -> Iterator[datetime]:
        """So much time has passed."""
        moment = clock.now() + timedelta(**span)
        with clock.frozen(moment):
            yield moment

    def only(self) -> Callback:
        """The one callback there is."""
        (found,) = self.all()
        return found

    def all(self) -> list[Callback]:
        with tenant_transaction(self.tenant_id):
            return list(Callback.objects.order_by("made_at"))

    def ticket(self, talk: UUID | None) -> Ticket | None:
        with tenant_transaction(self.tenant_id):
            return Ticket.objects.filter(conversation_id=talk).first()

    def call(self, talk: UUID) -> Call:
        with tenant_transaction(self.tenant_id):
            return Call.objects.get(conversation_id=talk)
