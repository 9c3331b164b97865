"""The first part of a call: what the flow says, asks and decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.flow import CallFacts, Input, Reaction, ToQueue, Wait
from callcart.contact.voice.states import CallState
from tests.contact.voice.hall import Hall, settle


def steps(hall: Hall) -> list[str]:
    return [kind for kind, _data in hall.talk.steps]


async def test_a_key_stops_what_is_being_said(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "2")
    await settle()
    assert [sounds for _leg, sounds in hall.engine.played] == [("menu en",), ("menu zh-hans",)]
    assert hall.talk.row.facts.language == "zh-hans"
    assert steps(hall) == ["prompt.played", "key.pressed", "language.set", "prompt.played"]


async def test_silence_after_the_menu_is_told_and_leads_to_people(hall: Hall) -> None:
    caller = await hall.caller()
    await settle(2 + 5)  # the menu, and its wait
    assert hall.hears(caller) is Hears.PROMPT
    await settle(2 + 5)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)


async def test_a_question_is_answered_by_the_business(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "1")
    await settle(2.5)  # "one moment" is said first
    assert hall.engine.played[-1] == (caller, ("your order is on its way",))
    await settle(2)
    assert hall.engine.played[-1] == (caller, ("menu en",))


async def test_a_look_up_that_fails_is_told_to_the_flow(hall: Hall, monkeypatch: Any) -> None:
    monkeypatch.setattr(hall.flow, "look_up", lambda *_: 1 / 0)
    caller = await hall.caller()
    hall.engine.press(caller, "1")
    await settle(2.5)
    assert hall.engine.played[-1] == (caller, ("cannot tell",))


async def test_a_flow_that_breaks_leads_to_people(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "9")
    await settle()
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)


async def test_a_flow_that_says_nothing_is_told_of_the_silence(hall: Hall, monkeypatch: Any) -> None:
    heard: list[Input] = []

    def react(facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        heard.append(given)
        return Reaction(state)

    monkeypatch.setattr(hall.flow, "react", react)
    await hall.caller()
    await settle(30)
    assert [type(each).__name__ for each in heard] == ["Started", "Silence", "Silence", "Silence"]


async def test_speech_that_fails_leaves_the_menu_working(hall: Hall, monkeypatch: Any) -> None:
    async def broken(*_: Any) -> list[str]:
        raise OSError

    monkeypatch.setattr(hall.records, "sounds", broken)
    caller = await hall.caller()
    hall.engine.press(caller, "0")
    await settle()
    assert hall.hears(caller) is Hears.MUSIC


async def test_served_by_the_menu(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "3")
    await settle(3)
    assert caller not in hall.engine.legs
    assert (hall.talk.reason, hall.talk.finishes) == ("self_served", 1)


async def test_a_shop_without_queues_says_so_and_ends(hall: Hall) -> None:
    hall.records.has_queue = False
    caller = await hall.waiting()
    assert hall.engine.played[-1] == (caller, ("nobody is here",))
    await settle(3)
    assert caller not in hall.engine.legs
    assert (hall.talk.reason, hall.talk.finishes) == ("rejected", 1)


async def test_what_is_not_to_be_recorded_is_not(hall: Hall) -> None:
    hall.records.recorded = False
    caller = await hall.caller()
    assert not hall.engine.legs[caller].recording
    hall.records.recorded = True
    assert hall.engine.legs[await hall.caller()].recording


async def test_a_key_that_the_line_tells_twice_counts_once(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "2")
    await settle(0.04)
    hall.engine.press(caller, "2")
    await settle()
    hall.engine.press(caller, "2")
    await settle()
    assert steps(hall).count("key.pressed") == 2


async def test_a_secret_is_written_down_as_dots(hall: Hall, monkeypatch: Any) -> None:
    monkeypatch.setattr(hall.flow, "hides_keys", lambda _state: True)
    caller = await hall.caller()
    hall.engine.press(caller, "2")
    await settle()
    assert ("key.pressed", {"digits": "•"}) in hall.talk.steps


async def test_a_flow_may_wait_in_silence_for_the_next_digit(hall: Hall, monkeypatch: Any) -> None:
    heard: list[Input] = []

    def react(facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        heard.append(given)
        return Reaction(state, (Wait(3),))

    monkeypatch.setattr(hall.flow, "react", react)
    caller = await hall.caller()
    await settle(2)
    hall.engine.press(caller, "4")
    await settle(2)
    assert [type(each).__name__ for each in heard] == ["Started", "Key"]
    await settle(1.5)
    assert [type(each).__name__ for each in heard] == ["Started", "Key", "Silence"]


async def test_a_flow_may_choose_the_queue(hall: Hall, monkeypatch: Any) -> None:
    asked: list[Any] = []
    enqueue = hall.records.enqueue

    async def watched(row: Any, language: str, leg: str, queue: UUID | None = None) -> Any:
        asked.append(queue)
        return await enqueue(row, language, leg, queue)

    monkeypatch.setattr(hall.records, "enqueue", watched)
    monkeypatch.setattr(
        hall.flow, "react", lambda _facts, state, _given: Reaction(state, (ToQueue("en", str(UUID(int=7))),))
    )
    await hall.caller()
    assert asked == [UUID(int=7)]
