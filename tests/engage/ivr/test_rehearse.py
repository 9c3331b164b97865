"""Trying a flow by text says what a real call would say."""

from __future__ import annotations

from callcart.engage.ivr.public import Pretend, rehearse
from callcart.engage.ivr.rehearse import HANG_UP, SILENT, Who
from callcart.engage.ivr.shipped import shipped
from tests.engage.ivr.graphs import block, flow


def test_a_call_that_hears_the_last_order() -> None:
    played = rehearse(shipped(), Pretend(names={"en": "Harbor"}), ["1", "1", "9"])
    assert [(line.who, line.text) for line in played.lines] == [
        (Who.SYSTEM, "Thank you for calling Harbor."),
        (Who.SYSTEM, "For English, press one."),
        (Who.SYSTEM, "中文服务请按二。"),
        (Who.CALLER, "1"),
        (Who.SYSTEM, "To hear where your last order is, press one. To speak to a person, press zero, or just stay on the line."),
        (Who.CALLER, "1"),
        (Who.SYSTEM, "Here the order is read out."),
        (Who.SYSTEM, "To hear this again, press one. To speak to a person, press zero, or stay on the line. If that is all, press nine or hang up."),
        (Who.CALLER, "9"),
        (Who.SYSTEM, "Thank you for calling. Goodbye."),
        (Who.END, "The call is ended."),
    ]  # fmt: skip
    assert played.over


def test_silence_and_hanging_up() -> None:
    played = rehearse(shipped(), Pretend(languages=("en",)), [SILENT, "1"])
    assert played.lines[-1].text == "The caller waits for a person."
    played = rehearse(shipped(), Pretend(), [HANG_UP, "1"])
    assert (played.over, played.block, played.lines[-1].text) == (True, "language", "The caller has hung up.")


def test_a_stranger_at_night() -> None:
    played = rehearse(
        shipped(), Pretend(known=False, is_open=False, opens={"en": "We open again today at 1 PM."}), ["1"]
    )
    assert [line.text for line in played.lines[-4:]] == [
        "We are closed at the moment, and nobody is here to take your call.",
        "We open again today at 1 PM.",
        "Thank you for calling. Goodbye.",
        "The call is ended.",
    ]


def test_a_code_is_shown_as_dots_and_may_be_wrong() -> None:
    graph = flow(
        i=block("identify", settings={"tries": 1}, identified="yes", wrong="no"),
        yes=block("queue"),
        no=block("hang_up"),
    )
    typed = [*"10482#", *"0142"]
    played = rehearse(graph, Pretend(), typed)
    assert [line.text for line in played.lines if line.who is Who.CALLER] == [*"10482#", "•", "•", "•", "•"]
    assert played.block == "yes"
    assert rehearse(graph, Pretend(right=False), typed).block == "no"
