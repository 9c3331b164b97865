"""An agent's telephone rings, and nobody answers it in the end: the caller leaves, the agent declines, lets it ring, is gone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.phones import Desk, Lines, desk, hears_something, in_state, latest, ringing_shortly
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def rings(agent: Desk, count: int = 1) -> None:
    eventually(lambda: len(agent.phone.invites) >= count, "the agent's telephone rings", timeout=40)


def offers(system: System) -> list[dict[str, Any]]:
    return system.rows(
        "SELECT * FROM routing_offer WHERE conversation_id = %(id)s ORDER BY id", {"id": latest(system)["id"]}
    )


def test_the_caller_leaves_while_it_rings(system: System, dial_in: Lines) -> None:
    with desk(system) as agent:
        agent.ready()
        caller = dial_in()
        hears_something(caller, "the greeting")
        caller.press("1")
        rings(agent)
        assert agent.phone.invites[0].header("X-Callcart-Conversation") == str(latest(system)["id"])
        assert in_state(system, "offered")["agent_id"] is not None
        hears_something(caller, "music while it rings")
        caller.hang_up()
        eventually(lambda: agent.phone.invites[0].cancelled, "it stops ringing")
        ended = in_state(system, "closed")
        assert (ended["end_reason"], ended["answered_at"]) == ("abandoned", None)
        assert [offer["state"] for offer in offers(system)] == ["withdrawn"]
        assert agent.lane()["state"] == "ready"


def test_an_agent_who_declines_is_paused_and_the_caller_keeps_the_place(
    system: System, dial_in: Lines
) -> None:
    with desk(system, decline=True) as agent:
        agent.ready()
        caller = dial_in()
        hears_something(caller, "the greeting")
        caller.press("1")
        rings(agent)
        waiting = in_state(system, "waiting")
        assert agent.lane()["state"] == "paused"
        assert [offer["state"] for offer in offers(system)] == ["rejected"]
        hears_something(caller, "music again")
        agent.phone.decline = False
        agent.ready()
        rings(agent, 2)
        assert latest(system)["queued_at"] == waiting["queued_at"]
        caller.hang_up()
        assert in_state(system, "closed")["end_reason"] == "abandoned"


def test_an_agent_who_lets_it_ring_is_paused_and_the_caller_waits_on(system: System, dial_in: Lines) -> None:
    with ringing_shortly(system), desk(system) as agent:
        agent.ready()
        caller = dial_in()
        hears_something(caller, "the greeting")
        caller.press("1")
        rings(agent)
        eventually(lambda: agent.lane()["state"] == "paused", "the offer times out", timeout=60)
        eventually(lambda: agent.phone.invites[0].cancelled, "it stops ringing")
        assert [offer["state"] for offer in offers(system)] == ["timed_out"]
        assert in_state(system, "waiting")["answered_at"] is None
        assert not caller.other_side_left()
        caller.hang_up()
        in_state(system, "closed")


def test_an_agent_whose_page_is_gone_is_not_rung(system: System, dial_in: Lines) -> None:
    with desk(system) as agent:
        agent.ready()
        agent.phone.vanish()
        caller = dial_in()
        hears_something(caller, "the greeting")
        caller.press("1")
        eventually(
            lambda: [each["state"] for each in offers(system)] == ["unreachable"],
            "the offer ends",
            timeout=60,
        )
        in_state(system, "waiting")
        assert agent.phone.invites == []
        caller.hang_up()
        in_state(system, "closed")
