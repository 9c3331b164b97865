"""A customer answers what they were asked after a chat or a mail. The link is the key: it was sealed by this installation for one
conversation of this shop."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from callcart.engage.survey import public as asking
from callcart.web.http import attempt
from callcart.web.shop.visit import show

SCORES = range(1, 6)
ALLOWED = frozenset(map(str, SCORES))


@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """The questions, with what was answered so far; may be answered again. NotFound for a link that is none."""
    asked = asking.asked_by(token)
    said, message, status = False, "", 200
    if request.method == "POST":
        with attempt() as tried:
            asking.count_change(asked)
            for place in range(len(asked.questions)):
                text = request.POST.get(f"score_{place}", "")
                if text:
                    asking.answer(asked.id, place=place, score=int(text) if text in ALLOWED else 0)
            if request.POST.get("words", "").strip():
                asking.say_more(asked.id, request.POST["words"])
        said, message, status = bool(tried), tried.message, 200 if tried else tried.status
        asked = asking.asked_by(token)
    with override(asked.language):
        return show(
            request,
            "shop/survey.html",
            status=status,
            asked=asked,
            questions=asking.questions_of(asked),
            answers=asking.answers_of(asked),
            scores=SCORES,
            said=said,
            message=message,
        )
