"""Calls nobody answered become callbacks by rule: once, however often the customer calls; whoever answers him ends what is owed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.handlers import on_ended
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.states import Source, State
from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing import public as routing
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.events import Event
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant
from tests.contact.callbacks.desk import NUMBER, OTHER, Desk

SHOP = "+12025550100"


@pytest.fixture
def sales(tenant: Tenant) -> UUID:
    system = Actor.system(tenant.id)
    queue = routing.add_queue(system, "sales", name="Sales")
    add_service_number(system, SHOP, name="Service", queue_id=queue.id)
    update_tenant(system, settings={"dial_prefixes": ["+1212"]})
    directory.forget()
    rules(tenant, queue.id)
    return queue.id


def rules(tenant: Tenant, queue_id: UUID, **changes: object) -> None:
    plain = {"missed": True, "abandoned_s": 5} | changes
    callbacks.save_rules(Actor.system(tenant.id), queue_id, callbacks.Rules(**plain))  # type: ignore[arg-type]


def ended(
    tenant: Tenant, reason: str = "abandoned", *, waited: float = 9, number: str = NUMBER, **more: object
) -> UUID:
    """A call that is over, in the queue where it waited; told twice, as it may be."""
    talk = open_conversation(Actor.system(tenant.id), caller_e164=number, service_number=SHOP)
    queue = next(each.id for each in routing.queues() if each.code == "sales") if waited else None
    queued = clock.now() - timedelta(seconds=waited) if waited else None
    Conversation.objects.filter(id=talk.id).update(
        **{
            "state": "closed",
            "ended_at": clock.now(),
            "queued_at": queued,
            "queue_id": queue,
            "end_reason": reason,
            **more,
        }
    )
    told(tenant, talk.id)
    told(tenant, talk.id)
    return talk.id


def told(tenant: Tenant, talk: UUID) -> None:
    data = {"conversation_id": str(talk)}
    on_ended(Event(0, tenant.id, clock.now(), "call.ended", "", None, None, "process", data))


def test_five_calls_are_one_callback_with_the_first_place(tenant: Tenant, sales: UUID) -> None:
    talks = [ended(tenant, waited=waited) for waited in (7, 9, 8, 6, 5)]
    found = Callback.objects.get()
    assert (found.source, found.state, found.calls, found.shown) == (
        Source.ABANDONED,
        State.SCHEDULED,
        talks,
        SHOP,
    )
    assert found.since == Conversation.objects.get(id=talks[1]).queued_at
    ended(tenant, number=OTHER)
    assert Callback.objects.count() == 2


def test_short_ones_hidden_ones_and_those_that_cannot_be_called_make_none(
    tenant: Tenant, sales: UUID
) -> None:
    ended(tenant, waited=4)
    ended(tenant, number="", waited=60)
    ended(tenant, number="+447700900123", waited=60)
    for reason in ("hung_up_in_menu", "self_served", "callback", "completed"):
        ended(tenant, reason, waited=0)
    rules(tenant, sales, abandoned_s=None, missed=False)
    ended(tenant, waited=60)
    ended(tenant, "rejected", waited=0)
    assert not Callback.objects.exists()


def test_a_call_out_of_hours_is_missed_in_the_queue_of_its_number(tenant: Tenant, sales: UUID) -> None:
    ended(tenant, "rejected", waited=0)
    assert (Callback.objects.get().source, Callback.objects.get().queue_id) == (Source.MISSED, sales)


def test_a_call_answered_or_made_by_anybody_ends_it_and_an_old_news_does_not_begin_it_again(
    tenant: Tenant, sales: UUID
) -> None:
    missed = ended(tenant)
    ended(tenant, number=OTHER)
    at = clock.now()
    answered = ended(tenant, "completed", answered_at=at, direction="outbound")
    owed = {each.number: each for each in Callback.objects.all()}
    assert (owed[NUMBER].state, owed[NUMBER].came_id, owed[OTHER].state) == (
        State.DONE,
        answered,
        State.SCHEDULED,
    )
    told(tenant, missed)
    assert Callback.objects.count() == 2


def test_an_agents_own_word_is_not_ended_by_another_call(tenant: Tenant, sales: UUID) -> None:
    ended(tenant)
    Callback.objects.update(owner_id=sales)
    ended(tenant, "completed", answered_at=clock.now())
    assert Callback.objects.get().state == State.SCHEDULED


def test_answered_in_another_queue_nothing_is_owed_in_this_one(desk: Desk) -> None:
    desk.hangs_up(desk.caller(), after=9)
    desk.turns()
    attempt = desk.only().conversation_id
    talk = desk.caller(queue="vip")
    assert attempt is not None and desk.ticket(attempt) is None and desk.only().state == State.HERE
    ticket = desk.ticket(talk)
    assert ticket is not None and ticket.enqueued_at > desk.only().since, (
        "the place is that of the other queue"
    )
    agent = desk.floor.agent()
    assert desk.offered(agent) == talk and desk.accept(talk, agent)
    desk.turns()
    assert desk.only().state == State.CAME
