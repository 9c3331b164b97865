"""What talks to a caller before a person does: the flow that the shop has published for the number dialled, else the menu
that ships. The walk through it is `engine`'s; here a call gets the version it began with and keeps it to its end.

Versions that were published never change, so they are kept once read. After a restart a call's version is read again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from callcart.contact.voice.flow import (
    Answered,
    Ask,
    CallFacts,
    Diverted,
    EndCall,
    Input,
    Key,
    Reaction,
    Silence,
    Started,
    Utterance,
)
from callcart.core.ids import read_id
from callcart.engage.ivr import aloud, engine, phrases
from callcart.engage.ivr.blocks import Graph, asked_by
from callcart.engage.ivr.look_up import WELCOME, look_up, welcome_of
from callcart.engage.ivr.running import graph_of, version_for
from callcart.engage.ivr.shipped import ASIDE, aside, shipped
from callcart.engage.ivr.spoken import known_language, shipped_words
from callcart.engage.ivr.walk import CALLBACK, LEFT_MESSAGE, REJECTED, SELF_SERVED, State

VERSION = "version"
HUNG_UP = "hung_up_in_menu"
MOST_KEPT = 500


class Kept:
    """Graphs of published versions by id, those used last."""

    def __init__(self) -> None:
        self._graphs: OrderedDict[str, Graph] = OrderedDict()

    def get(self, version: str) -> Graph | None:
        """The graph, where it was read before; without a version the one that ships."""
        if not version:
            return shipped()
        if version.startswith(ASIDE):
            return aside(version)
        found = self._graphs.get(version)
        if found is not None:
            self._touch(version)
        return found

    def read(self, version: str) -> bool:
        """Read it from the database, in the tenant's transaction, unless it is here; False where it cannot be walked."""
        if self.get(version) is not None:
            return True
        graph = graph_of(version)
        if graph is None:
            return False
        self._graphs[version] = graph
        while len(self._graphs) > MOST_KEPT:
            self._graphs.popitem(last=False)
        return True

    def _touch(self, version: str) -> None:
        try:
            self._graphs.move_to_end(version)
        except KeyError:  # another thread has just let it go
            return


class Menu:
    """The Flow of calls."""

    def __init__(self) -> None:
        self._kept = Kept()

    def react(self, facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        """What to do now. Unknown or broken state begins anew."""
        now = State.of(state)
        if isinstance(given, Diverted):
            return self._divert(facts, given)
        if isinstance(given, Started) or not (now.at or now.asking or now.out):
            begun = State(asking=WELCOME, language=known_language(facts.language))
            return Reaction(asdict(begun), (Ask(WELCOME),))
        if now.asking == WELCOME:
            return self._welcome(now, given)
        graph = self._kept.get(now.version)
        if graph is None:
            return self._without_graph(now, given)
        if isinstance(given, Answered) and given.question == VERSION:
            given = Silence()  # nobody knows what was being said when its version had to be read again
        return engine.react(graph, now, given)

    def hung_up(self, state: dict[str, Any]) -> str:
        """Who leaves while something is read out, or after it, has what they called for, unless they wanted a person."""
        now = State.of(state)
        if now.promised:
            return CALLBACK
        if engine.is_served(now):
            return SELF_SERVED
        return LEFT_MESSAGE if now.left else HUNG_UP

    def hides_keys(self, state: dict[str, Any]) -> bool:
        now = State.of(state)
        graph = self._kept.get(now.version)
        return graph is not None and engine.hides_keys(graph, now)

    def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        """As `look_up.look_up`; the welcome comes with the version that this call walks through from now on."""
        if question == VERSION:
            return self._kept.read(about["version"])
        if question != WELCOME:
            return look_up(facts, question, about)
        version = version_for(facts.service_number)
        version = version if version and self._kept.read(version) else ""
        graph = self._kept.get(version) or shipped()
        queue = read_id(about.get("queue", ""))
        return {**welcome_of(facts, asked_by(graph), queue=queue).plain(), "version": version}

    def place_in_queue(self, language: str, position: int, seconds: int | None) -> Sequence[Utterance]:
        """Where a caller stands; of the wait only what is known."""
        language = known_language(language)
        if aloud.is_chinese(language):
            where = (
                "您是下一位。"
                if position <= 1
                else f"您前面还有{aloud.count_zh(position - 1, '位')}顾客在等待。"
            )
            wait = "预计等待{}。"
        else:
            where = "You are next." if position <= 1 else f"You are number {position} in line."
            wait = "The wait is {}."
        said = [Utterance(where, language)]
        if seconds is not None:
            said.append(Utterance(wait.format(aloud.wait(seconds, language)), language))
        return said

    def callback_offer(self, language: str) -> Sequence[Utterance]:
        return [shipped_words(phrases.CALLBACK_OFFER, known_language(language))]

    def agent_lost(self, language: str) -> Sequence[Utterance]:
        return [shipped_words(phrases.AGENT_LOST, known_language(language))]

    def refused(self, language: str) -> Sequence[Utterance]:
        return [shipped_words(phrases.REFUSED, known_language(language))]

    def _welcome(self, now: State, given: Input) -> Reaction:
        """The answer to the first question begins the walk; keys do not hurry it, silence is the end of our patience."""
        if isinstance(given, Key) or (isinstance(given, Answered) and given.question != WELCOME):
            return Reaction(asdict(now))
        value = given.value if isinstance(given, Answered) and not given.failed else None
        sent_here = now.version.startswith(ASIDE)
        if not value or not value.get("languages"):
            return _end(now) if sent_here else engine.leave_flow(shipped(), now)
        welcome = {key: each for key, each in value.items() if key != "version"}
        if sent_here:
            spoken = [now.language, *(each for each in welcome["languages"] if each != now.language)]
            welcome |= {"languages": spoken}
        version = now.version if sent_here else str(value.get("version", ""))
        now = replace(now, welcome=welcome, version=version)
        graph = self._kept.get(now.version)
        return engine.leave_flow(shipped(), now) if graph is None else engine.begin(graph, now)

    @staticmethod
    def _divert(facts: CallFacts, given: Diverted) -> Reaction:
        """Out of whatever was heard, into what the caller is sent to, in the language spoken so far. What is not known ends the call."""
        language = known_language(facts.language)
        begun = State(
            asking=WELCOME, version=ASIDE + given.to, language=language, queue=given.about.get("queue", "")
        )
        welcome = Ask(WELCOME, {"queue": begun.queue})
        return Reaction(asdict(begun), (welcome,)) if aside(begun.version) else _end(begun)

    def _without_graph(self, now: State, given: Input) -> Reaction:
        """Our process is a new one, and has not read this call's version yet. Where it cannot be read a person is next."""
        if isinstance(given, Key):
            return Reaction(asdict(now), (Ask(VERSION, {"version": now.version}),))
        if isinstance(given, Answered):
            return engine.leave_flow(shipped(), now) if given.question == VERSION else Reaction(asdict(now))
        quiet = replace(now, quiet=now.quiet + 1)
        if quiet.quiet > engine.MOST_SILENCES:
            return engine.leave_flow(shipped(), quiet)
        return Reaction(asdict(quiet), (Ask(VERSION, {"version": now.version}),))


def _end(now: State) -> Reaction:
    """There is nothing to say."""
    ended = replace(now, asking="", out={"end": REJECTED})
    return Reaction(asdict(ended), (EndCall(REJECTED),))
