"""The menu as a pure function: what is said and done for each input, and that every call comes to an end of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.contact.voice.flow import (
    Action,
    Answered,
    Ask,
    CallFacts,
    EndCall,
    Input,
    Key,
    Said,
    Say,
    Silence,
    Started,
    ToQueue,
    UseLanguage,
)
from callcart.engage.ivr.engine import MOST_INPUTS
from callcart.engage.ivr.flow import Menu
from callcart.engage.ivr.look_up import WELCOME, Welcome
from callcart.engage.ivr.walk import READ

FACTS = CallFacts(tenant_id=1, conversation_id=UUID(int=1), language="en", caller_e164="+12025550123")
WELCOMED = Welcome(
    names={"en": "Harbor & Pine", "zh-hans": "海港松木"},
    languages=["en", "zh-hans"],
    greetings={},
    order=True,
    recorded=False,
)
SENTENCES = {"en": ["It is packed."], "zh-hans": ["正在备货。"]}


@dataclass
class Caller:
    """Plays inputs to the menu and keeps what it did."""

    welcome: Welcome | None = WELCOMED
    order: dict[str, list[str]] | None = field(default_factory=lambda: dict(SENTENCES))
    state: dict[str, Any] = field(default_factory=dict)
    done: list[Action] = field(default_factory=list)

    def give(self, *inputs: Input) -> Caller:
        """Give inputs one after another; what is asked is answered at once."""
        for given_now in inputs:
            reaction = Menu().react(FACTS, self.state, given_now)
            self.state, self.done = reaction.state, list(reaction.actions)
            if self.done and isinstance(self.done[-1], Ask):
                before = self.done
                self.give(self.answer(self.done[-1].question))
                self.done = [*before, *self.done]
        return self

    def answer(self, question: str) -> Answered:
        if question == WELCOME:
            return Answered(
                WELCOME, self.welcome.plain() if self.welcome else None, failed=self.welcome is None
            )
        return Answered(READ, self.order)

    def call(self, *inputs: Input) -> Caller:
        return self.give(Started(), *inputs)

    @property
    def heard(self) -> list[str]:
        return [each.text for action in self.done if isinstance(action, Say) for each in action.utterances]

    @property
    def end(self) -> Action | None:
        return self.done[-1] if self.done and isinstance(self.done[-1], ToQueue | EndCall) else None


def test_the_greeting_names_the_shop_and_offers_both_languages() -> None:
    caller = Caller().call()
    assert caller.heard == [
        "Thank you for calling Harbor & Pine.",
        "For English, press one.",
        "中文服务请按二。",
    ]
    assert caller.done[-1].then_wait > 0  # type: ignore[union-attr]


def test_the_callers_own_language_comes_first() -> None:
    caller = Caller(replace(WELCOMED, languages=["zh-hans", "en"])).call()
    assert caller.heard == ["您好，欢迎致电海港松木。", "中文服务请按二。", "For English, press one."]


def test_a_shop_of_one_language_asks_for_none() -> None:
    caller = Caller(replace(WELCOMED, languages=["zh-hans"])).call()
    assert UseLanguage("zh-hans") in caller.done
    assert caller.heard[0] == "您好，欢迎致电海港松木。"
    assert "查询最近一笔订单请按一。" in caller.heard[1]


def test_a_greeting_of_the_shops_own_is_named_by_its_key() -> None:
    caller = Caller(replace(WELCOMED, greetings={"en": "greeting.abc"})).call()
    (said,) = [action for action in caller.done if isinstance(action, Say)]
    assert said.utterances[0].key == "greeting.abc"


def test_two_is_chinese_from_there_on() -> None:
    caller = Caller().call(Key("2"))
    assert caller.done[0] == UseLanguage("zh-hans")
    assert caller.heard == ["查询最近一笔订单请按一。人工服务请按零，或者不按键等待接通。"]


def test_the_last_order_is_read_and_may_be_heard_again() -> None:
    caller = Caller().call(Key("1"), Key("1"))
    assert caller.heard[0] == "It is packed."
    assert caller.give(Key("1")).heard[0] == "It is packed."
    assert caller.give(Key("9")).end == EndCall("self_served")


def test_a_caller_without_an_order_goes_straight_to_a_person() -> None:
    caller = Caller(replace(WELCOMED, order=False)).call(Key("1"))
    assert caller.heard == ["One moment please, we are putting you through."]
    assert caller.end == ToQueue("en")


def test_who_is_recorded_is_told_so_before_a_person_answers() -> None:
    caller = Caller(replace(WELCOMED, recorded=True)).call(Key("1"), Key("0"))
    assert caller.heard[0] == "This call may be recorded."


@pytest.mark.parametrize("digit", ["0", "2"])
def test_keys_that_lead_to_a_person(digit: str) -> None:
    assert Caller().call(Key("2"), Key(digit)).end == ToQueue("zh-hans")
    assert Caller().call(Key("1"), Key("1"), Key(digit)).end == ToQueue("en")


def test_silence_in_the_menu_leads_to_a_person() -> None:
    assert Caller().call(Key("1"), Silence()).end == ToQueue("en")


def test_silence_at_the_language_is_asked_once_more_then_the_first_is_taken() -> None:
    caller = Caller().call(Silence())
    assert caller.heard == ["For English, press one.", "中文服务请按二。"]
    assert caller.give(Silence()).done[0] == UseLanguage("en")
    assert caller.give(Silence()).end == ToQueue("en")


def test_the_third_wrong_key_leads_to_a_person() -> None:
    caller = Caller().call(Key("1"), Key("7"))
    assert caller.heard[0] == "Sorry, that key does not lead anywhere."
    assert caller.give(Key("8")).end is None
    assert caller.give(Key("#")).end == ToQueue("en")


def test_star_says_it_again() -> None:
    caller = Caller().call(Key("1"))
    heard = caller.heard
    assert caller.give(Key("*")).heard == heard


def test_an_order_that_cannot_be_read_is_said_and_leads_to_a_person() -> None:
    caller = Caller(order=None).call(Key("1"), Key("1"))
    assert caller.heard[0] == "Sorry, we cannot find your order just now."
    assert caller.end == ToQueue("en")


def test_a_welcome_that_fails_leads_to_a_person() -> None:
    assert Caller(welcome=None).call().end == ToQueue("en")


@pytest.mark.parametrize(
    ("pressed", "reason"),
    [
        ((), "hung_up_in_menu"),
        ((Key("1"),), "hung_up_in_menu"),
        ((Key("1"), Key("1")), "self_served"),  # the order is being read
        ((Key("1"), Key("1"), Key("7")), "self_served"),
        ((Key("1"), Key("1"), Key("9")), "self_served"),  # the goodbye is being said
        ((Key("1"), Key("1"), Key("0")), "hung_up_in_menu"),  # wanted a person after all
        ((Key("1"), Key("0")), "hung_up_in_menu"),
    ],
)
def test_who_hangs_up_once_the_order_is_read_is_served(pressed: tuple[Key, ...], reason: str) -> None:
    assert Menu().hung_up(Caller().call(*pressed).state) == reason


def test_who_hangs_up_without_having_heard_an_order_is_not_served() -> None:
    assert Menu().hung_up({}) == "hung_up_in_menu"
    assert Menu().hung_up(Caller(order=None).call(Key("1"), Key("1")).state) == "hung_up_in_menu"
    assert Menu().hung_up(Caller(CLOSED).call(Key("1"), Silence()).state) == "hung_up_in_menu"


def test_a_restart_of_ours_during_the_goodbye_still_ends_the_call() -> None:
    assert Caller().call(Key("1"), Key("1"), Key("9")).give(Silence()).end == EndCall("self_served")


def test_out_of_hours_an_order_that_cannot_be_read_is_no_service() -> None:
    caller = Caller(CLOSED, order=None).call(Key("1"), Key("1"))
    assert caller.heard[0] == "Sorry, we cannot find your order just now."
    assert caller.end == EndCall("rejected")


CLOSED = replace(
    WELCOMED, is_open=False, opens={"en": "We open again tomorrow at 9 AM.", "zh-hans": "明天见。"}
)


def test_out_of_hours_it_is_said_when_the_shop_opens_and_the_order_is_offered() -> None:
    caller = Caller(CLOSED).call(Key("1"))
    assert caller.heard == [
        "We are closed at the moment, and nobody is here to take your call.",
        "We open again tomorrow at 9 AM.",
        "To hear where your last order is, press one. Otherwise, please hang up.",
    ]
    assert caller.give(Key("1")).heard[0] == "It is packed."
    assert caller.give(Silence()).end == EndCall("self_served")


def test_out_of_hours_a_stranger_is_told_and_the_call_ends() -> None:
    caller = Caller(replace(CLOSED, order=False)).call(Key("2"))
    assert caller.heard == ["您好，现在是非营业时间，暂时没有客服接听。", "明天见。", "感谢您的来电，再见。"]
    assert caller.end == EndCall("rejected")


def test_a_restart_of_ours_in_the_menu_leads_on() -> None:
    assert Caller().give(Silence()).heard[0].startswith("Thank you")
    leaving = Caller().call(Key("1"), Key("0"))
    assert leaving.give(Silence()).end == ToQueue("en")


def test_a_late_answer_changes_nothing() -> None:
    caller = Caller().call(Key("1"))
    before = caller.state
    reaction = Menu().react(FACTS, before, Answered(READ, SENTENCES))
    assert (reaction.state, reaction.actions) == (before, ())


def test_places_in_the_queue() -> None:
    def said(language: str, position: int, seconds: int | None) -> list[str]:
        return [each.text for each in Menu().place_in_queue(language, position, seconds)]

    assert said("en", 1, 40) == ["You are next.", "The wait is less than a minute."]
    assert said("en", 3, 130) == ["You are number 3 in line.", "The wait is about 3 minutes."]
    assert said("zh-hans", 1, None) == ["您是下一位。"]
    assert said("zh-hans", 3, 120) == ["您前面还有两位顾客在等待。", "预计等待大约两分钟。"]


WELCOMES = st.builds(
    Welcome,
    names=st.just(WELCOMED.names),
    languages=st.sampled_from([["en"], ["zh-hans"], ["en", "zh-hans"], ["zh-hans", "en"]]),
    greetings=st.just({}),
    is_open=st.booleans(),
    opens=st.sampled_from([{}, CLOSED.opens]),
    order=st.booleans(),
    recorded=st.booleans(),
)
MOVES = st.one_of(st.sampled_from("0123456789*#").map(Key), st.just(Silence()))


@given(
    welcome=st.none() | WELCOMES,
    order=st.none() | st.just(SENTENCES),
    moves=st.lists(MOVES, min_size=MOST_INPUTS + 2, max_size=MOST_INPUTS + 2),
)
def test_whatever_is_pressed_the_menu_ends_and_never_falls_silent(
    welcome: Welcome | None, order: dict[str, list[str]] | None, moves: list[Input]
) -> None:
    caller = Caller(welcome, order).call()
    for move in moves:
        if caller.end is not None:
            break
        assert any(isinstance(action, Say) and action.then_wait > 0 for action in caller.done)
        caller.give(move)
    assert caller.end is not None
    is_open = welcome is None or welcome.is_open
    assert isinstance(caller.end, ToQueue) == is_open
    assert caller.heard, "nobody is put through or hung up on without a word"


@given(moves=st.lists(MOVES | st.just(Said()) | st.just(Answered(READ, failed=True)), max_size=40))
def test_slow_answers_and_stray_inputs_are_survived(moves: list[Input]) -> None:
    """What is asked is never answered here: still the state is plain, and silences lead out."""
    state: dict[str, Any] = {}
    for move in [Started(), *moves, *[Silence()] * (MOST_INPUTS + 1)]:
        reaction = Menu().react(FACTS, state, move)
        state = reaction.state
    assert reaction.actions
    assert isinstance(reaction.actions[-1], ToQueue)
