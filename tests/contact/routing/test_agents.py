from __future__ import annotations

import itertools

import pytest

from callcart.contact.conversations.public import save_wrap_up_draft, wrap_up_of
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor, system


def person(floor: Floor, staff_id: object, *permissions: str) -> Actor:
    grants = {name: Grant() for name in permissions}
    return Actor(floor.tenant_id, ActorKind.STAFF, id=staff_id, name="Amy", grants=grants)  # type: ignore[arg-type]


def test_a_pause_while_talking_holds_after_wrap_up(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)

    routing.agent_pause(floor.boss, "lunch", agent)
    assert (floor.view(agent).state, floor.view(agent).choice) == ("talking", "paused")
    floor.finish(conversation)
    assert floor.view(agent).state == "wrap_up"
    waiting, _ = floor.call()
    routing.agent_wrap_done(floor.boss, agent)

    assert (floor.view(agent).state, floor.view(agent).reason) == ("paused", "lunch")
    assert floor.state(waiting) == "waiting"


def test_ready_ends_wrap_up_and_takes_the_next(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)
    waiting, nothing = floor.call()
    assert not nothing

    assert floor.ready(agent).conversation_id == waiting
    assert floor.state(conversation) == "closed"


def test_no_offer_in_wrap_up(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)

    assert not floor.call()[1]
    assert routing.sweep(floor.tenant_id) == 0
    assert floor.view(agent).state == "wrap_up"


def test_going_offline_returns_what_rings_to_its_place(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    later, _ = floor.call()

    routing.agent_offline(floor.boss, agent)

    assert (floor.view(agent).state, floor.state(conversation)) == ("offline", "waiting")
    assert (floor.place_and_wait(conversation)[0], floor.place_and_wait(later)[0]) == (1, 2)
    with tenant_transaction(floor.tenant_id):
        assert [offer.state for offer in routing.offers_of(conversation)] == ["returned"]
    assert not floor.accept(hit)


def test_going_offline_while_it_rings_gives_it_to_another(floor: Floor) -> None:
    agent, other = floor.agent(), floor.agent()
    conversation, _ = floor.call()

    assert routing.agent_offline(floor.boss, agent).staff_id == other
    assert floor.record(conversation).agent_id == other


def test_going_offline_never_drops_a_talk(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)

    routing.agent_offline(floor.boss, agent)
    assert (floor.view(agent).state, floor.view(agent).choice, floor.state(conversation)) == (
        "talking",
        "offline",
        "active",
    )
    floor.finish(conversation, wrap_seconds=0)
    assert floor.view(agent).state == "offline"


def test_time_in_state_is_kept_without_gaps(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)
    routing.agent_pause(floor.boss, "lunch", agent)
    routing.agent_wrap_done(floor.boss, agent)
    routing.agent_offline(floor.boss, agent, reason="end_of_day")

    with system() as db:
        rows = db.execute(
            "SELECT state, reason, started_at, ended_at FROM routing_agenthistory WHERE staff_id = %s ORDER BY id",
            (agent,),
        ).fetchall()
    assert [(row[0], row[1]) for row in rows if row[3] > row[2]] == [
        ("offline", ""),
        ("ready", ""),
        ("ringing", ""),
        ("talking", ""),
        ("wrap_up", ""),
        ("wrap_up", ""),
        ("paused", "lunch"),
    ]
    assert all(before[3] == after[2] for before, after in itertools.pairwise(rows))
    assert floor.view(agent).since == rows[-1][3]


def test_an_agent_needs_the_right_and_a_supervisor_the_right_to_steer(floor: Floor) -> None:
    agent = floor.agent(ready=False)
    with pytest.raises(PermissionDenied):
        routing.agent_ready(person(floor, agent))
    with pytest.raises(PermissionDenied):
        routing.force_state(person(floor, new_id(), "routing.work"), agent, "ready")
    assert floor.view(agent).state == "offline"

    routing.agent_ready(person(floor, agent, "routing.work"))
    assert floor.view(agent).state == "ready"
    boss = person(floor, new_id(), "routing.force")
    with tenant_transaction(floor.tenant_id):
        routing.save_pause_reason(floor.boss, "training", name="Training", name_zh="培训")
    routing.force_state(boss, agent, "paused", reason="training")
    assert (floor.view(agent).state, floor.view(agent).reason) == ("paused", "training")
    with tenant_transaction(floor.tenant_id):
        entry = AuditEntry.objects.get(action="routing.force")
    assert (entry.actor_id, entry.subject_id, entry.reason) == (boss.id, agent, "training")


def test_an_unknown_pause_reason_is_refused(floor: Floor) -> None:
    agent = floor.agent()
    with pytest.raises(Invalid):
        routing.agent_pause(person(floor, agent, "routing.work"), "because")
    assert floor.view(agent).state == "ready"


def test_who_is_no_agent_is_told_so(floor: Floor) -> None:
    with pytest.raises(routing.NotAnAgent):
        routing.agent_ready(floor.boss, new_id())


def test_completing_wrap_up_frees_the_agent_after_the_commit(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)
    actor = person(floor, agent, "routing.work", "conversations.handle")

    with tenant_transaction(floor.tenant_id):
        save_wrap_up_draft(actor, conversation, note="asked for a")
    with tenant_transaction(floor.tenant_id):
        routing.complete_wrap_up(actor, conversation, note="asked for a refund", disposition_id=None)
        assert routing.agent_state(agent).state == "wrap_up"

    assert (floor.view(agent).state, floor.state(conversation)) == ("ready", "closed")
    with tenant_transaction(floor.tenant_id):
        sent = wrap_up_of(conversation)
    assert sent is not None and sent.note == "asked for a refund" and sent.submitted_at is not None


def test_a_late_wrap_up_does_not_end_the_next_one(floor: Floor) -> None:
    agent = floor.agent()
    first, hit = floor.call()
    floor.accept(hit)
    floor.finish(first)
    routing.agent_wrap_done(floor.boss, agent)  # its time ran out
    second, hit = floor.call()
    floor.accept(hit)
    floor.finish(second)

    actor = person(floor, agent, "routing.work", "conversations.handle")
    with tenant_transaction(floor.tenant_id):
        routing.complete_wrap_up(actor, first, note="late", disposition_id=None)

    assert floor.view(agent).wrap_conversation_id == second
