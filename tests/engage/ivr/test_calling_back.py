"""The block that promises to call back: a number confirmed or typed, no in words, and an end to every sequence of keys."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing import public as routing
from callcart.contact.voice.flow import (
    Answered,
    Ask,
    CallFacts,
    Diverted,
    EndCall,
    Key,
    Reaction,
    Say,
    Silence,
)
from callcart.core.actor import Actor
from callcart.engage.ivr import engine
from callcart.engage.ivr.flow import Menu
from callcart.engage.ivr.look_up import look_up
from callcart.engage.ivr.shipped import aside
from callcart.engage.ivr.walk import CALL_BACK, MAY_CALL_BACK, State
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant

NUMBER = "+12125550777"


class Caller:
    """Walks through the block; the business answers as told."""

    def __init__(self, number: str = NUMBER, *answers: dict[str, Any] | None, name: str = "@leaving") -> None:
        self.number, self.answers, self.said, self.asked = (
            number,
            list(answers),
            list[str](),
            list[dict[str, str]](),
        )
        graph = aside(name)
        assert graph is not None
        self.graph, self.ended = graph, ""
        self.now = State(language="en", welcome={"languages": ["en"], "is_open": True})
        self._take(engine.begin(graph, self.now))

    def press(self, keys: str) -> Caller:
        for key in keys:
            self._take(engine.react(self.graph, self.now, Silence() if key == "-" else Key(key)))
        return self

    def _take(self, reaction: Reaction) -> None:
        self.now = State.of(reaction.state)
        for action in reaction.actions:
            match action:
                case Say(utterances=said):
                    self.said += [each.text for each in said]
                case EndCall(reason=reason):
                    self.ended = reason
                case Ask(question=question, about=about):
                    self.asked.append(dict(about))
                    value = {"number": self.number} if question == MAY_CALL_BACK else self.answers.pop(0)
                    self._take(engine.react(self.graph, self.now, Answered(question, value)))
                case _:
                    pass


def test_the_callers_own_number_is_read_out_and_confirmed() -> None:
    caller = Caller(NUMBER, {"promised": True})
    assert caller.said == [
        "We will call you back at", "1 2 1, 2 5 5, 5 0 7, 7 7",
        "If that is right, press one. To give another number, press two.",
    ]  # fmt: skip
    caller.press("1")
    assert caller.asked[-1] == {"number": NUMBER, "queue": ""}
    assert caller.said[-2:] == [
        "Thank you. We will call you back as soon as it is your turn.", "Thank you for calling. Goodbye.",
    ]  # fmt: skip
    assert caller.ended == "callback" and caller.now.promised


def test_another_number_is_typed_read_out_and_confirmed() -> None:
    caller = Caller("", {"promised": True}).press("212555*2125550888#")
    assert caller.said[-2] == "2 1 2, 5 5 5, 0 8, 8 8"
    caller.press("21" + "2125550999#" + "1")
    assert caller.asked[-1]["number"] == "12125550999"
    assert caller.ended == "callback"


def test_a_number_that_is_not_called_is_said_so_and_another_may_be_given() -> None:
    caller = Caller(NUMBER, {"refused": "forbidden"}, {"promised": True}).press("1")
    assert caller.said[-2:] == [
        "Sorry, we cannot call this number.", "Please type the number with its area code, then press the hash key.",
    ]  # fmt: skip
    assert caller.press("2125550888#1").ended == "callback"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"refused": "often"}, "Sorry, you have asked for a call back too often today."),
        ({"refused": "off"}, "Sorry, we cannot call you back at the moment."),
        (None, "Sorry, we cannot call you back at the moment."),
    ],
)
def test_nothing_is_promised_in_words(answer: dict[str, Any] | None, words: str) -> None:
    caller = Caller(NUMBER, answer).press("1")
    assert (caller.said[-1], caller.now.promised, caller.ended) == (words, False, "rejected")


@pytest.mark.parametrize("keys", ["---", "99-", "2---", "2" + "#" * 3, "2" + "1#" * 3, "*" * 12])
def test_whatever_is_pressed_it_comes_to_an_end(keys: str) -> None:
    assert Caller(NUMBER).press(keys + "-" * 12).ended == "rejected"


def test_with_real_rules_a_number_is_promised_once_the_guard_says_yes(tenant: Tenant) -> None:
    system = Actor.system(tenant.id)
    queue = routing.add_queue(system, "sales", name="Sales")
    add_service_number(system, "+12025550100", name="Service", queue_id=queue.id)
    update_tenant(system, settings={"dial_prefixes": ["+1212"]})
    directory.forget()
    talk = open_conversation(system, caller_e164=NUMBER, service_number="+12025550100")
    facts = CallFacts(tenant.id, talk.id, "en", NUMBER, "+12025550100")
    assert look_up(facts, MAY_CALL_BACK, {}) is None, "a queue that offers none"
    callbacks.save_rules(system, queue.id, callbacks.Rules(offered=True))
    assert look_up(facts, MAY_CALL_BACK, {}) == {"number": NUMBER}
    assert look_up(facts, CALL_BACK, {"number": "+447700900123"}) == {"refused": "forbidden"}
    assert not Callback.objects.exists()
    assert look_up(facts, CALL_BACK, {"number": "2125550888", "queue": str(queue.id)}) == {"promised": True}
    found = Callback.objects.get()
    assert (found.number, found.asked_from, found.queue_id) == ("+12125550888", NUMBER, queue.id)


@pytest.mark.parametrize("to", ["leaving", "callback"])
def test_who_waits_or_may_not_wait_is_sent_here(to: str) -> None:
    """By key while waiting, or by a queue that sends on whom it cannot take."""
    menu, facts = Menu(), CallFacts(1, uuid4(), "zh-hans", NUMBER)
    sent = menu.react(facts, {}, Diverted(to, {"queue": ""}))
    assert [type(each) for each in sent.actions] == [Ask]
    welcome = {"languages": ["en", "zh-hans"], "names": {}, "is_open": False}
    begun = menu.react(facts, sent.state, Answered("welcome", welcome))
    assert begun.actions == (Ask(MAY_CALL_BACK, {"queue": ""}),)
    asked = menu.react(facts, begun.state, Answered(MAY_CALL_BACK, {"number": NUMBER}))
    (said,) = asked.actions
    assert isinstance(said, Say) and said.utterances[0].text == "我们将回拨的号码是"
    assert menu.hung_up(asked.state) == "hung_up_in_menu"
    wanted = menu.react(facts, asked.state, Key("1"))
    promised = menu.react(facts, wanted.state, Answered(CALL_BACK, {"promised": True}))
    assert isinstance(promised.actions[-1], EndCall) and promised.actions[-1].reason == "callback"
    assert menu.hung_up(promised.state) == "callback"
