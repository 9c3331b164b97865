"""What a flow asks where the caller speaks or judges: a message is begun and ended, a survey asked and answered. In the tenant's
transaction; answers are plain JSON values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from callcart.contact.voice.flow import CallFacts
from callcart.contact.voicemail import public as voicemail
from callcart.core.errors import Invalid, NotFound
from callcart.core.ids import read_id
from callcart.engage.ivr.walk import ANSWER, FOLLOWS, LEAVE, LEFT, SURVEY
from callcart.engage.survey import public as survey


def _leave(facts: CallFacts, about: Mapping[str, str]) -> dict[str, Any] | None:
    taking = voicemail.begin(
        facts.conversation_id, language=facts.language, queue_id=_id(about.get("queue", ""))
    )
    if taking is None:
        return None
    return {
        "name": taking.name,
        "seconds": taking.seconds,
        "silence": taking.silence,
        "texts": taking.texts,
    }


def _left(facts: CallFacts, about: Mapping[str, str]) -> bool:
    if about.get("failed"):
        voicemail.failed(facts.conversation_id)
        return False
    return voicemail.ended(facts.conversation_id)


def _survey(facts: CallFacts, about: Mapping[str, str]) -> dict[str, Any] | None:
    asked = survey.ask(facts.conversation_id, survey_id=_id(about.get("survey", "")))
    return None if asked is None else {"id": str(asked.id), "questions": asked.questions}


def _answer(_facts: CallFacts, about: Mapping[str, str]) -> bool:
    asked_id = _id(about["id"])
    if asked_id is None:
        return False
    try:
        survey.answer(asked_id, place=int(about["at"]), score=int(about["score"]))
    except (Invalid, NotFound):
        return False
    return True


def _follows(facts: CallFacts, _about: Mapping[str, str]) -> str:
    """What the caller hears once the agent has gone; empty: the call ends."""
    return "survey" if survey.follows_call(facts.conversation_id) else ""


def _id(text: str) -> Any:
    return read_id(text) if text else None


ASIDES: Mapping[str, Callable[[CallFacts, Mapping[str, str]], Any]] = {
    LEAVE: _leave,
    LEFT: _left,
    SURVEY: _survey,
    ANSWER: _answer,
    FOLLOWS: _follows,
}
