"""The walk through a published flow. Pure: a graph, where the caller is and what came in give what to say and do next.

Promises: every call comes to a queue or to an end after a bounded number of keys and silences, whatever is pressed and
whatever the graph: blocks passed between two waits, keys and silences of a call are counted. No reaction leaves the caller
without something said, asked or waited for. While the shop is closed nobody is put into a queue that has not said so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from callcart.contact.voice.flow import (
    Action,
    Answered,
    Ask,
    EndCall,
    Input,
    Key,
    Reaction,
    Say,
    ToQueue,
    UseLanguage,
    Utterance,
    Wait,
)
from callcart.engage.ivr import blocks, phrases
from callcart.engage.ivr.blocks import ELSE, IS, NEXT, REPEAT, SILENCE, WRONG, Block, Graph
from callcart.engage.ivr.spoken import shipped_words, spoken_by

PATIENCE = 5.0  # seconds of silence after a question
BETWEEN = 4.0  # seconds between two digits
MOST_INPUTS = 80  # keys and silences of a call
MOST_SILENCES = 8  # of them, silences
MOST_PASSED = 60  # blocks between two waits
SELF_SERVED = "self_served"
REJECTED = "rejected"
KEYS_OF_LANGUAGES = {"1": "en", "2": "zh-hans"}

READ = "read"
IDENTIFY = "identify"
FIND = "find"
OF_CALLER = ("known", "order", "tier", "vip", "case")
ORDER_DIGITS = (4, 20)
CODE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class State:
    """Where a caller is. `at`: a block, or empty before the first. `asking`: what was asked of the business and is not
    answered. `digits`: typed so far; `typed`: by block, what was; a code is in neither once it is whole. `order` and `customer`: what was found or proven. `quiet` counts the silences of the
    call, `passed` the blocks since the last key or silence. `out`: the call has left the flow by this."""

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
    """What one reaction has gathered: the state so far, what is to be said, and what is done before it is said."""

    graph: Graph
    now: State
    said: list[Utterance] = field(default_factory=list)
    first: list[Action] = field(default_factory=list)

    def stop(self, *actions: Action, wait: float = 0) -> Reaction:
        """Say what was gathered, then these."""
        said = [Say(tuple(self.said), then_wait=wait)] if self.said else []
        return Reaction(asdict(self.now), (*self.first, *said, *actions))

    def say(self, *utterances: Utterance) -> None:
        self.said += utterances

    def shipped(self, key: str) -> Utterance:
        return shipped_words(key, self.now.language)


def begin(graph: Graph, now: State) -> Reaction:
    """The caller is welcomed: into the first block."""
    languages = now.languages
    now = replace(now, asking="", language=languages[0] if languages else now.language)
    return _enter(Walk(graph, now), graph.start)


def leave(graph: Graph, now: State) -> Reaction:
    """Out of the flow, whatever it says: to a person, or while the shop is closed to the end."""
    return _leave(Walk(graph, replace(now, asking="")))


def react(graph: Graph, now: State, given: Input) -> Reaction:
    """What to do now, for a caller who has been welcomed."""
    walk = Walk(graph, now)
    if now.out:
        return walk.stop(*_way_out(now))
    if isinstance(given, Answered):
        return _answered(walk, given)
    block = graph.blocks.get(now.at)
    silent = not isinstance(given, Key)
    walk.now = now = replace(now, inputs=now.inputs + 1, quiet=now.quiet + silent, passed=0)
    if block is None or now.inputs > MOST_INPUTS or now.quiet > MOST_SILENCES:
        return _leave(walk)
    if now.asking:  # its answer is on its way; a silence is the end of our patience with it
        return _unanswered(walk, block) if silent else walk.stop()
    if isinstance(given, Key):
        return _PRESSED.get(type(block.settings), _nothing)(walk, block, given.digit)
    return _SILENT.get(type(block.settings), _again)(walk, block)


def hides_keys(graph: Graph, now: State) -> bool:
    """Whether what is pressed now is a secret: the code, after the number."""
    block = graph.blocks.get(now.at)
    return block is not None and isinstance(block.settings, blocks.Identify) and block.id in now.typed


# ---- into a block ----


def _enter(walk: Walk, block_id: str) -> Reaction:
    """Into a block, and through all that need nothing from the caller."""
    while True:
        block = walk.graph.blocks.get(block_id)
        if block is None or walk.now.passed >= MOST_PASSED:
            return _leave(walk)
        typed = {key: digits for key, digits in walk.now.typed.items() if key != block_id}
        walk.now = replace(
            walk.now, at=block_id, digits="", silences=0, wrong=0, typed=typed, passed=walk.now.passed + 1
        )
        entered = _ENTER[type(block.settings)](walk, block)
        if isinstance(entered, Reaction):
            return entered
        block_id = block.arrows.get(entered, "")


def _enter_say(walk: Walk, block: Block) -> str:
    walk.say(*_words(walk, block))
    if isinstance(block.settings, blocks.Say) and block.settings.opening and not walk.now.is_open:
        walk.say(*_opening(walk.now))
        walk.now = replace(walk.now, told_closed=True)
    return NEXT


def _enter_language(walk: Walk, block: Block) -> Reaction | str:
    languages = walk.now.languages
    if len(languages) < 2:
        _speak(walk, languages[0] if languages else walk.now.language)
        return NEXT
    walk.say(*(shipped_words(phrases.LANGUAGE, language) for language in languages))
    return walk.stop(wait=PATIENCE)


def _enter_hours(walk: Walk, block: Block) -> str:
    return "open" if walk.now.is_open else "closed"


def _ask_caller(walk: Walk, block: Block) -> Reaction:
    """The words of a block that waits for keys."""
    walk.say(*_words(walk, block))
    return walk.stop(wait=PATIENCE) if walk.said else walk.stop(Wait(PATIENCE))


def _enter_find(walk: Walk, block: Block) -> Reaction | str:
    assert isinstance(block.settings, blocks.FindOrder)
    digits = walk.now.typed.get(block.settings.digits, "")
    return _ask(walk, FIND, {"digits": digits}) if digits else "none"


def _enter_read(walk: Walk, block: Block) -> Reaction | str:
    assert isinstance(block.settings, blocks.ReadOut)
    times = walk.now.read.get(block.id, 0)
    if times >= block.settings.most:
        return "often" if block.arrows.get("often") else "none"
    walk.now = replace(walk.now, read={**walk.now.read, block.id: times + 1})
    return _ask(
        walk, READ, {"what": str(block.settings.what), "order": walk.now.order, "customer": walk.now.customer}
    )


def _enter_branch(walk: Walk, block: Block) -> str:
    assert isinstance(block.settings, blocks.Branch)
    found = IS + _value(walk.now, block.settings.on)
    return found if found in block.arrows else ELSE


def _value(now: State, on: blocks.On) -> str:
    if on is blocks.On.LANGUAGE:
        return now.language
    if on in (blocks.On.TIER, blocks.On.NUMBER):
        return str(now.welcome.get(str(on), ""))
    return "yes" if now.welcome.get(str(on)) else "no"


def _enter_queue(walk: Walk, block: Block) -> Reaction | str:
    assert isinstance(block.settings, blocks.Queue)
    if not (walk.now.is_open or block.settings.always):
        return "closed" if block.arrows.get("closed") else _leave(walk)
    if walk.now.welcome.get("recorded"):
        walk.say(walk.shipped(phrases.RECORDED))
    walk.say(*_words(walk, block))
    return _out(walk, queue=block.settings.queue)


def _enter_hang_up(walk: Walk, block: Block) -> Reaction:
    walk.say(*_words(walk, block))
    return _out(walk, end=SELF_SERVED if walk.now.served else REJECTED)


def _enter_transfer(walk: Walk, block: Block) -> Reaction:
    """There is no way to an outside number yet, so none is published; a person is never far."""
    return _leave(walk)


# ---- keys ----


def _nothing(walk: Walk, block: Block, digit: str) -> Reaction:
    return walk.stop()


def _press_language(walk: Walk, block: Block, digit: str) -> Reaction:
    assert isinstance(block.settings, blocks.Language)
    language = KEYS_OF_LANGUAGES.get(digit, "")
    if language in walk.now.languages:
        _speak(walk, language)
        return _enter(walk, block.arrows.get(NEXT, ""))
    if digit == blocks.PERSON_KEY and block.arrows.get(digit):
        return _enter(walk, block.arrows[digit])
    return _wrong(walk, block, digit, block.settings.tries)


def _press_menu(walk: Walk, block: Block, digit: str) -> Reaction:
    assert isinstance(block.settings, blocks.Menu)
    if digit in block.arrows:
        return _enter(walk, block.arrows[digit])
    return _wrong(walk, block, digit, block.settings.tries)


def _wrong(walk: Walk, block: Block, digit: str, tries: int) -> Reaction:
    """A key that leads nowhere; the one for it says it all again."""
    if digit == REPEAT:
        return _say_again(walk, block)
    walk.now = replace(walk.now, wrong=walk.now.wrong + 1)
    if walk.now.wrong >= tries:
        return _enter(walk, block.arrows.get(WRONG, ""))
    walk.say(walk.shipped(phrases.WRONG_KEY))
    return _say_again(walk, block)


def _say_again(walk: Walk, block: Block) -> Reaction:
    if isinstance(block.settings, blocks.Language):
        entered = _enter_language(walk, block)
        assert isinstance(entered, Reaction)
        return entered
    return _ask_caller(walk, block)


def _press_digits(walk: Walk, block: Block, digit: str) -> Reaction:
    settings = block.settings
    assert isinstance(settings, blocks.Digits)
    return _type(walk, block, digit, settings.most)


def _press_identify(walk: Walk, block: Block, digit: str) -> Reaction:
    return _type(walk, block, digit, CODE_DIGITS if block.id in walk.now.typed else ORDER_DIGITS[1])


def _type(walk: Walk, block: Block, digit: str, most: int) -> Reaction:
    if digit == REPEAT:  # begin anew
        walk.now = replace(walk.now, digits="")
        return _prompt(walk, block)
    if digit == "#":
        return _typed(walk, block)
    walk.now = replace(walk.now, digits=walk.now.digits + digit)
    return _typed(walk, block) if len(walk.now.digits) >= most else walk.stop(Wait(BETWEEN))


def _typed(walk: Walk, block: Block) -> Reaction:
    """The caller has done typing."""
    digits, walk.now = walk.now.digits, replace(walk.now, digits="")
    if isinstance(block.settings, blocks.Digits):
        if len(digits) < block.settings.least:
            return _mistyped(walk, block)
        walk.now = replace(walk.now, typed={**walk.now.typed, block.id: digits})
        return _enter(walk, block.arrows.get(NEXT, ""))
    if block.id not in walk.now.typed:
        if len(digits) < ORDER_DIGITS[0]:
            return _mistyped(walk, block)
        walk.now = replace(walk.now, typed={**walk.now.typed, block.id: digits})
        return _prompt(walk, block)
    if len(digits) < CODE_DIGITS:
        return _mistyped(walk, block)
    number = walk.now.typed[block.id]
    walk.now = replace(walk.now, typed=_without(walk.now.typed, block.id))
    return _ask(walk, IDENTIFY, {"number": number, "code": digits})


def _mistyped(walk: Walk, block: Block) -> Reaction:
    """Nothing, or too little, or what is not right."""
    assert isinstance(block.settings, blocks.Digits | blocks.Identify)
    walk.now = replace(
        walk.now, wrong=walk.now.wrong + 1, digits="", typed=_without(walk.now.typed, block.id)
    )
    if walk.now.wrong >= block.settings.tries:
        return _enter(walk, block.arrows.get(WRONG, ""))
    walk.say(walk.shipped(phrases.NOT_RIGHT))
    return _prompt(walk, block)


def _prompt(walk: Walk, block: Block) -> Reaction:
    """What is to be typed now."""
    if isinstance(block.settings, blocks.Identify) and block.id in walk.now.typed:
        walk.say(walk.shipped(phrases.TYPE_CODE))
        return walk.stop(wait=PATIENCE)
    return _ask_caller(walk, block)


# ---- silences ----


def _again(walk: Walk, block: Block) -> Reaction:
    """A silence where nobody was asked anything: our process began anew in the middle of it."""
    return _enter(walk, block.id)


def _silent_language(walk: Walk, block: Block) -> Reaction:
    """Once it is said again; a second silence means the first language."""
    if not walk.now.silences:
        walk.now = replace(walk.now, silences=1)
        return _say_again(walk, block)
    _speak(walk, walk.now.languages[0] if walk.now.languages else walk.now.language)
    return _enter(walk, block.arrows.get(NEXT, ""))


def _silent_menu(walk: Walk, block: Block) -> Reaction:
    assert isinstance(block.settings, blocks.Menu)
    if walk.now.silences < block.settings.repeats:
        walk.now = replace(walk.now, silences=walk.now.silences + 1)
        return _ask_caller(walk, block)
    return _enter(walk, block.arrows.get(SILENCE, ""))


def _silent_digits(walk: Walk, block: Block) -> Reaction:
    """The end of the digits, where there are any."""
    return _typed(walk, block) if walk.now.digits else _mistyped(walk, block)


# ---- what the business says ----


def _ask(walk: Walk, question: str, about: Mapping[str, str]) -> Reaction:
    walk.now = replace(walk.now, asking=question)
    return walk.stop(Ask(question, about))


def _answered(walk: Walk, given: Answered) -> Reaction:
    block = walk.graph.blocks.get(walk.now.at)
    if block is None or given.question != walk.now.asking:
        return walk.stop()  # too late
    value = None if given.failed else given.value
    if not value:
        return _unanswered(walk, block)
    walk.now = replace(walk.now, asking="")
    if given.question == READ:
        return _read_out(walk, block, value)
    walk.now = replace(walk.now, order=str(value.get("order_id", "")))
    if given.question == FIND:
        return _enter(walk, block.arrows.get("found", ""))
    known = {key: value[key] for key in OF_CALLER if key in value}
    customer = str(value.get("customer_id", ""))
    walk.now = replace(walk.now, customer=customer, welcome=walk.now.welcome | known)
    return _enter(walk, block.arrows.get("identified", ""))


def _read_out(walk: Walk, block: Block, value: Mapping[str, Any]) -> Reaction:
    sentences = value.get(walk.now.language) or []
    if not sentences:
        return _unanswered(walk, block)
    walk.say(*(Utterance(sentence, walk.now.language) for sentence in sentences))
    walk.now = replace(walk.now, served=True)
    return _enter(walk, block.arrows.get(NEXT, ""))


def _unanswered(walk: Walk, block: Block) -> Reaction:
    """There is no answer, or it is nothing."""
    question, walk.now = walk.now.asking, replace(walk.now, asking="")
    if question == IDENTIFY:
        return _mistyped(walk, block)
    if question == READ:
        read = {**walk.now.read, block.id: walk.now.read.get(block.id, 1) - 1}
        walk.now = replace(walk.now, read=read)
    return _enter(walk, block.arrows.get("none", ""))


# ---- out ----


def _leave(walk: Walk) -> Reaction:
    if walk.now.is_open:
        if walk.now.welcome.get("recorded"):
            walk.say(walk.shipped(phrases.RECORDED))
        walk.say(walk.shipped(phrases.CONNECTING))
        return _out(walk, queue="")
    if not (walk.now.told_closed or walk.now.served):
        walk.say(walk.shipped(phrases.CLOSED), *_opening(walk.now))
    walk.say(walk.shipped(phrases.GOODBYE))
    return _out(walk, end=SELF_SERVED if walk.now.served else REJECTED)


def _out(walk: Walk, **out: str) -> Reaction:
    walk.now = replace(walk.now, out=out, asking="")
    return walk.stop(*_way_out(walk.now))


def _way_out(now: State) -> tuple[Action, ...]:
    if "end" in now.out:
        return (EndCall(now.out["end"]),)
    return (ToQueue(now.language, now.out.get("queue", "")),)


def is_served(now: State) -> bool:
    """Whether a caller who hangs up here has what they called for: it was read out, and no person is wanted after all."""
    return now.served and "queue" not in now.out


# ---- small ----


def _words(walk: Walk, block: Block) -> list[Utterance]:
    return spoken_by(block.words, walk.now.language, walk.now.welcome)


def _opening(now: State) -> list[Utterance]:
    opens = now.welcome.get("opens", {}).get(now.language)
    return [Utterance(opens, now.language)] if opens else []


def _speak(walk: Walk, language: str) -> None:
    walk.now = replace(walk.now, language=language)
    walk.first.append(UseLanguage(language))


def _without(typed: Mapping[str, str], block_id: str) -> dict[str, str]:
    return {key: digits for key, digits in typed.items() if key != block_id}


_ENTER: Mapping[type, Callable[[Walk, Block], Reaction | str]] = {
    blocks.Say: _enter_say,
    blocks.Language: _enter_language,
    blocks.Hours: _enter_hours,
    blocks.Menu: _ask_caller,
    blocks.Digits: _ask_caller,
    blocks.FindOrder: _enter_find,
    blocks.ReadOut: _enter_read,
    blocks.Identify: _ask_caller,
    blocks.Branch: _enter_branch,
    blocks.Queue: _enter_queue,
    blocks.Transfer: _enter_transfer,
    blocks.HangUp: _enter_hang_up,
}
_PRESSED: Mapping[type, Callable[[Walk, Block, str], Reaction]] = {
    blocks.Language: _press_language,
    blocks.Menu: _press_menu,
    blocks.Digits: _press_digits,
    blocks.Identify: _press_identify,
}
_SILENT: Mapping[type, Callable[[Walk, Block], Reaction]] = {
    blocks.Language: _silent_language,
    blocks.Menu: _silent_menu,
    blocks.Digits: _silent_digits,
    blocks.Identify: _silent_digits,
}
