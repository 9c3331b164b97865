"""Small flows for tests, written short, and a caller who walks through one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from callcart.contact.voice.flow import Action, Answered, Ask, EndCall, Input, Reaction, Say, ToQueue
from callcart.engage.ivr import engine
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.graphs import read
from callcart.engage.ivr.walk import State

BOTH = {"en": "Words.", "zh-hans": "话。"}


def block(
    kind: str, *, texts: dict[str, str] | None = None, settings: dict[str, Any] | None = None, **arrows: str
) -> dict[str, Any]:
    """A block that speaks both languages; `k1` is the arrow of key 1, `is_gold` that of a value."""
    named = {
        key[1:] if len(key) == 2 and key[0] == "k" else key.replace("is_", "is:").rstrip("_"): to
        for key, to in arrows.items()
    }
    return {
        "kind": kind,
        "words": {"texts": BOTH if texts is None else texts},
        "settings": settings or {},
        "arrows": named,
    }


def flow(**blocks: dict[str, Any]) -> Graph:
    """The first one is the beginning."""
    return read({"start": next(iter(blocks)), "blocks": blocks})


@dataclass
class Walker:
    """A caller in a flow; what the flow asks of the business is answered from `answers`, by its name."""

    graph: Graph
    welcome: dict[str, Any] = field(default_factory=lambda: {"languages": ["en"], "is_open": True})
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Ask] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    done: list[Action] = field(default_factory=list)

    def begin(self) -> Walker:
        self._take(engine.begin(self.graph, State(welcome=self.welcome)))
        return self

    def give(self, *inputs: Input) -> Walker:
        for each in inputs:
            self.done = []
            self._take(engine.react(self.graph, State.of(self.state), each))
        return self

    def _take(self, reaction: Reaction) -> None:
        self.state = reaction.state
        self.done += reaction.actions
        if self.done and isinstance(self.done[-1], Ask):
            asked = self.done[-1]
            self.asked.append(asked)
            value = self.answers.get(asked.question)
            self._take(engine.react(self.graph, State.of(self.state), Answered(asked.question, value)))

    @property
    def at(self) -> str:
        return str(self.state["at"])

    @property
    def heard(self) -> list[str]:
        return [each.text for action in self.done if isinstance(action, Say) for each in action.utterances]

    @property
    def end(self) -> Action | None:
        return self.done[-1] if self.done and isinstance(self.done[-1], ToQueue | EndCall) else None
