"""An agent's word is his, also from whoever knows its id; and it is not undone by another word that comes as its turn begins."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.states import State
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from tests.contact.callbacks.desk import NUMBER, Desk
from tests.contact.routing.floor import system

_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def test_a_colleague_of_the_same_queue_has_no_hand_on_it(desk: Desk) -> None:
    owner, colleague = (desk.actor(desk.floor.agent(ready=False)) for _each in range(2))
    with tenant_transaction(desk.tenant_id):
        mine = callbacks.promise(owner, NUMBER, at=clock.now() + timedelta(hours=1), queue_id=desk.sales)
    for verb in (
        lambda: callbacks.done(colleague, mine.id),
        lambda: callbacks.not_reached(colleague, mine.id),
        lambda: callbacks.put_off(colleague, mine.id, at=clock.now() + timedelta(hours=2)),
    ):
        with pytest.raises(NotFound), tenant_transaction(desk.tenant_id):
            verb()
    with pytest.raises(NotFound):
        callbacks.call_now(colleague, mine.id)
    row = desk.only()
    assert (row.state, row.attempts, row.due_at) == (State.SCHEDULED, 0, mine.due_at)
    assert callbacks.may_work_on(owner, row)


def test_a_word_given_again_as_its_turn_begins_does_not_begin_it_twice(desk: Desk) -> None:
    owner = desk.actor(desk.floor.agent(ready=False))
    with tenant_transaction(desk.tenant_id):
        mine = callbacks.promise(owner, NUMBER, at=clock.now(), queue_id=desk.sales)
    attempt = new_id()
    with ThreadPoolExecutor(1) as hand, system() as watch:
        with tenant_transaction(desk.tenant_id):
            Callback.objects.filter(id=mine.id).update(state=State.WAITING, conversation_id=attempt)
            again = hand.submit(_promised, owner, desk)
            for _look in range(500):
                if watch.execute(_WAITS).fetchone() != (0,):
                    break
                time.sleep(0.01)
        again.result(10)
    row = desk.only()
    assert (row.state, row.conversation_id) == (State.WAITING, attempt), (
        "what waits for it goes on, and is known"
    )


def _promised(owner: Actor, desk: Desk) -> None:
    try:
        with tenant_transaction(desk.tenant_id):
            callbacks.promise(owner, NUMBER, at=clock.now() + timedelta(hours=1), queue_id=desk.sales)
    finally:
        connections.close_all()
