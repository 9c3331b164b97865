"""Trying a flow without a telephone: somebody says who calls and what they press, and is told what would be heard. The engine is
the one that walks real calls; only the business is pretended. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from callcart.contact.voice.flow import (
    Action,
    Answered,
    Ask,
    EndCall,
    Input,
    Key,
    Reaction,
    Record,
    Recorded,
    Say,
    Silence,
    ToQueue,
)
from callcart.engage.ivr import engine
from callcart.engage.ivr.blocks import KEYS, Graph
from callcart.engage.ivr.walk import (
    ANSWER,
    CALL_BACK,
    FIND,
    IDENTIFY,
    LEAVE,
    LEFT,
    MAY_CALL_BACK,
    READ,
    SURVEY,
    State,
)

SILENT = "-"
HANG_UP = "!"
MOST_PRESSED = 100
_NUMBER = "+12125550123"
_ORDER = "pretended"


class Who(StrEnum):
    SYSTEM = "system"
    CALLER = "caller"
    END = "end"


@dataclass(frozen=True, slots=True)
class Pretend:
    """Who calls, and when. `right`: what is typed to be looked up is right."""

    languages: tuple[str, ...] = ("en", "zh-hans")
    is_open: bool = True
    known: bool = True
    order: bool = True
    tier: str = "standard"
    case: bool = False
    number: str = ""
    recorded: bool = False
    right: bool = True
    names: dict[str, str] = field(default_factory=dict)
    opens: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is heard, done by the caller, or that ends it. `block`: where the caller is then."""

    who: Who
    text: str
    language: str = ""
    key: str = ""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    lines: tuple[Line, ...]
    block: str
    over: bool


def rehearse(graph: Graph, pretend: Pretend, pressed: Sequence[str]) -> Rehearsal:
    """The whole call: keys, `SILENT` and `HANG_UP` one after another, at most `MOST_PRESSED`."""
    play = _Play(graph, pretend)
    play.take(engine.begin(graph, State(welcome=_welcome(pretend))))
    for each in pressed[:MOST_PRESSED]:
        if play.over:
            break
        play.press(each)
    return Rehearsal(tuple(play.lines), play.now.at, play.over)


class _Play:
    def __init__(self, graph: Graph, pretend: Pretend) -> None:
        self.graph, self.pretend = graph, pretend
        self.now = State()
        self.lines: list[Line] = []
        self.over = False
        self.recording = ""

    def press(self, what: str) -> None:
        if what == HANG_UP:
            self._caller(_("Hangs up"))
            self._end(_("The caller has hung up."))
        elif self.recording and what in (SILENT, "#"):
            name, self.recording = self.recording, ""
            self._caller(_("Has left a message"))
            self._give(Recorded(name))
        elif what == SILENT:
            self._caller(_("Says and presses nothing"))
            self._give(Silence())
        elif what in KEYS:
            hidden = engine.hides_keys(self.graph, self.now)
            self._caller("•" if hidden else what)
            self._give(Key(what))

    def take(self, reaction: Reaction) -> None:
        """What is said and done, up to where the caller is waited for."""
        self.now = State.of(reaction.state)
        for action in reaction.actions:
            self._do(action)

    def _give(self, given: Input) -> None:
        self.take(engine.react(self.graph, self.now, given))

    def _do(self, action: Action) -> None:
        match action:
            case Say(utterances=utterances):
                self.lines += [
                    Line(Who.SYSTEM, each.text, each.language, each.key, self.now.at)
                    for each in utterances
                    if each.text
                ]
            case Record(name=name):
                self.recording = name
                self.lines.append(Line(Who.SYSTEM, _("(A tone.)"), block=self.now.at))
            case Ask(question=question):
                value = _answer(self.pretend, question)
                self._give(Answered(question, value, failed=value is None))
            case ToQueue(queue=queue):
                where = _("The caller waits for a person.")
                self._end(where, key=queue)
            case EndCall():
                self._end(_("The call is ended."))
            case _:
                return

    def _caller(self, text: str) -> None:
        self.lines.append(Line(Who.CALLER, text, block=self.now.at))

    def _end(self, text: str, *, key: str = "") -> None:
        self.lines.append(Line(Who.END, text, key=key, block=self.now.at))
        self.over = True


def _welcome(pretend: Pretend) -> dict[str, Any]:
    return {
        "languages": list(pretend.languages),
        "names": pretend.names,
        "is_open": pretend.is_open,
        "opens": {} if pretend.is_open else pretend.opens,
        "recorded": pretend.recorded,
        "known": pretend.known,
        "order": pretend.known and pretend.order,
        "tier": pretend.tier if pretend.known else "",
        "vip": pretend.known and pretend.tier == "vip",
        "case": pretend.known and pretend.case,
        "number": pretend.number,
    }


def _answer(pretend: Pretend, question: str) -> Any:
    """What the business would say of somebody like this."""
    has = pretend.known and pretend.order
    if question == READ:
        said = {"en": ["Here the order is read out."], "zh-hans": ["此处播报订单信息。"]}
        return said if has or pretend.right else None
    if question == FIND:
        return {"order_id": _ORDER} if has and pretend.right else None
    if question == LEAVE:
        return {"name": _ORDER, "seconds": 120, "silence": 5, "texts": {}}
    if question == SURVEY:
        asked = {"en": "Here the question is asked.", "zh-hans": "此处播报调查问题。"}
        return {"id": _ORDER, "questions": [asked]}
    if question == MAY_CALL_BACK:
        return {"number": _NUMBER}
    if question == CALL_BACK:
        return {"promised": True} if pretend.right else {"refused": "forbidden"}
    if question in (LEFT, ANSWER):
        return True
    if question == IDENTIFY:
        return {"order": True, "order_id": _ORDER} if pretend.right else None
    return None
