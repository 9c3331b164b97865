"""A written conversation is handed over: to a colleague who is ready, or to a queue; nobody loses it, whoever dies in between."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.public import WrongState, get_conversation, open_conversation
from callcart.contact.messaging import answering, handing, timers
from callcart.contact.messaging import public as messaging
from callcart.contact.routing import public as routing
from callcart.core.actor import Grant
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office


@pytest.fixture
def amy(office: Office) -> UUID:
    return office.floor.agent()


def taken(office: Office, staff_id: UUID) -> UUID:
    conversation_id = office.hears().conversation_id
    row = office.record(conversation_id)
    if row.state == "offered" and row.agent_id is not None:
        assert routing.accept(conversation_id, row.agent_id, tenant_id=office.tenant_id)
        if row.agent_id == staff_id:
            return conversation_id
    else:
        messaging.take(office.actor(staff_id), conversation_id)
        return conversation_id
    pytest.fail("another agent of an earlier test is ready")


@pytest.fixture(autouse=True)
def _alone(office: Office) -> None:
    """Agents of earlier tests have gone home."""
    with tenant_transaction(office.tenant_id):
        staff = [each.staff_id for each in routing.colleagues(None)]
    for each in staff:
        routing.agent_offline(office.floor.boss, each)


def test_to_a_colleague_who_is_asked_first(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    ben = office.floor.agent()
    handing.hand_over(office.actor(amy), mine, staff_id=ben)
    row = office.record(mine)
    assert (row.state, row.agent_id, row.owner_id) == ("offered", ben, ben)
    assert "handed_over" in office.path(mine)
    assert routing.accept(mine, ben, tenant_id=office.tenant_id)


def test_to_a_queue_it_is_due_there(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    office.reply(amy, mine, "I ask a colleague.")
    assert office.record(mine).heard_at is None
    queue = office.floor.queue(f"second{new_id().hex[-6:]}")
    handing.hand_over(office.actor(amy), mine, queue_id=queue)
    row = office.record(mine)
    assert (row.state, row.queue_id, row.owner_id) == ("waiting", queue, None) and row.heard_at is not None


def test_given_to_a_queue_it_does_not_come_straight_back(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    code = f"own{new_id().hex[-6:]}"
    queue = office.floor.queue(code)
    office.floor.profile(code, **{code: 1})
    office.floor.place(amy, code)
    ben = office.floor.agent(code)
    second = office.hears().conversation_id  # ben has more to do than amy, who would be asked first
    assert routing.take(second, ben, tenant_id=office.tenant_id)
    handing.hand_over(office.actor(amy), mine, queue_id=queue)
    row = office.record(mine)
    assert (row.state, row.agent_id, row.owner_id) == ("offered", ben, None)


def test_given_to_a_queue_where_nobody_else_is_it_comes_back(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    code = f"own{new_id().hex[-6:]}"
    queue = office.floor.queue(code)
    office.floor.profile(code, **{code: 1})
    office.floor.place(amy, code)
    office.floor.agent(code, ready=False)
    handing.hand_over(office.actor(amy), mine, queue_id=queue)
    assert (office.record(mine).state, office.record(mine).agent_id) == ("offered", amy)


def test_who_sees_his_own_only_opens_what_waits_for_him_and_nothing_else(office: Office, amy: UUID) -> None:
    code = f"own{new_id().hex[-6:]}"
    office.floor.queue(code)
    office.floor.profile(code, **{code: 1})
    office.floor.place(amy, code)
    routing.agent_offline(office.floor.boss, amy)
    own = office.actor(amy, **{"conversations.view": Grant(scope="own")})
    theirs = office.hears("In the queue of others").conversation_id
    with tenant_transaction(office.tenant_id):
        waits = open_conversation(office.floor.boss, channel="mail", peer="x@y.example").id
    routing.enqueue(office.tenant_id, waits, office.floor.queues[code], channel="mail")
    with tenant_transaction(office.tenant_id):
        assert get_conversation(waits, own).id == waits
        with pytest.raises(NotFound):
            get_conversation(theirs, own)
        without = office.actor(amy, **{"conversations.view": Grant(scope="own")})
        del without.grants["routing.work"]  # type: ignore[attr-defined]
        with pytest.raises(NotFound):
            get_conversation(waits, without)
    messaging.take(own, waits)
    assert office.record(waits).agent_id == amy


def test_refused_it_stays_where_it_is(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    ben = office.floor.agent(ready=False)
    for to in (
        {"staff_id": ben},
        {"staff_id": amy},
        {"queue_id": new_id()},
        {},
        {"staff_id": ben, "queue_id": ben},
    ):
        with pytest.raises(Invalid) as refused:
            handing.hand_over(office.actor(amy), mine, **to)
        assert "to" in refused.value.fields
    with pytest.raises(WrongState):
        handing.hand_over(office.actor(ben), mine, queue_id=office.floor.queues["sales"])
    bare = office.actor(amy)
    with pytest.raises(PermissionDenied):
        handing.hand_over(type(bare)(bare.tenant_id, bare.kind, id=amy), mine, queue_id=ben)
    assert (office.record(mine).state, office.record(mine).agent_id) == ("active", amy)
    assert "handed_over" not in office.path(mine)


def test_a_chain_has_an_end(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    with tenant_transaction(office.tenant_id):
        Step.objects.bulk_create([Step(conversation_id=mine, kind="handed_over") for _each in range(10)])
    with pytest.raises(handing.HandedOften):
        handing.hand_over(office.actor(amy), mine, queue_id=office.floor.queues["sales"])
    assert office.record(mine).state == "active"


def test_dead_between_letting_go_and_waiting_it_waits_all_the_same(
    office: Office, amy: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = taken(office, amy)
    with monkeypatch.context() as patch:
        patch.setattr(handing.queueing, "enqueue", lambda *_, **_more: None)
        handing.hand_over(office.actor(amy), mine, queue_id=office.floor.queues["sales"])
    assert office.record(mine).state == "pending"
    with tenant_transaction(office.tenant_id):
        Conversation.objects.filter(id=mine).update(heard_at=now() - timedelta(minutes=1))
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        timers.run_once(connection)
    assert office.record(mine).state in ("waiting", "offered")


def test_one_that_nobody_has_can_be_put_off_again(office: Office, amy: UUID) -> None:
    mine = taken(office, amy)
    actor, later = office.actor(amy), now() + timedelta(hours=1)
    answering.put_aside(actor, mine, seen=1, until=None)
    answering.put_aside(actor, mine, seen=1, until=later)
    row = office.record(mine)
    assert (row.state, row.wake_at, row.forget_at) == ("pending", later, None)
    with pytest.raises(Invalid):
        answering.put_aside(actor, mine, seen=1, until=now() - timedelta(minutes=1))
    assert office.record(mine).wake_at == later
