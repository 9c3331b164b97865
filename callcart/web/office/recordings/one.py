"""One recording: to hear, to take away, its comments, its hold, and until when it is kept."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.recordings import public as recordings
from callcart.core.errors import Conflict, Invalid
from callcart.web import sounds
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import customer_names, queue_names, staff_names
from callcart.web.office.recordings.found import outcome_labels
from callcart.web.office.recordings.retention import rule_said
from callcart.web.office.refusal import refusal
from callcart.web.players import players


@requires("recordings.listen")
@require_GET
def recording(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The page."""
    return _page(request, recording_id)


def _page(request: HttpRequest, recording_id: UUID, tried: Attempt | None = None) -> HttpResponse:
    actor = actor_of(request)
    sound = recordings.get_sound(actor, recording_id)
    hold = recordings.hold_of(recording_id)
    rules = recordings.rules()
    rule = recordings.rule_for(sound, rules)
    refused = refusal(tried)
    return page(
        request,
        "office/recordings/one.html",
        sound=sound,
        player=players(actor, [sound])[0] if sound.deleted_at is None else None,
        hold=hold,
        rule=rule_said(rule) if rule else "",
        due=recordings.due_of(sound, rules),
        refused=refused,
        typed=request.POST,
        staff=staff_names({sound.agent_id, hold.placed_by if hold else None}),
        queues=queue_names({sound.queue_id}),
        customers=customer_names({sound.customer_id}),
        outcomes=outcome_labels(),
        status=refused.status,
    )


@requires("recordings.listen")
@require_GET
def sound(request: HttpRequest, recording_id: UUID) -> sounds.Answer:
    """The sound itself, in pieces where asked for; every listening is in the audit."""
    return sounds.played(request, recording_id)


@requires("recordings.listen", "recordings.download")
@require_GET
def download(request: HttpRequest, recording_id: UUID) -> sounds.Answer:
    """The sound as a file; every time is in the audit."""
    return sounds.downloaded(request, recording_id)


@requires("recordings.listen")
@require_GET
def words(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """What was said; every reading is in the audit."""
    passages = recordings.read_transcript(actor_of(request), recording_id, whence=sounds.whence(request))
    return page(request, "recordings/_words.html", passages=passages)


@requires("recordings.hold")
@require_POST
def hold(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """Keep it whatever the rules say."""
    with attempt(Invalid, Conflict) as tried:
        recordings.place_hold(actor_of(request), recording_id, reason=request.POST.get("reason", ""))
    if not tried:
        return _page(request, recording_id, tried)
    return go(
        request, url("office:recording_page", recording_id), toast=_("On legal hold. No rule deletes it.")
    )


@requires("recordings.hold")
@require_POST
def lift(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """Let the rules decide again."""
    with attempt(Invalid, Conflict) as tried:
        recordings.lift_hold(actor_of(request), recording_id, reason=request.POST.get("reason", ""))
    if not tried:
        return _page(request, recording_id, tried)
    return go(request, url("office:recording_page", recording_id), toast=_("The hold is lifted."))
