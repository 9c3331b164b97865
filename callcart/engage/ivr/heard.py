"""What a key, a silence or an answer of the business does in the block where the caller is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from callcart.contact.voice.flow import Answered, Reaction, Utterance, Wait
from callcart.engage.ivr import blocks, calling_back, phrases
from callcart.engage.ivr.blocks import NEXT, REPEAT, SILENCE, WRONG, Block
from callcart.engage.ivr.entering import ask_caller, enter, enter_identify, enter_language
from callcart.engage.ivr.pin_rules import PIN_DIGITS
from callcart.engage.ivr.spoken_to import ASIDES, press_survey, silent_message, silent_survey
from callcart.engage.ivr.walk import BETWEEN, FIND, IDENTIFY, PATIENCE, READ, Walk, ask, speak, without

KEYS_OF_LANGUAGES = {"1": "en", "2": "zh-hans"}
_ASIDES = {**ASIDES, **calling_back.ASIDES}
OF_CALLER = ("known", "order", "tier", "vip", "case")
ORDER_DIGITS = (4, 20)
CODE_DIGITS = {blocks.By.ORDER: (4, 4), blocks.By.PIN: PIN_DIGITS}


def nothing(walk: Walk, block: Block, digit: str) -> Reaction:
    return walk.stop()


def _press_language(walk: Walk, block: Block, digit: str) -> Reaction:
    assert isinstance(block.settings, blocks.Language)
    language = KEYS_OF_LANGUAGES.get(digit, "")
    if language in walk.now.languages:
        speak(walk, language)
        return enter(walk, block.arrows.get(NEXT, ""))
    if digit == blocks.PERSON_KEY and block.arrows.get(digit):
        return enter(walk, block.arrows[digit])
    return _wrong(walk, block, digit, block.settings.tries)


def _press_menu(walk: Walk, block: Block, digit: str) -> Reaction:
    assert isinstance(block.settings, blocks.Menu)
    if digit in block.arrows:
        return enter(walk, block.arrows[digit])
    return _wrong(walk, block, digit, block.settings.tries)


def _wrong(walk: Walk, block: Block, digit: str, tries: int) -> Reaction:
    """A key that leads nowhere; the one for it says it all again."""
    if digit == REPEAT:
        return _say_again(walk, block)
    walk.now = replace(walk.now, wrong=walk.now.wrong + 1)
    if walk.now.wrong >= tries:
        return enter(walk, block.arrows.get(WRONG, ""))
    walk.say(walk.shipped(phrases.WRONG_KEY))
    return _say_again(walk, block)


def _say_again(walk: Walk, block: Block) -> Reaction:
    if isinstance(block.settings, blocks.Language):
        entered = enter_language(walk, block)
        assert isinstance(entered, Reaction)
        return entered
    return ask_caller(walk, block)


def _press_digits(walk: Walk, block: Block, digit: str) -> Reaction:
    settings = block.settings
    assert isinstance(settings, blocks.Digits)
    return _type(walk, block, digit, settings.most)


def _press_identify(walk: Walk, block: Block, digit: str) -> Reaction:
    assert isinstance(block.settings, blocks.Identify)
    code = CODE_DIGITS[block.settings.by][1]
    return _type(walk, block, digit, code if block.id in walk.now.typed else ORDER_DIGITS[1])


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
        return enter(walk, block.arrows.get(NEXT, ""))
    assert isinstance(block.settings, blocks.Identify)
    if block.id not in walk.now.typed:
        if len(digits) < ORDER_DIGITS[0]:
            return _mistyped(walk, block)
        walk.now = replace(walk.now, typed={**walk.now.typed, block.id: digits})
        return _prompt(walk, block)
    if len(digits) < CODE_DIGITS[block.settings.by][0]:
        return _mistyped(walk, block)
    number = walk.now.typed[block.id]
    walk.now = replace(walk.now, typed=without(walk.now.typed, block.id))
    return ask(walk, IDENTIFY, {"by": str(block.settings.by), "number": number, "code": digits})


def _mistyped(walk: Walk, block: Block) -> Reaction:
    """Nothing, or too little, or what is not right."""
    assert isinstance(block.settings, blocks.Digits | blocks.Identify)
    walk.now = replace(walk.now, wrong=walk.now.wrong + 1, digits="", typed=without(walk.now.typed, block.id))
    if walk.now.wrong >= block.settings.tries:
        return enter(walk, block.arrows.get(WRONG, ""))
    walk.say(walk.shipped(phrases.NOT_RIGHT))
    return _prompt(walk, block)


def _prompt(walk: Walk, block: Block) -> Reaction:
    """What is to be typed now."""
    if not isinstance(block.settings, blocks.Identify):
        return ask_caller(walk, block)
    if block.id not in walk.now.typed:
        return enter_identify(walk, block)
    by_pin = block.settings.by is blocks.By.PIN
    walk.say(walk.shipped(phrases.TYPE_PIN if by_pin else phrases.TYPE_CODE))
    return walk.stop(wait=PATIENCE)


# ---- silences ----


def again(walk: Walk, block: Block) -> Reaction:
    """A silence where nobody was asked anything: our process began anew in the middle of it."""
    return enter(walk, block.id)


def _silent_language(walk: Walk, block: Block) -> Reaction:
    """Once it is said again; a second silence means the first language."""
    if not walk.now.silences:
        walk.now = replace(walk.now, silences=1)
        return _say_again(walk, block)
    speak(walk, walk.now.languages[0] if walk.now.languages else walk.now.language)
    return enter(walk, block.arrows.get(NEXT, ""))


def _silent_menu(walk: Walk, block: Block) -> Reaction:
    assert isinstance(block.settings, blocks.Menu)
    if walk.now.silences < block.settings.repeats:
        walk.now = replace(walk.now, silences=walk.now.silences + 1)
        return ask_caller(walk, block)
    return enter(walk, block.arrows.get(SILENCE, ""))


def _silent_digits(walk: Walk, block: Block) -> Reaction:
    """The end of the digits, where there are any."""
    return _typed(walk, block) if walk.now.digits else _mistyped(walk, block)


# ---- what the business says ----


def answered(walk: Walk, given: Answered) -> Reaction:
    block = walk.graph.blocks.get(walk.now.at)
    if block is None or given.question != walk.now.asking:
        return walk.stop()  # too late
    if given.question in _ASIDES:
        return _ASIDES[given.question](walk, block, None if given.failed else given.value)
    value = None if given.failed else given.value
    if not value:
        return unanswered(walk, block)
    walk.now = replace(walk.now, asking="")
    if given.question == READ:
        return _read_out(walk, block, value)
    walk.now = replace(walk.now, order=str(value.get("order_id", "")))
    if given.question == FIND:
        return enter(walk, block.arrows.get("found", ""))
    known = {key: value[key] for key in OF_CALLER if key in value}
    customer = str(value.get("customer_id", ""))
    walk.now = replace(walk.now, customer=customer, welcome=walk.now.welcome | known)
    return enter(walk, block.arrows.get("identified", ""))


def _read_out(walk: Walk, block: Block, value: Mapping[str, Any]) -> Reaction:
    sentences = value.get(walk.now.language) or []
    if not sentences:
        return unanswered(walk, block)
    walk.say(*(Utterance(sentence, walk.now.language) for sentence in sentences))
    walk.now = replace(walk.now, served=True)
    return enter(walk, block.arrows.get(NEXT, ""))


def unanswered(walk: Walk, block: Block) -> Reaction:
    """There is no answer, or it is nothing."""
    question, walk.now = walk.now.asking, replace(walk.now, asking="")
    if question in _ASIDES:
        return _ASIDES[question](walk, block, None)
    if question == IDENTIFY:
        return _mistyped(walk, block)
    if question == FIND:  # not the one found before
        walk.now = replace(walk.now, order="")
    if question == READ:
        read = {**walk.now.read, block.id: walk.now.read.get(block.id, 1) - 1}
        walk.now = replace(walk.now, read=read)
    return enter(walk, block.arrows.get("none", ""))


PRESSED: Mapping[type, Callable[[Walk, Block, str], Reaction]] = {
    blocks.Language: _press_language,
    blocks.Menu: _press_menu,
    blocks.Digits: _press_digits,
    blocks.Identify: _press_identify,
    blocks.Survey: press_survey,
    blocks.Callback: calling_back.press_callback,
}
SILENT: Mapping[type, Callable[[Walk, Block], Reaction]] = {
    blocks.Language: _silent_language,
    blocks.Menu: _silent_menu,
    blocks.Digits: _silent_digits,
    blocks.Identify: _silent_digits,
    blocks.Voicemail: silent_message,
    blocks.Survey: silent_survey,
    blocks.Callback: calling_back.silent_callback,
}
