"""A queue that cannot be waited in, or not any longer: the caller hears what it does instead, or waits in another one."""

from __future__ import annotations

import pytest

from callcart.contact.routing.public import Instead
from callcart.contact.voice.admitting import Admitted
from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState
from callcart.core.ids import new_id
from tests.contact.voice.hall import Hall, settle


async def _waits(hall: Hall) -> str:
    caller = await hall.waiting()
    await settle(1)
    return caller


def _steps(hall: Hall) -> list[str]:
    return [kind for kind, _data in hall.talk.steps]


@pytest.mark.parametrize(
    ("action", "occasion", "part"),
    [
        (Instead.MESSAGE, "closed", "told_closed"), (Instead.MESSAGE, "full", "told_full"),
        (Instead.VOICEMAIL, "closed", "voicemail"), (Instead.CALLBACK, "nobody", "callback"),
    ],
)  # fmt: skip
async def test_who_may_not_wait_hears_what_is_done_instead(
    hall: Hall, action: Instead, occasion: str, part: str
) -> None:
    hall.records.admission = Admitted(action, new_id(), occasion)
    caller = await _waits(hall)
    assert hall.engine.played[-1] == (caller, (f"a key for {part}",))
    assert hall.talk.row.state is CallState.MENU and "queue.refused" in _steps(hall)
    hall.engine.press(caller, "1")
    await settle(3)
    assert hall.talk.reason == "self_served"


async def test_a_queue_that_sends_on_is_waited_in_where_it_sends_to(hall: Hall) -> None:
    hall.records.admission = Admitted(Instead.WAIT, new_id(), "closed")
    caller = await _waits(hall)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)


async def test_who_has_waited_as_long_as_one_may_is_told_then_and_not_before(hall: Hall) -> None:
    caller = await _waits(hall)
    hall.records.left = 10.0
    await settle(3)
    assert hall.talk.row.state is CallState.WAITING
    hall.records.way = Admitted(Instead.MESSAGE, None, "late")
    await settle(5)
    assert hall.talk.row.state is CallState.WAITING, "not yet"
    await settle(6)
    assert hall.engine.played[-1] == (caller, ("a key for told_late",))
    assert (hall.talk.row.state, "queue.left" in _steps(hall)) == (CallState.MENU, True)


async def test_nobody_waits_for_ever_where_nobody_is_there(hall: Hall) -> None:
    caller = await _waits(hall)
    hall.records.way = Admitted(Instead.VOICEMAIL, None, "nobody")
    await settle(3)
    assert hall.engine.played[-1] == (caller, ("a key for voicemail",))


async def test_to_another_queue_one_goes_with_the_music_on(hall: Hall) -> None:
    caller = await _waits(hall)
    hall.records.way = Admitted(Instead.QUEUE, new_id(), "late")
    await settle(50)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)
    assert _steps(hall)[-1] == "queue.moved"


async def test_an_agent_who_is_about_to_answer_is_not_left(hall: Hall) -> None:
    await hall.agent()
    hall.records.way = Admitted(Instead.MESSAGE, None, "late")
    caller = await _waits(hall)
    await settle(3)
    assert hall.talk.row.state is CallState.RINGING
    await settle(10)
    assert "queue.left" not in _steps(hall) and caller in hall.engine.legs


async def test_a_process_that_died_looks_at_once_at_who_waited_too_long(hall: Hall) -> None:
    caller = await _waits(hall)
    await hall.stop()
    hall.records.way = Admitted(Instead.MESSAGE, None, "late")
    await hall.start()
    await settle(4)
    assert hall.engine.played[-1] == (caller, ("a key for told_late",))
