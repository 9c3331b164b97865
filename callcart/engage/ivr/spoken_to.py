"""Where the caller speaks or judges: a message after the tone, and the questions of a survey. Pure.

A message is written down by the engine; here is only said what comes before and after it. An answer to a survey is given on at once, so
that a caller who hangs up in the middle has said what was said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from callcart.contact.voice.flow import Reaction, Record, Recorded, Say, Utterance
from callcart.contact.voice.speech.phrases import TONE
from callcart.engage.ivr import blocks, phrases
from callcart.engage.ivr.blocks import NEXT, REPEAT, Block
from callcart.engage.ivr.entering import enter
from callcart.engage.ivr.spoken import OWN_WORDS
from callcart.engage.ivr.walk import ANSWER, LEAVE, LEFT, PATIENCE, SURVEY, Walk, ask, words

SCORES = "12345"

# ---- a message ----


def _may_leave(walk: Walk, block: Block, value: Any) -> Reaction:
    """Whether one may be left, and how."""
    walk.now = replace(walk.now, asking="")
    if not value:
        walk.say(walk.shipped(phrases.NO_MESSAGE))
        return enter(walk, block.arrows.get("none", ""))
    own = value.get("texts", {}).get(walk.now.language)
    said = words(walk, block) or ([Utterance(own, walk.now.language, OWN_WORDS)] if own else [])
    walk.say(*(said or [walk.shipped(phrases.LEAVE_MESSAGE)]))
    walk.now = replace(
        walk.now, silences=0, message={key: value[key] for key in ("name", "seconds", "silence")}
    )
    return walk.stop(Say((Utterance("", walk.now.language, TONE),)), _record(walk))


def _record(walk: Walk) -> Record:
    message = walk.now.message
    return Record(str(message["name"]), int(message["seconds"]), int(message["silence"]))


def recorded(walk: Walk, given: Recorded) -> Reaction:
    """The caller has done, or nothing could be written down."""
    if walk.now.message.get("name") != given.name:
        return walk.stop()
    return _ask_left(walk, failed=given.failed)


def _ask_left(walk: Walk, *, failed: bool) -> Reaction:
    walk.now = replace(walk.now, message={"failed": failed})
    return ask(walk, LEFT, {"failed": "1" if failed else ""})


def silent_message(walk: Walk, block: Block) -> Reaction:
    """Our process began anew while the caller spoke: it goes on. Where no end is told after that either, what there is counts."""
    if "name" not in walk.now.message:
        return enter(walk, block.id)
    if walk.now.silences:
        return _ask_left(walk, failed=False)
    walk.now = replace(walk.now, silences=1)
    return walk.stop(_record(walk))


def _left(walk: Walk, block: Block, value: Any) -> Reaction:
    """Whether anything was said. Where nobody can tell just now nothing is promised: it is kept by itself all the same."""
    failed = bool(walk.now.message.get("failed"))
    walk.now = replace(walk.now, asking="", message={}, left=walk.now.left or bool(value))
    if value:
        walk.say(walk.shipped(phrases.MESSAGE_KEPT))
        return enter(walk, block.arrows.get(NEXT, ""))
    if value is not None:
        walk.say(walk.shipped(phrases.NO_MESSAGE if failed else phrases.NOTHING_HEARD))
    return enter(walk, block.arrows.get("none", ""))


# ---- a survey ----


def _asked(walk: Walk, block: Block, value: Any) -> Reaction:
    """The questions; without any the call goes on."""
    walk.now = replace(walk.now, asking="")
    if not value or not value.get("questions"):
        return enter(walk, block.arrows.get(NEXT, ""))
    walk.now = replace(
        walk.now,
        survey={"id": str(value["id"]), "questions": value["questions"], "at": 0},
        wrong=0,
        silences=0,
    )
    walk.say(*words(walk, block))
    return _question(walk)


def _question(walk: Walk) -> Reaction:
    survey = walk.now.survey
    question: Mapping[str, str] = survey["questions"][survey["at"]]
    language = walk.now.language if question.get(walk.now.language) else next(iter(question))
    walk.say(Utterance(question[language], language, OWN_WORDS))
    if not survey["at"] or walk.now.wrong:
        walk.say(walk.shipped(phrases.RATE))
    return walk.stop(wait=PATIENCE)


def press_survey(walk: Walk, block: Block, digit: str) -> Reaction:
    """A score is given on at once; any other key is none, and the one for it says the question again."""
    assert isinstance(block.settings, blocks.Survey)
    if not walk.now.survey:
        return walk.stop()
    if digit in SCORES:
        survey = walk.now.survey
        return ask(walk, ANSWER, {"id": survey["id"], "at": str(survey["at"]), "score": digit})
    if digit == REPEAT:
        return _question(walk)
    walk.say(walk.shipped(phrases.WRONG_KEY))
    return _once_more(walk, block)


def silent_survey(walk: Walk, block: Block) -> Reaction:
    return _once_more(walk, block) if walk.now.survey else enter(walk, block.id)


def _once_more(walk: Walk, block: Block) -> Reaction:
    """The question again, a few times; then the call goes on without it."""
    assert isinstance(block.settings, blocks.Survey)
    walk.now = replace(walk.now, wrong=walk.now.wrong + 1)
    return _question(walk) if walk.now.wrong < block.settings.tries else _done(walk, block)


def _answered(walk: Walk, block: Block, value: Any) -> Reaction:
    """The next question, whether or not the answer could be kept: the caller is not asked twice."""
    survey = {**walk.now.survey, "at": walk.now.survey["at"] + 1}
    walk.now = replace(walk.now, asking="", survey=survey, wrong=0)
    return _question(walk) if survey["at"] < len(survey["questions"]) else _done(walk, block)


def _done(walk: Walk, block: Block) -> Reaction:
    if walk.now.survey["at"]:
        walk.say(walk.shipped(phrases.SURVEY_THANKS))
    walk.now = replace(walk.now, survey={})
    return enter(walk, block.arrows.get(NEXT, ""))


ASIDES: Mapping[str, Callable[[Walk, Block, Any], Reaction]] = {
    LEAVE: _may_leave,
    LEFT: _left,
    SURVEY: _asked,
    ANSWER: _answered,
}
