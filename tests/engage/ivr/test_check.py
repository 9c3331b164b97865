"""What forbids publishing, said by block; and that what passes ends every call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from callcart.core.errors import Invalid
from callcart.engage.ivr import phrases
from callcart.engage.ivr.blocks import Block, Graph
from callcart.engage.ivr.check import World, check, may_publish
from callcart.engage.ivr.graphs import plain, read
from callcart.engage.ivr.shipped import shipped
from tests.engage.ivr.graphs import block, flow

QUEUE_ID = "01890000-0000-7000-8000-000000000000"
WORLD = World(
    queues=frozenset({QUEUE_ID}),
    prompts={phrase.key: frozenset({"en", "zh-hans"}) for phrase in phrases.PHRASES},
    numbers=frozenset({"+12025550100"}),
)
BYE = block("hang_up")


def said(graph: Graph) -> list[tuple[str, str]]:
    return [(finding.block, finding.text) for finding in check(graph, WORLD) if finding.is_error]


def test_the_menu_that_ships_has_no_finding() -> None:
    assert check(shipped(), WORLD) == []


def test_it_reads_as_it_was_written() -> None:
    assert read(plain(shipped())) == shipped()


@pytest.mark.parametrize(
    ("graph", "wrong"),
    [
        (flow(a=block("say")), ("a", "“Then” leads nowhere. Choose the block that comes next.")),
        (flow(a=block("say", next="gone"), b=BYE), ("a", "“Then” leads to a block that is not there.")),
        (flow(a=BYE, b=BYE), ("b", "No arrow leads here, so no caller ever gets here. Connect it or remove it.")),
        (flow(a=block("say", texts={"en": "Only."}, next="b"), b=BYE), ("a", "There are no words in Chinese.")),
        (flow(a=block("say", texts={}, next="b"), b=BYE), ("a", "Write what is said here, or choose a prompt.")),
        (
            flow(a=block("menu", silence="b", wrong="b"), b=BYE),
            ("a", "A menu needs one key at least that leads somewhere."),
        ),
        (
            flow(a=block("queue", settings={"queue": "01890000-0000-7000-8000-00000000dead"})),
            ("a", "This queue is not there, or takes no conversations any more."),
        ),
        (
            flow(a=block("transfer", settings={"number": "+12025550111"})),
            ("a", "Calls cannot be put through to outside numbers yet. Use a queue instead."),
        ),
        (
            flow(a=block("digits", settings={"least": 5, "most": 3}, next="b", wrong="b"), b=BYE),
            ("a", "At least cannot be more than at most."),
        ),
        (
            flow(a=block("find_order", settings={"digits": "b"}, found="b", none="b"), b=BYE),
            ("a", "Choose the block in which the caller types the order number."),
        ),
        (
            flow(a=block("branch", settings={"on": "number"}, **{"is_+1999": "b"}, else_="b"), b=BYE),
            ("a", "No call comes by the number +1999."),
        ),
        (
            flow(a=block("read_out", settings={"what": "credit"}, next="b", none="b"), b=BYE),
            ("a", "Only callers who have identified themselves hear this. Put a block for that before it."),
        ),
        (
            flow(a=block("menu", k1="a", silence="a", wrong="a")),
            ("a", "From here no way leads to a queue or to the end of the call."),
        ),
    ],
)  # fmt: skip
def test_each_thing_wrong_is_said_of_its_block(graph: Graph, wrong: tuple[str, str]) -> None:
    assert wrong in said(graph)
    assert not may_publish(check(graph, WORLD))


def test_a_circle_without_the_caller_is_found_and_named() -> None:
    graph = flow(
        a=block("say", next="h"), h=block("hours", open="l", closed="bye"),
        l=block("language", next="a", wrong="bye"), bye=BYE,
    )  # fmt: skip
    assert said(graph) == [
        (
            "a",
            "The call would run in a circle without the caller doing anything: Say something, Opening hours, Choice of language.",
        )
    ]


@pytest.mark.parametrize(
    "asks",
    [
        block("voicemail", next="s", none="s"),
        block("callback", next="s", refused="s"),
        block("read_out", next="s", none="s", often="s"),
        block("queue", closed="s"),
    ],
    ids=["voicemail", "callback", "read out", "queue"],
)
def test_a_circle_through_what_may_not_wait_for_the_caller_is_found(asks: Block) -> None:
    """A box that is off, a number that cannot be called back, an order that is not there, a queue that is closed: all in no time."""
    graph = flow(s=block("say", next="a"), a=asks)
    assert any("in a circle" in text for _block, text in said(graph))
    assert not may_publish(check(graph, WORLD))


def test_a_circle_through_a_menu_is_none() -> None:
    graph = flow(m=block("menu", k1="a", silence="bye", wrong="bye"), a=block("say", next="m"), bye=BYE)
    assert said(graph) == []


def test_a_prompt_that_is_gone_is_found() -> None:
    values = plain(shipped())
    values["blocks"]["greeting"]["words"] = {"key": "greeting.0123"}
    assert said(read(values)) == [("greeting", "The prompt chosen here is not there any more.")]


def test_a_silent_end_is_a_warning_only() -> None:
    graph = flow(a=block("hang_up", texts={}))
    assert may_publish(check(graph, WORLD))
    assert [finding.text for finding in check(graph, WORLD)] == ["Nothing is said here before it goes on."]


def test_a_flow_without_a_beginning_is_told_that_alone() -> None:
    assert [finding.name for finding in check(replace(shipped(), start="gone"), WORLD)] == ["start"]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ([], {"graph"}),
        ({"blocks": {"a": {"kind": "dance"}}}, {"a.kind"}),
        ({"blocks": {"A b": {"kind": "say"}}}, {"A b.id"}),
        ({"blocks": {"a": {"kind": "menu", "settings": {"tries": 9}}}}, {"a.tries"}),
        ({"blocks": {"a": {"kind": "menu", "settings": {"tries": "²"}}}}, {"a.tries"}),
        ({"blocks": {"a": {"kind": "say", "words": {"texts": {"en": "x" * 601}}}}}, {"a.text_en"}),
        ({"blocks": {"a": {"kind": "say", "words": {"key": "../etc"}}}}, {"a.key"}),
        ({"blocks": {"a": {"kind": "say", "arrows": {"1": "a"}}}}, {"a.arrows"}),
        ({"blocks": {"a": {"kind": "say", "arrows": {"next": "<b>"}}}}, {"a.arrows"}),
        ({"blocks": {"a": {"kind": "read_out", "settings": {"what": "weather"}}}}, {"a.what"}),
        ({"blocks": {f"b{n}": {"kind": "hang_up"} for n in range(101)}}, {"graph"}),
        ({"blocks": {"a": {"kind": "say", "title": "x" * 61, "settings": 3, "words": 4}}}, {"a.title"}),
    ],
)
def test_what_cannot_be_read_is_refused_by_block_and_field(values: Any, fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        read(values)
    assert set(refused.value.fields) == fields
