"""A caller who waits may hang up by key and keep his place; he waits as before until that is sure, and an agent goes first."""

from __future__ import annotations

from callcart.contact.voice import leaving
from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState
from tests.contact.voice.hall import Hall, settle
from tests.contact.voice.test_transfers import together


async def asked(hall: Hall) -> str:
    """A caller who waits, where callbacks are offered, and has pressed the key."""
    hall.flow.calls_back = True
    caller = await hall.waiting()
    await settle(1)
    hall.engine.press(caller, "1")
    await settle(0.1)
    return caller


async def test_by_key_it_is_promised_and_the_call_ends_as_that(hall: Hall) -> None:
    caller = await asked(hall)
    assert hall.hears(caller) is Hears.PROMPT and hall.talk.row.state is CallState.WAITING
    await settle(3)
    hall.engine.press(caller, "1")
    await settle(5)
    assert hall.talk.reason == "callback" and not hall.engine.legs


async def test_who_says_nothing_hears_the_music_again_in_his_place(hall: Hall) -> None:
    caller = await asked(hall)
    await settle(20)
    assert hall.hears(caller) is Hears.MUSIC and hall.talk.row.state is CallState.WAITING
    hall.engine.press(caller, "1")
    await settle(0.1)
    assert hall.hears(caller) is Hears.PROMPT, "and may think of it again"


async def test_an_agent_who_is_free_goes_first(hall: Hall) -> None:
    caller = await asked(hall)
    agent = await hall.agent()
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    assert together(hall, caller, hall.leg_of(agent))
    await settle(30)
    hall.engine.press(caller, "1")
    await settle(5)
    assert hall.talk.row.state is CallState.TALKING


async def test_where_none_is_offered_the_key_does_nothing(hall: Hall) -> None:
    caller = await hall.waiting()
    await settle(1)
    hall.engine.press(caller, "1")
    await settle(0.5)
    assert hall.hears(caller) is Hears.MUSIC


async def test_the_offer_is_told_with_the_place(hall: Hall) -> None:
    hall.flow.calls_back = True
    await hall.waiting()
    said: list[str] = []
    sounds = hall.records.sounds

    async def heard(tenant_id: int, utterances: object) -> list[str]:
        found = await sounds(tenant_id, utterances)  # type: ignore[arg-type]
        said.extend(found)
        return found

    hall.records.sounds = heard  # type: ignore[method-assign]
    await settle(60)
    assert said[:2] == ["place 1", "press one to be called back"]


async def test_who_presses_the_key_without_end_is_listened_to_for_a_while(hall: Hall) -> None:
    caller = await asked(hall)
    for _time in range(leaving.MOST_TIMES + 3):
        await settle(20)
        hall.engine.press(caller, "1")
        await settle(0.1)
    assert hall.talk.row.state is CallState.WAITING, "he waits on, in his place"
    assert [kind for kind, _data in hall.talk.steps].count(
        "key.pressed"
    ) == leaving.MOST_TIMES + 1  # one in the menu
