"""The menu a caller talks to before a person does: greeting, language, last order, then a queue. Pure but for `look_up`.

Promises: every call comes to a queue or to an end after a bounded number of keys and silences, whatever is pressed, and no
reaction leaves the caller without something said, asked or waited for. Out of hours nobody is put into a queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from callcart.contact.voice.flow import (
    Action,
    Answered,
    Ask,
    CallFacts,
    EndCall,
    Input,
    Key,
    Reaction,
    Say,
    Started,
    ToQueue,
    UseLanguage,
    Utterance,
)
from callcart.contact.voice.speech.phrases import fill
from callcart.engage.ivr import aloud, phrases
from callcart.engage.ivr.look_up import LAST_ORDER, WELCOME, look_up

PATIENCE = 5.0  # seconds of silence after a question
MOST_SILENCES = 3
MOST_WRONG = 3
MOST_READINGS = 3
MOST_STEPS = 15
KEYS = {"1": "en", "2": "zh-hans"}
PERSON = ("0", "2")
SELF_SERVED = "self_served"

_TEXTS = {phrase.key: phrase.texts for phrase in phrases.PHRASES}


@dataclass(frozen=True, slots=True)
class State:
    """Where a caller is. `at`: welcome, language, menu, order (being looked up), after (it was read), leaving. `end`: why the
    call ends where it does, once no person is wanted."""

    at: str = ""
    language: str = "en"
    welcome: dict[str, Any] = field(default_factory=dict)
    silences: int = 0
    wrong: int = 0
    readings: int = 0
    steps: int = 0
    end: str = ""

    @classmethod
    def of(cls, values: dict[str, Any]) -> State:
        """From plain values; what an older version kept is left out."""
        return cls(**{name: values[name] for name in cls.__slots__ if name in values})

    @property
    def languages(self) -> list[str]:
        return list(self.welcome.get("languages", ()))

    @property
    def is_open(self) -> bool:
        return bool(self.welcome.get("is_open", True))

    @property
    def order(self) -> bool:
        return bool(self.welcome.get("order"))


class Menu:
    """The Flow of calls."""

    def react(self, facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        """What to do now. Unknown or broken state begins anew."""
        now = State.of(state)
        if isinstance(given, Started) or not now.at:
            return _reaction(State(at="welcome", language=_spoken(facts.language)), Ask(WELCOME))
        if isinstance(given, Answered):
            return _answered(now, given)
        now = replace(now, steps=now.steps + 1)
        if now.at == "leaving":
            return _reaction(now, *_way_out(now))
        if now.steps > MOST_STEPS:
            return _leave(now)
        if isinstance(given, Key):
            return _pressed(now, given.digit)
        return _unpressed(now)

    def hung_up(self, state: dict[str, Any]) -> str:
        """Who leaves while the order is read, or after having said goodbye to the menu, has what they called for."""
        now = State.of(state)
        served = now.at == "after" or now.end == SELF_SERVED
        return SELF_SERVED if served else "hung_up_in_menu"

    def look_up(self, facts: CallFacts, question: str) -> Any:
        return look_up(facts, question)

    def place_in_queue(self, language: str, position: int, seconds: int | None) -> Sequence[Utterance]:
        """Where a caller stands; of the wait only what is known."""
        language = _spoken(language)
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

    def agent_lost(self, language: str) -> Sequence[Utterance]:
        return [_shipped(phrases.AGENT_LOST, _spoken(language))]

    def refused(self, language: str) -> Sequence[Utterance]:
        return [_shipped(phrases.REFUSED, _spoken(language))]


def _answered(now: State, given: Answered) -> Reaction:
    if given.question == WELCOME and now.at == "welcome":
        if given.failed or not given.value or not given.value.get("languages"):
            return _leave(now)
        return _welcome(replace(now, welcome=given.value, language=given.value["languages"][0]))
    if given.question == LAST_ORDER and now.at == "order":
        sentences = None if given.failed or not given.value else given.value.get(now.language)
        if not sentences:
            unread = replace(now, readings=now.readings - 1)
            return _leave(unread, _shipped(phrases.NO_ORDER, now.language), told_closed=True)
        return _read(now, [Utterance(sentence, now.language) for sentence in sentences])
    return _reaction(now)  # an answer that nobody waits for any more


def _welcome(now: State) -> Reaction:
    greeting = _greeting(now)
    if len(now.languages) > 1:
        return _ask_language(now, greeting)
    return _menu(now, greeting, language=now.language)


def _ask_language(now: State, *before: Utterance) -> Reaction:
    choices = [_shipped(phrases.LANGUAGE, language) for language in now.languages]
    return _question(replace(now, at="language"), *before, *choices)


def _menu(now: State, *before: Utterance, language: str) -> Reaction:
    """The language is settled: what can be done for this caller, or straight to a person."""
    now = replace(now, at="menu", language=language)
    before = before if now.is_open else (*before, *_closed(now))
    chosen = UseLanguage(language)
    if not now.order:
        left = _leave(now, *before, told_closed=True)
        return Reaction(left.state, (chosen, *left.actions))
    asked = _question(now, *before, _menu_words(now))
    return Reaction(asked.state, (chosen, *asked.actions))


def _menu_words(now: State) -> Utterance:
    return _shipped(phrases.MENU if now.is_open else phrases.MENU_CLOSED, now.language)


def _after_words(now: State) -> Utterance:
    return _shipped(phrases.AFTER_ORDER if now.is_open else phrases.AFTER_ORDER_CLOSED, now.language)


def _again(now: State, *before: Utterance) -> Reaction:
    """The question in hand once more."""
    if now.at == "language":
        return _ask_language(now, *before)
    if now.at in ("menu", "after"):
        return _question(now, *before, _menu_words(now) if now.at == "menu" else _after_words(now))
    return _reaction(now)  # an answer is on its way, and will be said


def _pressed(now: State, digit: str) -> Reaction:
    if now.at == "language" and KEYS.get(digit) in now.languages:
        return _menu(now, language=KEYS[digit])
    if now.at in ("menu", "after") and digit == "1":
        if now.readings >= MOST_READINGS:
            return _leave(now)
        return _reaction(replace(now, at="order", readings=now.readings + 1), Ask(LAST_ORDER))
    if digit == "*":
        return _again(now)
    if now.at == "after" and digit == "9":
        return _goodbye(now, SELF_SERVED)
    if now.at in ("language", "menu", "after") and digit in PERSON and now.is_open:
        return _leave(now)
    if now.at in ("welcome", "order"):
        return _again(now)
    now = replace(now, wrong=now.wrong + 1)
    if now.wrong >= MOST_WRONG:
        return _leave(now)
    return _again(now, _shipped(phrases.WRONG_KEY, now.language))


def _unpressed(now: State) -> Reaction:
    """A silence. Once the language question is repeated; a second one there means the first language."""
    now = replace(now, silences=now.silences + 1)
    if now.at == "language" and now.silences < MOST_SILENCES:
        return _again(now) if now.silences == 1 else _menu(now, language=now.languages[0])
    return _leave(now)


def _read(now: State, sentences: list[Utterance]) -> Reaction:
    now = replace(now, at="after")
    return _question(now, *sentences, _after_words(now))


def _leave(now: State, *before: Utterance, told_closed: bool = False) -> Reaction:
    """On to a person; out of hours, to the end."""
    if now.is_open:
        recorded = [_shipped(phrases.RECORDED, now.language)] if now.welcome.get("recorded") else []
        said = Say((*before, *recorded, _shipped(phrases.CONNECTING, now.language)))
        return _reaction(replace(now, at="leaving"), said, *_way_out(now))
    if not told_closed and not now.readings:
        before = (*before, *_closed(now))
    return _goodbye(now, SELF_SERVED if now.readings else "rejected", *before)


def _way_out(now: State) -> tuple[Action, ...]:
    return (EndCall(now.end),) if now.end else (ToQueue(now.language),)


def _goodbye(now: State, reason: str, *before: Utterance) -> Reaction:
    now = replace(now, at="leaving", end=reason)
    return _reaction(now, Say((*before, _shipped(phrases.GOODBYE, now.language))), *_way_out(now))


def _closed(now: State) -> list[Utterance]:
    opens = now.welcome.get("opens", {}).get(now.language)
    return [_shipped(phrases.CLOSED, now.language), *([Utterance(opens, now.language)] if opens else [])]


def _greeting(now: State) -> Utterance:
    key = now.welcome.get("greetings", {}).get(now.language) or phrases.GREETING
    shop = now.welcome.get("names", {}).get(now.language, "")
    return Utterance(fill(_TEXTS[phrases.GREETING][now.language], shop), now.language, key)


def _shipped(key: str, language: str) -> Utterance:
    return Utterance(_TEXTS[key][language], language, key)


def _spoken(language: str) -> str:
    return "zh-hans" if aloud.is_chinese(language.lower()) else "en"


def _question(now: State, *utterances: Utterance) -> Reaction:
    return _reaction(now, Say(tuple(utterances), then_wait=PATIENCE))


def _reaction(now: State, *actions: Action) -> Reaction:
    return Reaction(asdict(now), tuple(actions))
