"""From the first ring to two people talking."""

from __future__ import annotations

from callcart.contact.voice.engine import HangUp
from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState, Media
from tests.contact.voice.hall import Hall, settle


async def test_menu_queue_agent_bridge(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.caller()
    assert hall.hears(caller) is Hears.PROMPT
    hall.engine.press(caller, "0")
    await settle()
    assert (hall.hears(caller), hall.rings(agent)) == (Hears.MUSIC, 1)
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE
    assert hall.hears(hall.leg_of(agent)) is Hears.PEOPLE
    assert (hall.talk.row.state, hall.talk.media) == (CallState.TALKING, [Media.TALK])


async def test_a_number_of_nobody_is_not_answered(hall: Hall) -> None:
    caller = await hall.caller("+19995550000")
    assert hall.engine.hang_ups == [(caller, HangUp.UNALLOCATED)]
    assert not hall.engine.legs and not hall.records.talks
