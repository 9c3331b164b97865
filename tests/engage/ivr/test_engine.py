"""The walk through any graph: each kind of block, and that every sequence of keys and silences comes to an end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice.flow import Answered, Ask, EndCall, Key, Say, Silence, ToQueue, UseLanguage, Wait
from callcart.contact.voice.speech.phrases import Phrase
from callcart.engage.ivr import engine, spoken
from callcart.engage.ivr.blocks import KEYS, Block, Graph, Kind, Words, ways
from callcart.engage.ivr.engine import MOST_INPUTS
from callcart.engage.ivr.entering import MOST_PASSED
from callcart.engage.ivr.flow import Menu
from callcart.engage.ivr.graphs import plain, read
from callcart.engage.ivr.walk import FIND, IDENTIFY, READ, State
from tests.engage.ivr.graphs import BOTH, Walker, block, flow

BYE = block("hang_up")
QUEUE = block("queue")


def keys(text: str) -> list[Key]:
    return [Key(each) for each in text]


def test_blocks_that_need_nothing_are_passed_in_one_breath() -> None:
    walker = Walker(
        flow(
            a=block("say", next="b"),
            b=block("say", texts={"en": "On.", "zh-hans": "继续。"}, next="bye"),
            bye=BYE,
        )
    ).begin()
    assert walker.heard == ["Words.", "On.", "Words."]
    assert walker.end == EndCall("rejected")


def test_a_text_in_one_language_only_is_said_in_that_one() -> None:
    walker = Walker(
        flow(a=block("say", texts={"zh-hans": "你好。"}, next="bye"), bye=block("hang_up", texts={}))
    ).begin()
    (said,) = [action for action in walker.done if isinstance(action, Say)]
    assert [(each.text, each.language) for each in said.utterances] == [("你好。", "zh-hans")]


def test_the_shop_is_named_in_words_of_its_own() -> None:
    graph = flow(a=block("say", texts={"en": "This is {shop}."}, next="bye"), bye=BYE)
    welcome = {"languages": ["en"], "names": {"en": "Harbor"}}
    assert Walker(graph, welcome).begin().heard[0] == "This is Harbor."


@pytest.mark.parametrize(("is_open", "at"), [(True, "a_menu"), (False, "b_menu")])
def test_opening_hours_tell_two_ways(is_open: bool, at: str) -> None:
    menu = block("menu", k1="bye", silence="bye", wrong="bye")
    graph = flow(h=block("hours", open="a_menu", closed="b_menu"), a_menu=menu, b_menu=menu, bye=BYE)
    assert Walker(graph, {"languages": ["en"], "is_open": is_open}).begin().at == at


def test_a_menu_repeats_into_silence_as_often_as_it_says() -> None:
    graph = flow(
        m=block("menu", settings={"repeats": 1}, k1="bye", silence="q", wrong="bye"), bye=BYE, q=QUEUE
    )
    walker = Walker(graph).begin().give(Silence())
    assert (walker.at, walker.end) == ("m", None)
    assert walker.give(Silence()).end == ToQueue("en")


def test_wrong_keys_are_counted_in_each_menu_anew() -> None:
    menu = {"settings": {"tries": 2}, "silence": "bye", "wrong": "bye"}
    graph = flow(m=block("menu", k1="n", **menu), n=block("menu", k1="m", **menu), bye=BYE)
    walker = Walker(graph).begin().give(*keys("71"))
    assert walker.at == "n"
    assert walker.give(*keys("7")).heard[0] == "Sorry, that key does not lead anywhere."
    assert walker.give(*keys("7")).end == EndCall("rejected")


def digits_flow(**changes: Any) -> Graph:
    own = {"least": 3, "most": 5, "tries": 2, **changes}
    return flow(
        d=block("digits", settings=own, next="f", wrong="q"),
        f=block("find_order", settings={"digits": "d"}, found="r", none="q"),
        r=block("read_out", next="bye", none="q"), bye=BYE, q=QUEUE,
    )  # fmt: skip


def test_digits_end_by_their_number_by_hash_and_by_silence() -> None:
    answers = {FIND: {"order_id": "o1"}, READ: {"en": ["It is packed."]}}
    for given_now in (keys("12345"), keys("1234#"), [*keys("1234"), Silence()]):
        walker = Walker(digits_flow(), answers=answers).begin().give(*given_now)
        assert [asked.question for asked in walker.asked] == [FIND, READ]
        assert walker.asked[0].about["digits"] in ("12345", "1234")
        assert walker.asked[1].about["order"] == "o1"
        assert walker.heard == ["It is packed.", "Words."]
        assert walker.end == EndCall("self_served")


def test_between_two_digits_nothing_is_said_and_the_next_is_waited_for() -> None:
    walker = Walker(digits_flow()).begin().give(*keys("12"))
    assert [type(action) for action in walker.done] == [Wait]


def test_star_begins_the_digits_anew() -> None:
    walker = Walker(digits_flow(), answers={FIND: {"order_id": "o1"}}).begin().give(*keys("99*12345"))
    assert walker.asked[0].about == {"digits": "12345"}


def test_too_few_digits_are_asked_for_again_then_lead_on() -> None:
    walker = Walker(digits_flow()).begin().give(*keys("1#"))
    assert walker.heard == ["Sorry, that is not right. Please try again.", "Words."]
    assert walker.give(Silence()).end == ToQueue("en")


def identify_flow() -> Graph:
    return flow(
        i=block("identify", settings={"tries": 2}, identified="b", wrong="q"),
        b=block("branch", settings={"on": "vip"}, is_yes="m", else_="bye"),
        m=block("menu", k1="bye", silence="bye", wrong="bye"), bye=BYE, q=QUEUE,
    )  # fmt: skip


def test_whoever_is_identified_is_known_from_there_on() -> None:
    proven = {
        "order_id": "o1",
        "order": True,
        "customer_id": "c1",
        "known": True,
        "vip": True,
        "tier": "vip",
        "case": False,
    }
    walker = Walker(identify_flow(), answers={IDENTIFY: proven}).begin().give(*keys("10482#"))
    assert walker.heard == ["Now type the last four digits of the telephone number of the order."]
    walker.give(*keys("0142"))
    assert walker.asked[0].about == {"by": "order", "number": "10482", "code": "0142"}
    assert (walker.at, walker.state["order"], walker.state["customer"]) == ("m", "o1", "c1")


def test_the_code_is_hidden_and_kept_nowhere() -> None:
    walker = Walker(identify_flow()).begin().give(*keys("1048"))
    assert not engine.hides_keys(walker.graph, State.of(walker.state))
    walker.give(*keys("2#"))
    assert engine.hides_keys(walker.graph, State.of(walker.state))
    walker.give(*keys("0142"))
    assert walker.heard[0] == "Sorry, that is not right. Please try again."
    assert "0142" not in json.dumps(walker.state)


def test_who_cannot_prove_it_is_led_on_after_so_many_tries() -> None:
    walker = Walker(identify_flow()).begin().give(*keys("10482#0142"), *keys("10482#0143"))
    assert walker.end == ToQueue("en")
    assert len(walker.asked) == 2


@pytest.mark.parametrize(
    ("on", "welcome", "at"),
    [
        ("tier", {"tier": "gold"}, "m"), ("tier", {"tier": "silver"}, "n"), ("tier", {}, "n"),
        ("number", {"number": "gold"}, "m"), ("known", {"known": True}, "n"),
    ],
)  # fmt: skip
def test_a_branch_follows_the_value_else_the_rest(on: str, welcome: dict[str, Any], at: str) -> None:
    menu = block("menu", k1="bye", silence="bye", wrong="bye")
    graph = read({"start": "b", "blocks": {
        "b": block("branch", settings={"on": "tier"}, is_gold="m", else_="n"), "m": menu, "n": menu, "bye": BYE,
    }})  # fmt: skip
    if on == "number":
        graph = read(
            {
                **plain(graph),
                "blocks": plain(graph)["blocks"]
                | {"b": block("branch", settings={"on": "number"}, is_gold="m", else_="n")},
            }
        )
    assert Walker(graph, {"languages": ["en"], **welcome}).begin().at == at


def test_a_queue_of_ones_own_is_asked_for() -> None:
    graph = flow(q=block("queue", settings={"queue": "01890000-0000-7000-8000-000000000000"}))
    assert Walker(graph).begin().end == ToQueue("en", "01890000-0000-7000-8000-000000000000")


def test_out_of_hours_nobody_is_queued_unless_the_block_says_so() -> None:
    closed = {"languages": ["en"], "is_open": False, "opens": {"en": "Tomorrow."}}
    walker = Walker(flow(q=QUEUE), closed).begin()
    assert walker.heard == [
        "We are closed at the moment, and nobody is here to take your call.",
        "Tomorrow.",
        "Thank you for calling. Goodbye.",
    ]
    assert walker.end == EndCall("rejected")
    assert Walker(flow(q=block("queue", closed="b"), b=BYE), closed).begin().heard == ["Words."]
    assert Walker(flow(q=block("queue", settings={"always": True})), closed).begin().end == ToQueue(
        "en", always=True
    )


def test_a_language_is_used_from_the_key_on() -> None:
    graph = flow(l=block("language", next="q", wrong="q"), q=QUEUE)
    walker = Walker(graph, {"languages": ["en", "zh-hans"]}).begin().give(Key("2"))
    assert walker.done[0] == UseLanguage("zh-hans")
    assert walker.end == ToQueue("zh-hans")


def test_a_circle_without_input_is_left_at_run_time_too() -> None:
    graph = flow(a=block("say", next="b"), b=block("hours", open="a", closed="a"))
    assert Walker(graph).begin().end == ToQueue("en")
    asking = flow(
        f=block("find_order", settings={"digits": "d"}, found="f", none="f"),
        d=block("digits", next="f", wrong="f"),
    )
    assert Walker(asking).begin().end == ToQueue("en")


def test_a_circle_of_questions_with_no_answer_is_left_at_run_time_too() -> None:
    """The box is off: asked again and again it would be asked for ever, while the caller hears nothing."""
    graph = flow(v=block("voicemail", next="v", none="v"))
    reaction, asked = engine.begin(graph, State(welcome={"languages": ["en"]})), 0
    while isinstance(reaction.actions[-1], Ask):
        asked += 1
        question = Answered(reaction.actions[-1].question, None)
        reaction = engine.react(graph, State.of(reaction.state), question)
    assert reaction.actions[-1] == ToQueue("en")
    assert asked <= MOST_PASSED


def test_an_answer_that_never_comes_is_given_up_at_the_silence() -> None:
    graph = flow(r=block("read_out", next="bye", none="q"), bye=BYE, q=QUEUE)
    reaction = engine.begin(graph, State(welcome={"languages": ["en"]}))
    assert isinstance(reaction.actions[-1], Ask)
    assert engine.react(graph, State.of(reaction.state), Key("1")).actions == ()
    assert engine.react(graph, State.of(reaction.state), Silence()).actions[-1] == ToQueue("en")


IDS = ("a", "b", "c", "d", "e")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph that can be read at all: arrows anywhere, missing or to nowhere."""
    blocks: dict[str, Any] = {}
    for block_id in IDS[: draw(st.integers(1, len(IDS)))]:
        kind = draw(st.sampled_from(list(Kind)))
        bare = read({"start": "a", "blocks": {"a": {"kind": str(kind)}}}).blocks["a"]
        blocks[block_id] = {"kind": str(kind), "words": {"texts": BOTH}, "arrows": draw(_arrows(bare))}
        if kind is Kind.FIND_ORDER:
            blocks[block_id]["settings"] = {"digits": "a"}
    return read({"start": "a", "blocks": blocks})


def _arrows(bare: Block) -> st.SearchStrategy[dict[str, str]]:
    names = [way.name for way in ways(bare)]
    return st.dictionaries(st.sampled_from(names), st.sampled_from(IDS)) if names else st.just({})


MOVES = st.one_of(st.sampled_from(KEYS).map(Key), st.just(Silence()))


@settings(max_examples=200)
@given(
    graph=graphs(),
    moves=st.lists(MOVES, min_size=1, max_size=12),
    is_open=st.booleans(),
    answers=st.booleans(),
)
def test_whatever_the_graph_and_whatever_is_pressed_the_call_ends(
    graph: Graph, moves: list[Key | Silence], is_open: bool, answers: bool
) -> None:
    """The moves are repeated until the budget of a call is spent."""
    known = {
        READ: {"en": ["Read."], "zh-hans": ["读。"]},
        FIND: {"order_id": "o"},
        IDENTIFY: {"order_id": "o"},
    }
    welcome = {"languages": ["en", "zh-hans"], "is_open": is_open}
    walker = Walker(graph, welcome, known if answers else {}).begin()
    for number in range(MOST_INPUTS + 2):
        if walker.end is not None:
            break
        last = walker.done[-1] if walker.done else None
        assert isinstance(last, Wait) or (isinstance(last, Say) and last.then_wait > 0)
        walker.give(moves[number % len(moves)])
        json.dumps(walker.state)
        assert Menu().hung_up(walker.state) in (EndReason.SELF_SERVED, EndReason.HUNG_UP_IN_MENU)
    assert walker.end is not None


def test_a_prompt_of_any_room_is_said_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Phrase("held", "Held", "", {"en": "Please hold, {shop} is coming.", "zh-hans": "请稍候。"})
    monkeypatch.setattr(spoken, "known_phrases", lambda: {"held": elsewhere})
    (said,) = spoken.spoken_by(Words("held"), "en", {"names": {"en": "Harbor"}})
    assert (said.text, said.key) == ("Please hold, Harbor is coming.", "held")
    (lost,) = spoken.spoken_by(Words("greeting.0123"), "zh-hans", {"names": {"zh-hans": "海港"}})
    assert (lost.text, lost.key) == ("您好，欢迎致电海港。", "greeting.0123")


def test_an_order_not_found_is_not_the_one_found_before() -> None:
    graph = flow(
        d=block("digits", settings={"least": 1, "most": 2}, next="f", wrong="q"),
        f=block("find_order", settings={"digits": "d"}, found="d", none="d"), q=block("queue"),
    )  # fmt: skip
    walker = Walker(graph, answers={FIND: {"order_id": "o1"}}).begin().give(*keys("12"))
    assert walker.state["order"] == "o1"
    walker.answers = {}
    assert walker.give(*keys("13")).state["order"] == ""


def pin_flow() -> Graph:
    return flow(
        i=block("identify", texts={}, settings={"by": "pin", "tries": 2}, identified="bye", wrong="q"), bye=BYE, q=QUEUE,
    )  # fmt: skip


def test_a_caller_we_know_types_the_pin_alone() -> None:
    walker = Walker(
        pin_flow(), {"languages": ["en"], "known": True}, {IDENTIFY: {"customer_id": "c1"}}
    ).begin()
    assert walker.heard == ["Please type your PIN, then press the hash key."]
    assert engine.hides_keys(walker.graph, State.of(walker.state))
    walker.give(*keys("48213#"))
    assert walker.asked[0].about == {"by": "pin", "number": "", "code": "48213"}
    assert (walker.at, walker.state["customer"]) == ("bye", "c1")
    assert "48213" not in json.dumps(walker.state)


def test_a_stranger_types_the_customer_number_before_the_pin() -> None:
    walker = Walker(pin_flow()).begin()
    assert walker.heard == ["Please type your customer number, then press the hash key."]
    walker.give(*keys("10017#"))
    assert walker.heard == ["Please type your PIN, then press the hash key."]
    walker.give(*keys("12#"))
    assert walker.heard[0] == "Sorry, that is not right. Please try again."
    assert not engine.hides_keys(walker.graph, State.of(walker.state)), "the number again"
    walker.give(*keys("10017#48213#"))
    assert walker.asked[0].about == {"by": "pin", "number": "10017", "code": "48213"}
    assert walker.end == ToQueue("en")
