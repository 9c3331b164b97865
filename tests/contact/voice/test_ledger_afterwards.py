"""Leaving a talk to the flow, on real PostgreSQL: its agent has wrap-up and is free after it, the call's row lives on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.contact.voice.states import CallState
from tests.contact.routing.floor import Floor
from tests.contact.voice.test_ledger import call, play, record
from tests.contact.voice.test_ledger_transfers import floor, load, shop, talking  # noqa: F401

pytestmark = pytest.mark.usefixtures("shop")


def test_the_agent_has_wrap_up_and_the_call_goes_on(floor: Floor) -> None:  # noqa: F811
    row, staff = talking(floor)
    after = replace(
        row, state=CallState.AFTER, agent_staff_id=None, agent_channel="", offer_id=None, flow_state={}
    )
    play(lambda ledger: ledger.leave_to_flow(after, staff, "survey"))
    talk = record(floor, row)
    assert (talk.state, talk.end_reason, talk.agent_id) == ("wrap_up", "completed", staff)
    assert load(floor, staff) == (0, 0)
    kept = call(floor, row)
    assert (kept.state, kept.agent_channel, kept.ended_at) == ("after", "", None)

    again = play(lambda ledger: ledger.live())
    assert [each.state for each in again] == [CallState.AFTER], "a process that starts again finds it"
    said = replace(after, flow_state={"at": "aside"})
    assert (
        play(lambda ledger: ledger.save(said, step="prompt.played", data={"text": "Was it quick?"})) is None
    )
    play(lambda ledger: ledger.finish(said, "rejected"))
    talk = record(floor, row)
    assert (talk.state, talk.end_reason) == ("wrap_up", "completed"), (
        "the end of the survey is not that of the talk"
    )
    assert call(floor, row).ended_at is not None
