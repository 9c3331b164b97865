"""Recording a prompt by telephone, from the prompt's page: who asks is rung, at this page or at a number, and the page shows how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.config import config
from callcart.contact.voice import public as voice
from callcart.contact.voice.public import TakeState, Why
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.http import non_atomic
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.http import actor_of, page, requires
from callcart.web.ice import for_staff
from callcart.web.jinja import live_origin

MOST_DIGITS = 40


@requires("voice.manage")
@require_POST
@non_atomic
def begin(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Ring: this page's telephone, or the number that was typed."""
    body = body_of(request)
    number = None
    if text_of(body, "where", most=10) == "number":
        number = text_of(body, "number", most=MOST_DIGITS).strip()
        if not number:
            raise Invalid(fields={"number": _("Type a number.")})
    return answer(take=str(voice.begin_take(actor_of(request), key, language, number=number)))


@requires("voice.manage")
@require_POST
def stop(request: HttpRequest, take_id: UUID) -> HttpResponse:
    """Leave it."""
    voice.withdraw_take(actor_of(request), take_id)
    return answer(stopped=str(take_id))


@requires("voice.manage")
@require_GET
def shown(request: HttpRequest, key: str) -> HttpResponse:
    """How far it is."""
    return page(request, "office/_take.html", **take_of(actor_of(request), key))


@requires("voice.manage", "voice.phone")
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """What this page's telephone registers with. Made for this person; kept by no cache."""
    found = voice.softphone_credentials(actor_of(request))
    return answer(
        username=found.username, password=found.password, ws_path=found.ws_path, realm=found.realm,
        ice_servers=for_staff(),
    )  # fmt: skip


def take_of(actor: Actor, key: str) -> dict[str, Any]:
    """What the moving part of the page shows."""
    take = voice.take_of_prompt(actor, key)
    return {
        "take": take,
        "take_text": "" if take is None else why(take.why) if take.why else states()[take.state],
    }


def settings_of(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What the page's script needs to know; no secret."""
    return {
        "tenant": actor.tenant_id,
        "staff": str(actor.id),
        "urls": {"phone": reverse("office:take_phone"), "sip": live_origin(request, scheme="ws")},
    }


def ways(actor: Actor) -> list[tuple[str, str, str]]:
    """Where this person may be rung: a value, its name, and more about it."""
    if config().telephony == "none":
        return []
    found = []
    if actor.can("voice.phone"):
        found.append(
            ("page", _("At this computer"), _("With its microphone or headset, as a call at the desk."))
        )
    if actor.can("voice.dial_out"):
        found.append(("number", _("At a telephone"), _("The shop calls the number you type.")))
    return found


def states() -> dict[TakeState, str]:
    """How far a take is, in words."""
    return {
        TakeState.RINGING: _("It rings. Answer, and you are told what to do."),
        TakeState.TOLD: _("Speak after the tone. Press # when you have finished."),
        TakeState.SPEAKING: _("Speak now. Press # when you have finished."),
        TakeState.HEARD: _("You hear your recording. 1 keeps it, 2 records it again, * plays it again."),
        TakeState.KEPT: _("The recording is kept. Callers hear it from the next call on."),
        TakeState.OVER: "",
    }


def why(reason: Why) -> str:
    """How a take ended of which nothing is kept, in words."""
    return {
        Why.NO_ANSWER: _("Nobody answered. Nothing was recorded."),
        Why.BUSY: _("The number is busy."),
        Why.REJECTED: _("The call was declined."),
        Why.UNREACHABLE: _("The telephone could not be reached."),
        Why.HUNG_UP: _("The call ended before 1 was pressed, so nothing was kept."),
        Why.SILENT: _("Nothing was heard. Check the microphone, and try again."),
        Why.UNDECIDED: _("Nobody pressed 1, so nothing was kept."),
        Why.TOO_OFTEN: _("Recorded too often in one call. Begin again."),
        Why.NOT_WRITTEN: _("The recording could not be written. Try again in a minute."),
        Why.DISK_FULL: _(
            "There is no room left for recordings. Tell whoever looks after the server, and try again then."
        ),
        Why.NOT_ALLOWED: _("This prompt may not be changed any more."),
        Why.LOST: _("The call was cut off. Nothing was kept."),
        Why.WITHDRAWN: _("Stopped. Nothing was kept."),
    }[reason]
