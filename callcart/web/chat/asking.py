"""What a visitor is asked after his chat, answered in the chat itself: each question by a click from 1 to 5, kept at once. The link that was
sent goes on working; both are the same asking.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.views.decorators.http import require_GET, require_POST

from callcart.core.errors import NotFound
from callcart.engage.survey import public as asking
from callcart.web.chat.talk import Answer, answers, body_of, visitor_in


@require_GET
@answers
def survey(request: HttpRequest, line_id: UUID) -> Answer:
    """What the visitor is asked about the conversation that he has had; null where he is not."""
    return {"survey": _told(_asked(visitor_in(request, line_id)))}


@require_POST
@answers
def answer(request: HttpRequest, line_id: UUID) -> Answer:
    """One answer: `place` of the question, `score`."""
    asked, given = _asked(visitor_in(request, line_id)), body_of(request)
    if asked is None:
        raise NotFound
    asking.count_change(asked)
    kept = asking.answer(asked.id, place=_whole(given.get("place")), score=_whole(given.get("score")))
    return {"survey": _told(kept)}


def _asked(visitor: Any) -> asking.Asked | None:
    talk = visitor.conversation_id
    return asking.asked_of(talk) if talk is not None else None


def _told(asked: asking.Asked | None) -> Answer | None:
    if asked is None:
        return None
    return {
        "id": str(asked.id),
        "questions": asking.questions_of(asked),
        "answers": asking.answers_of(asked),
    }


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
