"""A message left and questions answered in a flow: every key, silence and hang-up, and a process killed in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcart.contact.routing.public import Instead
from callcart.contact.voice.admitting import Admitted
from callcart.contact.voice.fake import Hears
from callcart.contact.voice.flow import Ask, CallFacts, Diverted, EndCall
from callcart.contact.voice.states import CallState
from callcart.core.ids import new_id
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.check import World, check
from callcart.engage.ivr.flow import Menu
from callcart.engage.ivr.look_up import WELCOME
from callcart.engage.ivr.rehearse import Pretend, rehearse
from callcart.engage.ivr.walk import ANSWER, LEAVE, LEFT, SURVEY
from tests.contact.voice.hall import Hall, settle
from tests.engage.ivr.graphs import block, flow
from tests.engage.ivr.test_call import Published, _flow, called, heard, press

NONE = {"en": "No message.", "zh-hans": "没有留言。"}
MESSAGE = flow(
    v=block("voicemail", texts={}, next="bye", none="n"), n=block("menu", texts=NONE, k1="q", silence="bye", wrong="bye"),
    q=block("queue"), bye=block("hang_up"),
)  # fmt: skip
QUESTIONS = flow(
    s=block("survey", texts={}, next="bye"), bye=block("hang_up", texts={"en": "Bye.", "zh-hans": "再见。"})
)
ASKED = [{"en": "Was it quick?", "zh-hans": "快吗？"}, {"en": "Was it right?", "zh-hans": "对吗？"}]


class Shop(Published):
    """Says that a message was left where the file has two seconds; keeps what is answered."""

    def __init__(self, hall: Hall, graph: Graph, *, takes: bool = True) -> None:
        super().__init__(graph)
        self.hall, self.takes = hall, takes
        self.told: list[str] = []
        self.begun = 0
        self.answers: list[tuple[str, str]] = []

    def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        if question == LEAVE:
            self.begun += 1
            values = {"name": f"message-{self.begun}", "seconds": 60, "silence": 5, "texts": {"en": "Speak."}}
            return values if self.takes else None
        if question == LEFT:
            self.told.append("failed" if about["failed"] else "left")
            return not about["failed"] and self.hall.engine.written.get("message-1", 0) >= 2
        if question == SURVEY:
            return {"id": "a", "questions": ASKED} if self.takes else None
        if question == ANSWER:
            self.answers.append((about["at"], about["score"]))
            return True
        return super().look_up(facts, question, about)


def play(scene: Any, graph: Graph = MESSAGE, *, takes: bool = True) -> None:
    """A scene with a caller in this flow, and its shop."""

    async def whole(hall: Hall, channel: str) -> None:
        await hall.stop()
        hall.records.talks.clear()
        hall.engine.legs.clear()
        hall.engine.played.clear()
        shop = Shop(hall, graph, takes=takes)
        _flow(hall, shop)
        await hall.start()
        caller = await hall.caller()
        await scene(hall, caller, shop)

    called(whole)


async def _speaks(hall: Hall, caller: str, seconds: float) -> None:
    await settle(2 + 2)  # the greeting and the tone
    assert hall.engine.legs[caller].says == "message-1"
    await settle(seconds)


def test_a_message_is_taken_and_the_caller_told() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        assert heard(hall) == ["Speak."]
        await _speaks(hall, caller, 7)
        await press(hall, caller, "12#")  # only the hash key ends it
        assert heard(hall)[-1] == "Thank you, we have your message and will get back to you. Words."
        await settle(5)
        assert (hall.talk.reason, hall.talk.finishes, shop.told) == ("left_message", 1, ["left"])

    play(scene)


def test_silence_ends_it_and_so_does_its_greatest_length() -> None:
    async def silent(hall: Hall, caller: str, shop: Shop) -> None:
        await _speaks(hall, caller, 3)
        hall.engine.fall_silent(caller)
        await settle()
        assert "Thank you" in heard(hall)[-1]

    async def long(hall: Hall, caller: str, shop: Shop) -> None:
        await _speaks(hall, caller, 61)
        assert "Thank you" in heard(hall)[-1]

    play(silent)
    play(long)


def test_too_little_is_nothing_and_goes_another_way() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await _speaks(hall, caller, 1)
        await press(hall, caller, "#")
        assert heard(hall)[-1] == "Sorry, we did not hear a message. No message."
        await press(hall, caller, "1")
        await settle(3)
        assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)

    play(scene)


def test_a_key_hurries_the_greeting_but_not_past_the_tone() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await press(hall, caller, "5")
        assert not hall.engine.legs[caller].says
        await settle(2)
        assert hall.engine.legs[caller].says == "message-1"

    play(scene)


def test_where_none_can_be_taken_it_is_said() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        assert heard(hall) == ["We are sorry, we cannot take a message just now. No message."]
        assert not hall.engine.legs[caller].says

    play(scene, takes=False)


def test_an_engine_that_cannot_write_is_said_and_nothing_is_kept_by_halves() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        hall.engine.can_write = False
        await settle(4.5)
        assert heard(hall)[-1].startswith("We are sorry, we cannot take a message just now.")
        assert shop.told == ["failed"]

    play(scene)


def test_who_hangs_up_in_the_middle_has_said_what_he_said() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await _speaks(hall, caller, 5)
        await hall.hang_up(caller)
        assert round(hall.engine.written["message-1"]) == 5
        assert (hall.talk.reason, hall.talk.finishes) == ("hung_up_in_menu", 1)  # whoever keeps it says more

    play(scene)


def test_a_process_killed_while_the_caller_speaks_lets_him_go_on() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await _speaks(hall, caller, 4)
        await hall.stop()
        fresh = Shop(hall, MESSAGE)
        _flow(hall, fresh)
        await hall.start()
        await settle(3)
        assert hall.engine.legs[caller].says == "message-1"
        await press(hall, caller, "#")
        assert "Thank you" in heard(hall)[-1]
        assert round(hall.engine.written["message-1"]) >= 7, "one message, before and after"
        assert fresh.told == ["left"]

    play(scene)


def test_an_end_that_came_while_nobody_listened_is_told_again() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await _speaks(hall, caller, 4)
        await hall.stop()
        hall.engine.fall_silent(caller)
        _flow(hall, Shop(hall, MESSAGE))
        await hall.start()
        await settle(1)
        assert "Thank you" in heard(hall)[-1]

    play(scene)


def test_each_answer_is_kept_at_once() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        assert heard(hall) == ["Was it quick? Press a key from one, not at all, to five, very much."]
        await press(hall, caller, "4")
        assert shop.answers == [("0", "4")]
        assert heard(hall)[-1] == "Was it right?"
        await hall.hang_up(caller)
        assert shop.answers == [("0", "4")]

    play(scene, QUESTIONS)


def test_keys_that_are_no_answer_and_silences_end_in_the_next_block() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await press(hall, caller, "9")
        assert heard(hall)[-1].startswith("Sorry, that key does not lead anywhere. Was it quick?")
        await press(hall, caller, "*")
        await settle(9 + 10)
        assert heard(hall)[-1] == "Bye."
        assert shop.answers == []
        await settle(3)
        assert hall.talk.finishes == 1

    play(scene, QUESTIONS)


def test_both_answers_are_thanked_for() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await press(hall, caller, "51")
        assert shop.answers == [("0", "5"), ("1", "1")]
        assert heard(hall)[-1] == "Thank you for your answer. Bye."

    play(scene, QUESTIONS)


def test_without_a_survey_the_call_goes_on() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        assert heard(hall) == ["Bye."]

    play(scene, QUESTIONS, takes=False)


def test_a_caller_is_sent_to_voicemail_in_his_language_from_wherever_he_was() -> None:
    menu, facts = Menu(), CallFacts(1, new_id(), "zh-hans")
    reaction = menu.react(
        facts, {"at": "m", "version": "", "welcome": {}}, Diverted("voicemail", {"queue": "q1"})
    )
    assert reaction.actions == (Ask(WELCOME, {"queue": "q1"}),)
    from callcart.contact.voice.flow import Answered

    welcomed = menu.react(
        facts, reaction.state, Answered(WELCOME, {"languages": ["en", "zh-hans"], "version": "x"})
    )
    assert welcomed.actions == (Ask(LEAVE, {"queue": "q1"}),)
    assert (welcomed.state["language"], welcomed.state["version"]) == ("zh-hans", "@voicemail")
    assert menu.react(facts, {}, Diverted("nothing")).actions == (EndCall("rejected"),)
    failed = menu.react(facts, reaction.state, Answered(WELCOME, failed=True))
    assert failed.actions == (EndCall("rejected"),)


def test_by_a_queues_rule_a_caller_is_sent_to_voicemail_instead_of_waiting() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        hall.records.admission = Admitted(Instead.VOICEMAIL, occasion="closed")
        await settle(4)
        await press(hall, caller, "#")
        await press(hall, caller, "1")  # to the queue
        await settle(3)
        assert hall.talk.row.flow_state["version"] == "@voicemail"
        assert heard(hall)[-1] == "Speak."
        assert ("queue.refused", {"why": "closed", "action": "voicemail", "queue_id": ""}) in hall.talk.steps

    play(scene)


def test_who_has_waited_too_long_is_sent_to_voicemail() -> None:
    async def scene(hall: Hall, caller: str, shop: Shop) -> None:
        await settle(4)
        await press(hall, caller, "#1")
        await settle(3)
        assert hall.talk.row.state is CallState.WAITING
        hall.records.way = Admitted(Instead.VOICEMAIL, occasion="late")
        await settle(49)
        assert hall.talk.row.state is CallState.MENU
        assert heard(hall)[-2:] == ["Speak.", ""], "the greeting, and the tone"

    play(scene)


def test_the_check_knows_both_blocks() -> None:
    queue = flow(v=block("voicemail", settings={"queue": "gone"}, next="bye"), bye=block("hang_up"))
    found = {(each.block, each.name) for each in check(queue, World()) if each.is_error}
    assert found == {("v", "queue"), ("v", "none")}
    assert {(each.block, each.name) for each in check(QUESTIONS, World()) if each.is_error} == {
        ("s", "survey")
    }
    assert not [each for each in check(QUESTIONS, World(surveys=frozenset({"", "x"}))) if each.is_error]
    circle = flow(v=block("voicemail", next="v", none="bye"), bye=block("hang_up"))
    assert any("circle" in each.text for each in check(circle, World()))


def test_both_can_be_tried_without_a_telephone() -> None:
    told = rehearse(MESSAGE, Pretend(), ["#"])
    assert [line.text for line in told.lines][:3] == [
        "Please leave a message after the tone, with your name and number. Press the hash key when you are done.",
        "(A tone.)",
        "Has left a message",
    ]
    assert told.over
    assert rehearse(QUESTIONS, Pretend(), ["3"]).over
