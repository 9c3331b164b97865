"""Passing a talk on: asking a colleague first, swapping, three together, giving up, completing; to queues, to the menu, outside; and whoever
goes or dies at each step leaves nobody alone on a line."""

from __future__ import annotations

from uuid import uuid4

import pytest

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.records import MOST_PASSES
from callcart.contact.voice.states import CallState, Media, Request, Side
from tests.contact.voice.hall import Hall, settle

MUSIC, PEOPLE, NOTHING = Hears.MUSIC, Hears.PEOPLE, Hears.NOTHING
OUTSIDE = "+12025550777"


def together(hall: Hall, *channels: str) -> bool:
    """These hear one another, and nobody else does."""
    return any(members == set(channels) for members in hall.engine.bridges.values())


def side(hall: Hall) -> Side | None:
    consult = hall.talk.row.consult
    return consult.side if consult is not None else None


# ---- asking first ----


async def test_a_colleague_is_asked_while_the_caller_hears_music(hall: Hall) -> None:
    caller, first, second = await hall.consulting()
    assert (hall.rings(second), second.state, side(hall)) == (1, "ringing", Side.CALLING)
    assert (hall.hears(caller), hall.hears(hall.leg_of(first))) == (MUSIC, NOTHING)
    await hall.pick_up(second)
    assert together(hall, hall.leg_of(first), hall.leg_of(second))
    assert (hall.hears(caller), second.state, side(hall)) == (MUSIC, "talking", Side.IN)
    assert hall.talk.consults == ["calling"]


async def test_the_talk_is_the_colleagues_and_the_first_one_wraps_up(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.COMPLETE)
    assert together(hall, caller, hall.leg_of(second))
    assert not hall.engine.legs[caller].music and not hall.engine.talking(first.username or "")
    row = hall.talk.row
    assert (row.state, row.agent_staff_id, row.consult) == (CallState.TALKING, second.staff_id, None)
    assert (first.state, second.state, hall.talk.finishes) == ("wrap_up", "talking", 0)
    await hall.ask(Request.HOLD)  # it is the second one's call in everything
    assert hall.hears(caller) is MUSIC
    await hall.hang_up(hall.leg_of(second))
    assert (hall.talk.reason, hall.talk.finishes, second.state) == ("completed", 1, "wrap_up")
    assert not hall.engine.legs and not hall.engine.bridges


async def test_given_up_the_caller_is_back_with_the_first_one(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.GIVE_UP)
    assert together(hall, caller, hall.leg_of(first))
    assert (second.state, side(hall), hall.talk.media[-1]) == ("ready", None, Media.TALK)
    assert not hall.engine.talking(second.username or "")


async def test_given_up_while_it_rings(hall: Hall) -> None:
    caller, first, second = await hall.consulting()
    await hall.ask(Request.GIVE_UP)
    assert together(hall, caller, hall.leg_of(first))
    assert (hall.rings(second), second.state) == (0, "ready")


async def test_swapping_between_the_two(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.SWAP)
    assert together(hall, caller, hall.leg_of(first))
    assert (hall.hears(hall.leg_of(second)), side(hall)) == (MUSIC, Side.OUT)
    await hall.ask(Request.SWAP)
    assert together(hall, hall.leg_of(second), hall.leg_of(first))
    assert hall.hears(caller) is MUSIC
    assert not hall.engine.legs[hall.leg_of(second)].music


async def test_back_to_the_caller_while_it_rings_and_music_for_who_answers_then(hall: Hall) -> None:
    caller, first, second = await hall.consulting()
    await hall.ask(Request.UNHOLD)
    assert together(hall, caller, hall.leg_of(first)) and hall.rings(second) == 1
    await hall.pick_up(second)
    assert (hall.hears(hall.leg_of(second)), hall.hears(caller)) == (MUSIC, PEOPLE)
    await hall.ask(Request.SWAP)
    assert together(hall, hall.leg_of(second), hall.leg_of(first))


async def test_who_let_both_wait_has_the_caller_wait_when_the_other_goes(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.SWAP)
    await hall.ask(Request.HOLD)
    assert hall.hears(caller) is hall.hears(hall.leg_of(second)) is MUSIC
    await hall.hang_up(hall.leg_of(second))
    assert (hall.hears(caller), hall.talk.row.state) == (MUSIC, CallState.HELD)
    await hall.ask(Request.UNHOLD)
    assert together(hall, caller, hall.leg_of(first))


async def test_our_process_dies_as_the_caller_comes_back(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    hall.engine.hang_up_far(hall.leg_of(second))
    await settle(0.0045)  # written down, and not done yet
    await hall.restart()
    assert together(hall, caller, hall.leg_of(first))


async def test_three_together_and_the_first_one_leaves(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.THREE_WAY)
    assert together(hall, caller, hall.leg_of(first), hall.leg_of(second))
    assert hall.hears(caller) is PEOPLE and not hall.engine.legs[caller].music
    await hall.hang_up(hall.leg_of(first))
    assert together(hall, caller, hall.leg_of(second))
    assert (first.state, hall.talk.row.agent_staff_id) == ("wrap_up", second.staff_id)


async def test_three_together_and_the_colleague_leaves(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.THREE_WAY)
    await hall.hang_up(hall.leg_of(second))
    assert together(hall, caller, hall.leg_of(first))
    assert (second.state, hall.talk.finishes) == ("ready", 0)


async def test_two_cannot_be_asked_at_once(hall: Hall) -> None:
    _caller, _first, _second = await hall.consulting()
    third = await hall.agent()
    await hall.ask(Request.CONSULT, staff_id=str(third.staff_id))
    assert (hall.rings(third), third.state) == (0, "ready")


# ---- passing on at once ----


async def test_passed_on_as_soon_as_they_answer(hall: Hall) -> None:
    caller, first, second = await hall.consulting(passing=True)
    assert hall.hears(caller) is MUSIC
    await hall.pick_up(second)
    assert together(hall, caller, hall.leg_of(second))
    assert (first.state, second.state) == ("wrap_up", "talking")
    assert not hall.engine.talking(first.username or "")


@pytest.mark.parametrize("passing", [True, False])
@pytest.mark.parametrize("how", ["rings out", "declined by phone", "declined at the desk", "gone"])
async def test_who_does_not_answer_leaves_the_caller_with_the_first_one(
    hall: Hall, passing: bool, how: str
) -> None:
    caller, first, second = await hall.consulting(passing=passing)
    match how:
        case "rings out":
            await settle(21)
        case "declined by phone":
            hall.engine.decline(second.username or "")
        case "declined at the desk":
            hall.records.decline(second)
        case _:
            hall.engine.lose(hall.engine.ringing(second.username or "")[0].channel)
    await settle()
    assert together(hall, caller, hall.leg_of(first))
    assert (hall.talk.row.state, side(hall), second.state) == (CallState.TALKING, None, "paused")
    assert hall.rings(second) == 0 and not hall.engine.legs[caller].music


async def test_the_first_one_may_go_before_they_answer(hall: Hall) -> None:
    caller, first, second = await hall.consulting(passing=True)
    await hall.hang_up(hall.leg_of(first))
    assert hall.hears(caller) in (MUSIC, Hears.PROMPT) and hall.rings(second) == 1
    await hall.pick_up(second)
    assert together(hall, caller, hall.leg_of(second))
    await settle(100)
    assert (hall.talk.row.state, hall.talk.finishes, first.state) == (CallState.TALKING, 0, "wrap_up")


async def test_nobody_answers_and_the_first_one_is_gone(hall: Hall) -> None:
    caller, first, _second = await hall.consulting(passing=True)
    third = await hall.agent(ready=False)
    await hall.hang_up(hall.leg_of(first))
    await settle(62)
    assert (hall.talk.row.state, first.reason) == (CallState.WAITING, "agent_lost")
    hall.records.get_ready(third)
    await settle()
    await hall.pick_up(third)
    assert together(hall, caller, hall.leg_of(third))


async def test_a_busy_colleague_is_not_rung_and_the_talk_goes_on(hall: Hall) -> None:
    caller, first = await hall.talking()
    busy = await hall.agent(ready=False)
    await hall.ask(Request.CONSULT, staff_id=str(busy.staff_id), passing=True)
    assert together(hall, caller, hall.leg_of(first))
    assert (hall.rings(busy), hall.talk.consults) == (0, ["busy"])


async def test_a_chain_of_transfers_has_an_end(hall: Hall) -> None:
    caller, holder = await hall.talking()
    other = await hall.agent()
    for _each in range(MOST_PASSES):
        await hall.ask(Request.CONSULT, staff_id=str(other.staff_id), passing=True)
        await hall.pick_up(other)
        holder, other = other, holder
        assert together(hall, caller, hall.leg_of(holder))
        hall.records.get_ready(other)
    await settle()
    await hall.ask(Request.CONSULT, staff_id=str(other.staff_id), passing=True)
    await hall.ask(Request.TO_QUEUE, queue_id=str(uuid4()))
    await hall.ask(Request.TO_MENU)
    assert (hall.rings(other), hall.talk.consults[-1]) == (0, "limit")
    assert together(hall, caller, hall.leg_of(holder))


# ---- whoever goes in a consult ----


@pytest.mark.parametrize("answers", [True, False])
async def test_the_caller_hangs_up(hall: Hall, answers: bool) -> None:
    caller, first, second = await hall.consulting()
    if answers:
        await hall.pick_up(second)
    await hall.hang_up(caller)
    assert not hall.engine.legs and not hall.engine.bridges
    assert (hall.talk.reason, hall.talk.finishes) == ("completed", 1)
    assert (first.state, second.state) == ("wrap_up", "ready")


async def test_the_colleague_hangs_up(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.hang_up(hall.leg_of(second))
    assert together(hall, caller, hall.leg_of(first))
    assert (second.state, hall.talk.consults[-1]) == ("ready", "ended")


async def test_the_first_one_puts_down_his_phone_and_it_is_completed(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.hang_up(hall.leg_of(first))
    assert together(hall, caller, hall.leg_of(second))
    assert first.state == "wrap_up"


async def test_the_desks_hang_up_in_a_private_word_keeps_the_caller(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.HANG_UP)
    assert together(hall, caller, hall.leg_of(first))
    assert second.state == "ready"


async def test_the_first_ones_page_crashes_and_comes_back(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    hall.engine.lose(hall.leg_of(first))
    await settle()
    assert (hall.talk.row.state, second.state) == (CallState.AGENT_LOST, "ready")
    await hall.ask(Request.REJOIN)
    await hall.pick_up(first)
    assert together(hall, caller, hall.leg_of(first))


@pytest.mark.parametrize("answers", [True, False])
async def test_our_process_is_killed_in_a_consult(hall: Hall, answers: bool) -> None:
    caller, first, second = await hall.consulting()
    if answers:
        await hall.pick_up(second)
    await hall.restart()
    assert (hall.hears(caller), side(hall)) == (MUSIC, Side.IN if answers else Side.CALLING)
    if answers:
        assert together(hall, hall.leg_of(first), hall.leg_of(second))
    else:
        await settle(6)
        assert hall.rings(second) == 1  # the offer lives
        await hall.pick_up(second)
    await hall.ask(Request.COMPLETE)
    assert together(hall, caller, hall.leg_of(second))


async def test_they_answer_while_our_process_is_away(hall: Hall) -> None:
    caller, _first, second = await hall.consulting(passing=True)
    await hall.stop()
    hall.engine.pick_up(second.username or "")
    await hall.restart()
    assert together(hall, caller, hall.leg_of(second))


@pytest.mark.parametrize("answers", [True, False])
async def test_they_go_while_our_process_is_away(hall: Hall, answers: bool) -> None:
    caller, first, second = await hall.consulting()
    if answers:
        await hall.pick_up(second)
    await hall.stop()
    for leg in [*hall.engine.ringing(second.username or ""), *hall.engine.talking(second.username or "")]:
        hall.engine.hang_up_far(leg.channel)
    await hall.restart()
    assert together(hall, caller, hall.leg_of(first))
    assert (second.state, side(hall)) == ("ready" if answers else "paused", None)


async def test_an_offer_that_ended_while_our_process_was_away_rings_no_longer(hall: Hall) -> None:
    caller, first, second = await hall.consulting()
    await hall.stop()
    hall.records.decline(second)
    await hall.restart()
    await settle(6)
    assert hall.rings(second) == 0
    assert together(hall, caller, hall.leg_of(first))


async def test_the_engine_dies_in_a_consult(hall: Hall) -> None:
    _caller, first, second = await hall.consulted()
    hall.engine.crash()
    await settle(5)
    assert (hall.talk.reason, hall.talk.finishes) == ("telephony_lost", 1)
    assert (first.state, second.state) == ("wrap_up", "ready")


# ---- to a queue, to the menu ----


async def test_to_a_queue_where_somebody_is_free(hall: Hall) -> None:
    caller, first = await hall.talking()
    second = await hall.agent()
    await hall.ask(Request.TO_QUEUE, queue_id=str(uuid4()))
    assert (first.state, hall.rings(second), hall.hears(caller)) == ("wrap_up", 1, MUSIC)
    assert not hall.engine.talking(first.username or "")
    await hall.pick_up(second)
    assert together(hall, caller, hall.leg_of(second))


async def test_to_a_queue_the_caller_keeps_his_place(hall: Hall) -> None:
    caller, first = await hall.talking()
    later = await hall.waiting()
    await hall.ask(Request.TO_QUEUE, queue_id=str(uuid4()))
    assert hall.hears(caller) is MUSIC
    hall.records.get_ready(first)
    await settle()
    await hall.pick_up(first)
    assert (hall.hears(caller), hall.hears(later)) == (PEOPLE, MUSIC)


async def test_to_a_queue_out_of_a_consult(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.TO_QUEUE, queue_id=str(uuid4()))
    assert (first.state, second.state, hall.hears(caller)) == ("wrap_up", "ringing", MUSIC)
    assert len(hall.engine.legs) == 2  # the caller's, and the offer's


async def test_to_a_queue_that_is_not_there_the_talk_goes_on(hall: Hall) -> None:
    caller, first = await hall.talking()
    hall.records.has_queue = False
    await hall.ask(Request.TO_QUEUE, queue_id=str(uuid4()))
    assert together(hall, caller, hall.leg_of(first))


async def test_to_the_menu_and_to_a_person_again(hall: Hall) -> None:
    caller, first = await hall.talking()
    await hall.ask(Request.TO_MENU)
    assert (hall.talk.row.state, hall.hears(caller), first.state) == (CallState.MENU, Hears.PROMPT, "wrap_up")
    hall.records.get_ready(first)
    hall.engine.press(caller, "0")
    await settle()
    await hall.pick_up(first)
    assert together(hall, caller, hall.leg_of(first))


# ---- outside ----


async def outside(hall: Hall, *, passing: bool) -> str:
    """A number outside rings: its leg."""
    await hall.ask(Request.CONSULT, number=OUTSIDE, shown="+12025550100", passing=passing)
    (leg,) = hall.engine.ringing(f"outside {OUTSIDE}")
    assert leg.caller == "+12025550100"
    return leg.channel


@pytest.mark.parametrize("passing", [True, False])
async def test_the_caller_is_given_to_a_number_outside(hall: Hall, passing: bool) -> None:
    caller, first = await hall.talking()
    leg = await outside(hall, passing=passing)
    hall.engine.pick_up(f"outside {OUTSIDE}")
    await settle()
    if not passing:
        assert together(hall, leg, hall.leg_of(first))
        await hall.ask(Request.COMPLETE)
    assert together(hall, caller, leg)
    assert (hall.talk.row.state, first.state) == (CallState.OUTSIDE, "wrap_up")
    assert not hall.engine.legs[caller].recording  # what they say is not ours to keep
    await hall.restart()
    assert together(hall, caller, leg)  # though for us the conversation is over
    await hall.hang_up(leg)
    assert not hall.engine.legs and not hall.engine.bridges
    assert (hall.talk.finishes, hall.talk.reason) == (1, "completed")


async def test_the_first_one_may_go_before_somebody_outside_answers(hall: Hall) -> None:
    caller, first = await hall.talking()
    leg = await outside(hall, passing=True)
    await hall.hang_up(hall.leg_of(first))
    hall.engine.pick_up(f"outside {OUTSIDE}")
    await settle()
    assert together(hall, caller, leg)
    await settle(100)
    assert (hall.talk.row.state, first.state) == (CallState.OUTSIDE, "wrap_up")


@pytest.mark.parametrize(
    ("cause", "why"), [(17, "busy"), (19, "no_answer"), (1, "no_such_number"), (38, "failed")]
)
async def test_why_nobody_outside_was_reached_is_said(hall: Hall, cause: int, why: str) -> None:
    caller, first = await hall.talking()
    hall.engine.hang_up_far(await outside(hall, passing=True), cause)
    await settle()
    assert together(hall, caller, hall.leg_of(first))
    assert hall.talk.consults == ["calling", why]


async def test_without_a_trunk_nothing_is_dialled(hall: Hall) -> None:
    caller, first = await hall.talking()
    hall.engine.has_trunk = False
    await hall.ask(Request.CONSULT, number=OUTSIDE, passing=True)
    assert together(hall, caller, hall.leg_of(first))
    assert hall.talk.consults[-1] == "failed"


async def test_outside_rings_out(hall: Hall) -> None:
    caller, first = await hall.talking()
    await outside(hall, passing=False)
    await settle(46)
    assert together(hall, caller, hall.leg_of(first))
