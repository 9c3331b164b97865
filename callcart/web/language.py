"""Change the language of the screen: kept in a cookie, and with the staff member where one is signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.config import config
from callcart.core.errors import Invalid
from callcart.web.http import YEAR, actor_or_none, go, safe_next
from callcart.web.middleware import LANGUAGE_COOKIE
from callcart.web.reader import known_language


@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    language = chosen_language(request)
    actor = actor_or_none(request)
    if actor is not None and actor.is_staff:
        from callcart.people.staff.public import set_language

        set_language(actor, language)
    response = go(request, safe_next(request, "/"))
    keep_language(response, language)
    return response


def chosen_language(request: HttpRequest) -> str:
    """The language a form names. Invalid."""
    language = known_language(request.POST.get("language"))
    if language is None:
        raise Invalid(fields={"language": _("Choose one of the languages offered.")})
    return language


def keep_language(response: HttpResponse, language: str) -> None:
    """This browser is written to in the language from now on."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, secure=config().tls, samesite="Lax")
