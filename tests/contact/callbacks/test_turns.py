"""Whose turn it is: an agent's word, customers who are called first, and processes that die between two steps."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.states import State
from callcart.contact.voice.outbound import CannotDial
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from tests.contact.callbacks.desk import NUMBER, OTHER, Desk


def promised(desk: Desk, actor: Actor, number: str = NUMBER) -> Callback:
    with tenant_transaction(desk.tenant_id):
        return callbacks.promise(actor, number, at=clock.now(), queue_id=desk.sales)


def test_an_agents_word_waits_for_him_and_then_for_anybody(desk: Desk) -> None:
    desk.rules(owner_minutes=10)
    owner, colleague = desk.floor.agent(ready=False), desk.floor.agent()
    first = promised(desk, desk.actor(owner))
    desk.turns()
    assert desk.only().state == State.SCHEDULED and not desk.offers(), "he is not in"
    desk.floor.ready(owner)
    with desk.later(seconds=11):
        desk.turns()
    attempt = desk.only().conversation_id
    assert desk.offered(owner) == attempt and desk.offered(colleague) is None
    ticket = desk.ticket(attempt)
    assert ticket is not None and ticket.lane_id < 0, "his own lane, for as long as it is his"
    desk.floor.unoffer(desk.floor_hit(attempt), "rejected")
    assert desk.offered(colleague) == attempt, "who declines it leaves it to the others"
    other = promised(desk, desk.actor(new_id()), OTHER)  # one who is no agent any more
    away = desk.floor.agent(ready=False)
    with tenant_transaction(desk.tenant_id):
        Callback.objects.filter(id=other.id).update(owner_id=away)
    desk.turns()
    assert {each.id: each.state for each in desk.all()}[other.id] == State.SCHEDULED
    with desk.later(minutes=11):
        desk.turns()
    found = {each.id: each for each in desk.all()}
    assert found[other.id].state == State.WAITING and found[first.id].state == State.WAITING
    ticket = desk.ticket(found[other.id].conversation_id)
    assert ticket is not None and ticket.lane_id > 0, "he did not come: anybody's"


def test_the_customer_is_called_first_when_somebody_is_free_and_nobody_waits_longer(desk: Desk) -> None:
    desk.rules(customer_first=True)
    desk.asks(desk.caller(NUMBER))
    desk.turns()
    assert desk.only().state == State.SCHEDULED, "nobody is free"
    agent, _other = desk.floor.agent(), desk.floor.agent()
    desk.turns(2)
    callback = desk.only()
    talk = callback.conversation_id
    assert callback.state == State.CALLING and talk is not None
    assert (desk.call(talk).state, desk.floor.state(talk), desk.ticket(talk)) == ("dialling", "new", None)
    assert desk.call(talk).flow_state["calls_back"] == "customer"
    desk.asks(desk.caller(OTHER, waits=False), OTHER)
    desk.asks(desk.caller("+12125550999", waits=False), "+12125550999")
    desk.turns(3)
    assert [each.state for each in desk.all()] == [State.CALLING, State.CALLING, State.SCHEDULED], (
        "one for each who is free"
    )
    desk.answers(talk)
    ticket = desk.ticket(talk)
    assert ticket is not None and ticket.enqueued_at == callback.since, "in front, at the old place"
    who = next(each.staff_id for each in desk.offers() if each.conversation_id == talk)
    assert desk.accept(talk, who)
    desk.floor.finish(talk)
    desk.turns()
    assert desk.all()[0].state == State.DONE
    assert agent in {who, agent}


def test_a_process_dies_between_the_claim_and_the_dialling(desk: Desk) -> None:
    """`call_now` has written down that it calls, and with which conversation, and is killed before the number is dialled."""
    desk.asks(desk.caller(NUMBER))
    agent = desk.floor.agent()
    before = desk.only()
    dead = new_id()
    with tenant_transaction(desk.tenant_id):
        Callback.objects.update(state=State.CALLING, conversation_id=dead, changed_at=clock.now())
    desk.turns()
    assert desk.only().state == State.CALLING, "it may be on its way"
    with pytest.raises(callbacks.TakenUp):
        callbacks.call_now(desk.actor(agent), before.id)
    with desk.later(seconds=90):
        desk.turns()
    again = desk.only()
    assert (again.state, again.attempts, again.since) == (State.SCHEDULED, 0, before.since)
    with pytest.raises(CannotDial):
        callbacks.call_now(desk.actor(desk.floor.agent(ready=False)), before.id)
    assert (desk.only().state, desk.only().conversation_id) == (State.SCHEDULED, None)
    talk = callbacks.call_now(desk.actor(agent), before.id)
    assert (desk.only().state, desk.only().conversation_id) == (State.CALLING, talk)
    assert _dialled(desk) == [talk], "once"


def test_told_late_or_twice_a_turn_does_no_harm(desk: Desk) -> None:
    desk.asks(desk.caller(NUMBER))
    callback = desk.only()
    from callcart.contact.callbacks.turns import begin, call, settle

    assert begin(desk.tenant_id, callback.id)
    attempt = desk.only().conversation_id
    assert not begin(desk.tenant_id, callback.id) and not call(desk.tenant_id, callback.id)
    settle(desk.tenant_id, callback.id)
    settle(desk.tenant_id, new_id())
    assert (desk.only().state, desk.only().conversation_id) == (State.WAITING, attempt)
    with tenant_transaction(desk.tenant_id):
        assert raw.value("SELECT count(*) FROM routing_ticket") == 1
    assert desk.only().due_at <= clock.now() + timedelta(seconds=1)


def _dialled(desk: Desk) -> list[UUID]:
    with tenant_transaction(desk.tenant_id):
        rows = raw.all("SELECT conversation_id FROM voice_call WHERE state = 'dialling'")
    return [row[0] for row in rows]
