"""Passing on, on real PostgreSQL: one transaction each, capacity never exceeded, the case goes along, wrap-up for whom it is due."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from callcart.contact.conversations.models import Note, Step, WrapUp
from callcart.contact.conversations.public import save_wrap_up_draft
from callcart.contact.routing import public as routing
from callcart.contact.routing.calls import act
from callcart.contact.routing.models import Agent, Offer, Ticket
from callcart.contact.voice.models import Call, OutboundCall
from callcart.contact.voice.records import MOST_PASSES, CallRow, Consult, NotPassed
from callcart.contact.voice.states import CallState, Side
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor
from tests.contact.voice.test_ledger import _page, call, events, opened, play, record, shop  # noqa: F401

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def floor(shop: Floor) -> Floor:  # noqa: F811
    return shop


def talking(floor: Floor, channel: str = "c1") -> tuple[CallRow, UUID]:
    """A call that an agent has answered."""
    staff = floor.agent()
    _page(floor, staff)
    row = opened("+12125550999", channel=channel)
    assert row is not None
    hit = floor.enqueue(row.facts.conversation_id)
    assert hit.staff_id == staff
    talk = replace(
        row, state=CallState.TALKING, agent_channel="agent-1", agent_staff_id=staff, offer_id=hit.offer_id
    )
    assert play(lambda ledger: ledger.accept(talk))
    return talk, staff


def asked(row: CallRow, staff: UUID) -> tuple[CallRow, Any]:
    """The row with a colleague asked, and the answer."""
    wanted = replace(row, consult=Consult("agent-2", staff_id=staff), legs_dialled=2)
    found = play(lambda ledger: ledger.ask(wanted, staff, passing=False))
    assert wanted.consult is not None
    return replace(wanted, consult=replace(wanted.consult, offer_id=found.offer_id)), found


def colleague(floor: Floor) -> UUID:
    staff = floor.agent()
    _page(floor, staff)
    return staff


def load(floor: Floor, staff: UUID) -> tuple[int, int]:
    with tenant_transaction(floor.tenant_id):
        return Agent.objects.values_list("load_voice", "ringing").get(staff_id=staff)


def test_asked_answered_and_taken_over(floor: Floor) -> None:
    row, first = talking(floor)
    second = colleague(floor)
    with tenant_transaction(floor.tenant_id):
        save_wrap_up_draft(floor.boss, row.facts.conversation_id, note="wants her money back")
    row, found = asked(row, second)
    assert found.problem is None and found.username.startswith("desk-")
    assert (load(floor, second), floor.view(second).state) == ((1, 1), "ringing")
    assert floor.view(second).conversation_id == row.facts.conversation_id
    assert row.consult is not None
    answered = replace(row, consult=replace(row.consult, side=Side.IN))
    assert play(lambda ledger: ledger.asked_answers(answered))
    assert (load(floor, second), floor.view(second).state) == ((1, 0), "talking")
    (live,) = play(lambda ledger: ledger.live())
    assert live.consult == answered.consult
    after = replace(answered, agent_channel="agent-2", agent_staff_id=second, consult=None)
    assert play(lambda ledger: ledger.hand_over(after, first)) == (True, None)
    assert (floor.view(first).state, load(floor, first)) == ("wrap_up", (0, 0))
    assert floor.view(first).wrap_conversation_id == row.facts.conversation_id
    talk = record(floor, row)
    assert (talk.state, talk.agent_id) == ("active", second)
    kept = call(floor, row)
    assert (kept.state, kept.agent_channel, kept.agent_staff_id, kept.consult) == (
        "talking",
        "agent-2",
        second,
        None,
    )
    with tenant_transaction(floor.tenant_id):
        note = Note.objects.get(conversation_id=talk.id)
        assert (note.text, note.staff_id) == ("wants her money back", first)
        assert WrapUp.objects.get(conversation_id=talk.id).note == ""
        kinds = list(
            Step.objects.filter(conversation_id=talk.id).order_by("id").values_list("kind", flat=True)
        )
    assert kinds[-3:] == ["consult.offered", "consult.answered", "transfer.completed"]
    # The first one's wrap-up ends while the second still talks: that closes nothing.
    routing.agent_ready(floor.boss, first)
    assert floor.state(talk.id) == "active"
    floor.finish(talk.id)
    assert (floor.state(talk.id), floor.view(second).state) == ("wrap_up", "wrap_up")
    routing.agent_ready(floor.boss, second)
    assert floor.state(talk.id) == "closed"


@pytest.mark.parametrize("why", ["withdrawn", "rejected", "ended"])
def test_a_colleague_let_go_has_room_again(floor: Floor, why: str) -> None:
    row, first = talking(floor)
    second = colleague(floor)
    row, found = asked(row, second)
    if why == "rejected":
        routing.unoffer(found.offer_id, "rejected", tenant_id=floor.tenant_id)
        assert events(floor, "offer.ended")[-1].data["state"] == "rejected"
    assert play(lambda ledger: ledger.end_consult(replace(row, consult=None), why, outside=False)) is None
    assert (load(floor, second), load(floor, first)) == ((0, 0), (1, 0))
    assert floor.view(second).state == ("paused" if why == "rejected" else "ready")
    assert call(floor, row).consult is None
    assert events(floor, "call.consult")[-1].data["why"] == why


def test_an_offer_to_a_colleague_rings_out_like_another(floor: Floor) -> None:
    row, _first = talking(floor)
    second = colleague(floor)
    row, found = asked(row, second)
    with tenant_transaction(floor.tenant_id):
        raw.run(
            "UPDATE routing_offer SET expires_at = now() - interval '1 second' WHERE id = %s",
            (found.offer_id,),
        )
    act(
        floor.tenant_id,
        "acd_unoffer(%s::int, %s::uuid, 'timed_out', true)",
        (floor.tenant_id, found.offer_id),
    )
    assert (floor.view(second).state, floor.view(second).reason) == ("paused", "no_answer")
    assert (load(floor, second), floor.state(row.facts.conversation_id)) == ((0, 0), "active")
    assert not play(lambda ledger: ledger.asked_answers(row))


def test_a_colleague_whose_desk_goes_away_is_asked_no_longer(floor: Floor) -> None:
    row, _first = talking(floor)
    second = colleague(floor)
    asked(row, second)
    routing.agent_offline(floor.boss, second)
    assert (load(floor, second), floor.view(second).state) == ((0, 0), "offline")


def test_the_caller_hangs_up_in_a_consult_and_both_are_free_of_him(floor: Floor) -> None:
    row, first = talking(floor)
    second = colleague(floor)
    asked(row, second)
    play(lambda ledger: ledger.finish(row, None))
    assert (floor.view(first).state, floor.view(second).state) == ("wrap_up", "ready")
    assert (load(floor, first), load(floor, second)) == ((0, 0), (0, 0))


def test_a_lost_agent_takes_his_colleague_with_him(floor: Floor) -> None:
    row, first = talking(floor)
    second = colleague(floor)
    asked(row, second)
    offered = play(lambda ledger: ledger.requeue(row.facts))
    assert (floor.view(first).reason, load(floor, first)) == ("agent_lost", (0, 0))
    assert offered is not None and offered.staff_id == second  # who is free now, and is offered it
    assert load(floor, second) == (1, 1)


def test_who_is_busy_away_or_without_a_page_is_not_asked(floor: Floor) -> None:
    row, _first = talking(floor)
    away, pageless = floor.agent(ready=False), floor.agent()
    assert asked(row, away)[1].problem is NotPassed.BUSY
    assert asked(row, pageless)[1].problem is NotPassed.UNREACHABLE
    assert (load(floor, away), load(floor, pageless)) == ((0, 0), (0, 0))
    with tenant_transaction(floor.tenant_id):
        assert Ticket.objects.get().helper_id is None


def test_two_who_ask_the_same_colleague_at_once(floor: Floor) -> None:
    """Twice the same race, both ways round: one gets him, and he is never asked twice."""
    (one, _a), (two, _b) = talking(floor, "c1"), talking(floor, "c2")
    wanted = colleague(floor)
    found: list[Any] = []

    def ask(row: CallRow) -> None:
        arguments = (floor.tenant_id, row.facts.conversation_id, row.agent_staff_id, wanted, MOST_PASSES)
        found.append(
            raw.autocommit_one(
                "SELECT problem FROM acd_consult(%s::int, %s::uuid, %s::uuid, %s::uuid, %s::int)", arguments
            )[0]
        )

    threads = [threading.Thread(target=ask, args=(row,)) for row in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["", "busy"]
    assert load(floor, wanted) == (1, 1)
    with tenant_transaction(floor.tenant_id):
        assert Offer.objects.filter(state="live").count() == 1


def test_to_a_queue_with_the_place_of_the_first_arrival(floor: Floor) -> None:
    row, first = talking(floor)
    later = floor.conversation()
    floor.enqueue(later, "vip")
    problem, offered = play(lambda ledger: ledger.to_queue(row, floor.queues["vip"]))
    assert (problem, offered) == (None, None)
    assert floor.place_and_wait(row.facts.conversation_id)[0] == 1
    assert floor.place_and_wait(later)[0] == 2
    assert (floor.view(first).state, call(floor, row).state) == ("wrap_up", "waiting")
    hit = floor.ready(first)
    assert hit.conversation_id == row.facts.conversation_id
    assert floor.record(row.facts.conversation_id).state == "offered"


def test_to_the_menu_and_to_a_person_again(floor: Floor) -> None:
    row, first = talking(floor)
    row = replace(row, paused_for=("payment",))
    play(lambda ledger: ledger.keep_pause(row, "recording.paused", "payment"))
    (live,) = play(lambda ledger: ledger.live())
    assert live.paused_for == ("payment",)
    assert events(floor, "call.recording")[-1].data["paused"] is True
    assert play(lambda ledger: ledger.to_menu(row)) == (None, None)
    assert (floor.state(row.facts.conversation_id), floor.view(first).state) == ("ivr", "wrap_up")
    with tenant_transaction(floor.tenant_id):
        assert not Ticket.objects.exists()
    floor.enqueue(row.facts.conversation_id)
    assert floor.state(row.facts.conversation_id) == "waiting"


def test_another_agents_talk_and_one_passed_on_too_often_stay(floor: Floor) -> None:
    row, first = talking(floor)
    second = colleague(floor)
    foreign = replace(row, agent_staff_id=second)
    assert play(lambda ledger: ledger.to_menu(foreign)) == (NotPassed.GONE, None)
    with tenant_transaction(floor.tenant_id):
        for _each in range(MOST_PASSES):
            Step.objects.create(conversation_id=row.facts.conversation_id, kind="transfer.queue")
    assert play(lambda ledger: ledger.to_queue(row, floor.queues["vip"]))[0] is NotPassed.LIMIT
    assert asked(row, second)[1].problem is NotPassed.LIMIT
    assert (record(floor, row).state, record(floor, row).agent_id) == ("active", first)


def test_outside_the_call_goes_on_and_the_conversation_is_over(floor: Floor) -> None:
    row, first = talking(floor)
    with tenant_transaction(floor.tenant_id):
        OutboundCall.objects.create(conversation_id=row.facts.conversation_id, number="+12025550777")
    there = Consult("agent-2", side=Side.IN, number="+12025550777")
    play(lambda ledger: ledger.keep_consult(replace(row, consult=there), "consult.answered", {}))
    play(lambda ledger: ledger.hand_outside(replace(row, agent_channel="agent-2"), "+12025550777"))
    assert (record(floor, row).state, floor.view(first).state) == ("wrap_up", "wrap_up")
    (live,) = play(lambda ledger: ledger.live())
    assert (live.state, live.agent_channel, live.agent_staff_id) == (CallState.OUTSIDE, "agent-2", None)
    routing.agent_ready(floor.boss, first)
    (live,) = play(lambda ledger: ledger.live())
    assert live.state is CallState.OUTSIDE  # closed, and still on the line
    play(lambda ledger: ledger.finish(live, None))
    with tenant_transaction(floor.tenant_id):
        assert OutboundCall.objects.get().answered_at is not None
        assert Call.objects.get().ended_at is not None
