"""Calls with a customer's page: the agent's page first, then the visitor's as soon as it has registered; whoever goes leaves nobody on a
line, and it is as any other talk meanwhile."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.contact.voice.engine import Softphone
from callcart.contact.voice.fake import Hears
from callcart.contact.voice.fake_passing import Agent
from callcart.contact.voice.guests import softphone_of, username_of
from callcart.contact.voice.inputs import Wish
from callcart.contact.voice.news import AccountAt, AccountEnded, AccountWanted, DialWanted, News, news_of
from callcart.contact.voice.states import CallState, Media, Request
from callcart.core.clock import now
from callcart.core.events import Event
from tests.contact.voice.hall import Hall, settle
from tests.contact.voice.test_dialling import nothing_left, why
from tests.contact.voice.test_transfers import together

PAGE = "guest-of-a-chat"


async def begun(hall: Hall, *, registered: bool = True) -> Agent:
    """Both have agreed; the agent's page has answered by itself."""
    agent = await hall.agent()
    conversation = hall.records.dial_page(agent, PAGE)
    if registered:
        hall.engine.register(PAGE)
    hall.exchange.hear(DialWanted(conversation))
    await settle()
    await hall.pick_up(agent)
    return agent


async def talking(hall: Hall) -> tuple[Agent, str]:
    agent = await begun(hall)
    (leg,) = hall.engine.ringing(PAGE)
    hall.engine.pick_up(PAGE)
    await settle()
    return agent, leg.channel


async def gone(hall: Hall) -> None:
    hall.exchange.tell(Wish(hall.talk.row.facts.conversation_id, Request.GONE))
    await settle()


async def test_both_pages_are_rung_and_they_talk(hall: Hall) -> None:
    agent, leg = await talking(hall)
    assert together(hall, leg, hall.leg_of(agent))
    assert (hall.talk.row.state, hall.talk.media) == (CallState.TALKING, [Media.TALK])
    assert hall.records.let_out_asked == 0  # nothing is dialled outside
    await hall.ask(Request.HOLD)
    assert hall.hears(leg) is Hears.MUSIC
    await hall.ask(Request.UNHOLD)
    await hall.hang_up(leg)
    assert nothing_left(hall) and agent.state == "wrap_up"


async def test_a_page_that_comes_late_is_rung_when_it_is_there(hall: Hall) -> None:
    agent = await begun(hall, registered=False)
    assert not hall.engine.ringing(PAGE)
    await settle(5)
    hall.engine.register(PAGE)
    await settle()
    (leg,) = hall.engine.ringing(PAGE)
    hall.engine.register(PAGE)  # told twice, it is rung once
    await settle()
    assert hall.engine.ringing(PAGE) == [leg]
    hall.engine.pick_up(PAGE)
    await settle(30)
    assert together(hall, leg.channel, hall.leg_of(agent))


async def test_a_page_that_never_comes(hall: Hall) -> None:
    agent = await begun(hall, registered=False)
    await settle(21)
    assert (why(hall), hall.talk.reason, agent.state) == ("no_answer", "not_reached", "wrap_up")
    assert nothing_left(hall)


async def test_a_page_that_is_rung_and_does_not_answer(hall: Hall) -> None:
    await begun(hall)
    await settle(26)
    assert why(hall) == "no_answer" and nothing_left(hall)


async def test_the_visitor_goes_before_and_in_the_talk(hall: Hall) -> None:
    agent = await begun(hall)
    await gone(hall)
    assert (why(hall), agent.state) == ("rejected", "wrap_up") and nothing_left(hall)


async def test_the_visitor_goes_while_he_is_on_hold(hall: Hall) -> None:
    agent, _leg = await talking(hall)
    await hall.ask(Request.HOLD)
    await gone(hall)
    assert nothing_left(hall) and agent.state == "wrap_up"
    await gone(hall)  # late, it changes nothing
    assert hall.talk.finishes == 1


async def test_a_page_whose_sound_is_lost_ends_the_call_and_one_whose_signalling_is_does_not(
    hall: Hall,
) -> None:
    agent, leg = await talking(hall)
    hall.engine.unregister(PAGE, media_stops=False)
    await settle(10)
    assert together(hall, leg, hall.leg_of(agent))
    hall.engine.lose(leg)
    await settle()
    assert nothing_left(hall) and agent.state == "wrap_up"


async def test_the_agent_hangs_up_and_no_survey_is_asked_of_a_page(hall: Hall) -> None:
    hall.flow.follows = "survey"
    await talking(hall)
    await hall.ask(Request.HANG_UP)
    assert nothing_left(hall)


async def test_a_talk_outlives_the_voice_process(hall: Hall) -> None:
    agent, leg = await talking(hall)
    await hall.restart()
    assert together(hall, leg, hall.leg_of(agent))
    await gone(hall)
    assert nothing_left(hall)


async def test_a_process_that_died_before_the_page_was_rung_rings_it(hall: Hall) -> None:
    agent = await begun(hall, registered=False)
    await hall.restart()
    hall.engine.register(PAGE)
    await settle()
    (leg,) = hall.engine.ringing(PAGE)
    await hall.restart()  # and once more while it rings
    assert hall.engine.ringing(PAGE) == [leg]
    hall.engine.pick_up(PAGE)
    await settle()
    assert together(hall, leg.channel, hall.leg_of(agent))


async def test_it_is_passed_on_as_any_talk(hall: Hall) -> None:
    first, leg = await talking(hall)
    second = await hall.agent()
    await hall.ask(Request.CONSULT, staff_id=str(second.staff_id), passing=True)
    await hall.pick_up(second)
    assert together(hall, leg, hall.leg_of(second)) and first.state == "wrap_up"


ACCOUNT = UUID("0190a0a0-0000-7000-8000-00000000beef")


@pytest.mark.parametrize(
    ("kind", "data", "news"),
    [
        ("guest.wanted", {"serial": 2}, AccountWanted(softphone_of(ACCOUNT, 2))),
        ("guest.ended", {}, AccountEnded(username_of(ACCOUNT))),
        (
            "softphone.at",
            {"node": "b", "here": True, "guest": True},
            AccountAt(username_of(ACCOUNT), "b", here=True),
        ),
    ],
)
def test_what_the_voice_process_is_told_of_a_page(kind: str, data: dict[str, object], news: News) -> None:
    told = Event(1, 1, now(), kind, "", None, None, "process", {"account_id": str(ACCOUNT), **data})
    assert news_of(told) == news


def test_each_password_is_another_and_none_is_a_desks() -> None:
    first, second = softphone_of(ACCOUNT, 1), softphone_of(ACCOUNT, 2)
    assert first == Softphone("guest-0190a0a000007000800000000000beef", first.password, guest=True)
    assert len({first.password, second.password}) == 2
