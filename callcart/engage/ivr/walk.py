"""A caller's walk through a graph: where they are, as plain values that a row keeps, what one reaction has gathered, and the
ways out of a flow. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from callcart.contact.voice.flow import Action, Ask, EndCall, Reaction, Say, ToQueue, UseLanguage, Utterance
from callcart.engage.ivr import phrases
from callcart.engage.ivr.blocks import Block, Graph
from callcart.engage.ivr.spoken import shipped_words, spoken_by

PATIENCE = 5.0  # seconds of silence after a question
BETWEEN = 4.0  # seconds between two digits
SELF_SERVED = "self_served"
REJECTED = "rejected"
LEFT_MESSAGE = "left_message"
CALLBACK = "callback"

READ = "read"
IDENTIFY = "identify"
FIND = "find"
LEAVE = "leave"  # a message
LEFT = "left"
SURVEY = "survey"
ANSWER = "answer"
MAY_CALL_BACK = "may_call_back"
CALL_BACK = "call_back"
FOLLOWS = "follows"  # asked by voice, of a talk whose agent has gone


@dataclass(frozen=True, slots=True)
class State:
    """Where a caller is. `at`: a block, or empty before the first. `asking`: what was asked of the business and is not
    answered. `digits`: typed so far; `typed`: by block, what was; a code is in neither once it is whole. `order` and
    `customer`: what was found or proven. `quiet` counts the silences of the call, `passed` the blocks since the last key or
    silence. `message`: what the caller speaks into; `left`: one was left and is kept. `promised`: the caller is called back. `survey`: what is asked, and how far. `queue`: whom
    the call waited for when it was sent here. `out`: the call has left the flow by this."""

    at: str = ""
    version: str = ""
    language: str = "en"
    welcome: dict[str, Any] = field(default_factory=dict)
    asking: str = ""
    digits: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    order: str = ""
    customer: str = ""
    silences: int = 0
    wrong: int = 0
    inputs: int = 0
    quiet: int = 0
    passed: int = 0
    read: dict[str, int] = field(default_factory=dict)
    served: bool = False
    told_closed: bool = False
    message: dict[str, Any] = field(default_factory=dict)
    left: bool = False
    promised: bool = False
    survey: dict[str, Any] = field(default_factory=dict)
    queue: str = ""
    out: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> State:
        """From plain values; what an older version kept is left out."""
        return cls(**{name: values[name] for name in cls.__slots__ if name in values})

    @property
    def languages(self) -> list[str]:
        return list(self.welcome.get("languages", ()))

    @property
    def is_open(self) -> bool:
        return bool(self.welcome.get("is_open", True))


@dataclass
class Walk:
    """What one reaction has gathered: the state so far, what is to be said, and what is done before it is said. `begins`: it
    is the first of a call, whose path is to say which version it walks through."""

    graph: Graph
    now: State
    said: list[Utterance] = field(default_factory=list)
    first: list[Action] = field(default_factory=list)
    begins: bool = False

    def stop(self, *actions: Action, wait: float = 0) -> Reaction:
        """Say what was gathered, then these."""
        note = {"block": self.now.at} | ({"version": self.now.version} if self.begins else {})
        said = [Say(tuple(self.said), wait, note)] if self.said else []
        return Reaction(asdict(self.now), (*self.first, *said, *actions))

    def say(self, *utterances: Utterance) -> None:
        self.said += utterances

    def shipped(self, key: str) -> Utterance:
        return shipped_words(key, self.now.language)


def leave(walk: Walk) -> Reaction:
    """To a person; while the shop is closed, to the end."""
    if walk.now.is_open:
        if walk.now.welcome.get("recorded"):
            walk.say(walk.shipped(phrases.RECORDED))
        walk.say(walk.shipped(phrases.CONNECTING))
        return out(walk, queue="")
    if not (walk.now.told_closed or walk.now.served):
        walk.say(walk.shipped(phrases.CLOSED), *opening(walk.now))
    walk.say(walk.shipped(phrases.GOODBYE))
    return out(walk, end=end_of(walk.now))


def end_of(now: State) -> str:
    """Why a call ends that the flow ends."""
    if now.promised:
        return CALLBACK
    if now.served:
        return SELF_SERVED
    return LEFT_MESSAGE if now.left else REJECTED


def out(walk: Walk, **by: str) -> Reaction:
    """Out of the flow, by `queue` or by `end`; from here on every input does the same again."""
    walk.now = replace(walk.now, out=by, asking="")
    return walk.stop(*way_out(walk.now))


def way_out(now: State) -> tuple[Action, ...]:
    if "end" in now.out:
        return (EndCall(now.out["end"]),)
    return (ToQueue(now.language, now.out.get("queue", ""), bool(now.out.get("always"))),)


def ask(walk: Walk, question: str, about: Mapping[str, str]) -> Reaction:
    """Say what was gathered, and ask the business meanwhile."""
    walk.now = replace(walk.now, asking=question)
    return walk.stop(Ask(question, about))


def words(walk: Walk, block: Block) -> list[Utterance]:
    return spoken_by(block.words, walk.now.language, walk.now.welcome)


def opening(now: State) -> list[Utterance]:
    opens = now.welcome.get("opens", {}).get(now.language)
    return [Utterance(opens, now.language)] if opens else []


def speak(walk: Walk, language: str) -> None:
    walk.now = replace(walk.now, language=language)
    walk.first.append(UseLanguage(language))


def without(typed: Mapping[str, str], block_id: str) -> dict[str, str]:
    return {key: digits for key, digits in typed.items() if key != block_id}
