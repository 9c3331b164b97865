"""How long recordings are kept: the rules, and one to be added, changed or taken away."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.recordings import public as recordings
from callcart.contact.routing import public as routing
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.ids import read_id
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, units_typed, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("recordings.retention")
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """The rules, the closest first."""
    return page(
        request,
        "office/recordings/rules.html",
        rules=[(rule, fits_said(rule), days_said(rule.days)) for rule in recordings.rules()],
    )


@requires("recordings.retention")
def rule(request: HttpRequest, rule_id: UUID | None = None) -> HttpResponse:
    """The form of a rule, and what comes of it."""
    row = next((each for each in recordings.rules() if each.id == rule_id), None)
    if rule_id is not None and row is None:
        raise NotFound
    if request.method != "POST":
        return _form(request, row)
    with attempt(Invalid, Conflict) as tried:
        recordings.save_rule(
            actor_of(request), _draft(request), rule_id=rule_id, version=version_seen(request)
        )
    if not tried:
        return _form(request, row, tried)
    return go(
        request,
        url("office:retention"),
        toast=_("Saved. Nothing is deleted by it before tomorrow at this time."),
    )


@requires("recordings.retention")
@require_POST
def remove(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    """Take a rule away."""
    recordings.remove_rule(actor_of(request), rule_id, version=version_seen(request))
    return go(
        request,
        url("office:retention"),
        toast=_("The rule is gone. What it kept follows the others from tomorrow on."),
    )


def _draft(request: HttpRequest) -> recordings.RuleDraft:
    return recordings.RuleDraft(
        days=units_typed(request.POST.get("days", "")),
        queue_id=read_id(request.POST.get("queue", "")),
        channel=request.POST.get("channel", "")[:20],
        disposition_id=read_id(request.POST.get("outcome", "")),
    )


def _form(
    request: HttpRequest, row: recordings.RetentionRule | None, tried: Attempt | None = None
) -> HttpResponse:
    refused, typed = refusal(tried), request.POST
    kept = {
        "days": str(row.days) if row else "",
        "queue": str(row.queue_id or "") if row else "",
        "channel": row.channel if row else "",
        "outcome": str(row.disposition_id or "") if row else "",
    }
    return page(
        request,
        "office/recordings/rule.html",
        rule=row,
        values={name: typed.get(name, value) for name, value in kept.items()},
        refused=refused,
        queues=_queues(),
        channels=channel_labels(),
        outcomes=_outcomes(),
        status=refused.status,
    )


def channel_labels() -> dict[str, str]:
    return {
        "voice": _("Telephone"),
        "chat": _("Chat"),
        "mail": _("E-mail"),
        "sms": _("SMS"),
        "voicemail": _("Voicemail"),
    }


def fits_said(rule: recordings.RetentionRule) -> str:
    """What a rule is for, in words."""
    parts = [
        _queues().get(str(rule.queue_id), _("a queue that is gone")) if rule.queue_id else "",
        channel_labels().get(rule.channel, rule.channel),
        _outcomes().get(str(rule.disposition_id), _("an outcome that is gone"))
        if rule.disposition_id
        else "",
    ]
    return _(", ").join(part for part in parts if part) or _("All other recordings")


def rule_said(rule: recordings.RetentionRule) -> str:
    """A whole rule in words."""
    return _("%(what)s: %(days)s") % {"what": fits_said(rule), "days": days_said(rule.days)}


def days_said(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": formats.number(days)}


def _queues() -> dict[str, str]:
    return {str(each.id): each.name_in(reader().language) for each in routing.queues()}


def _outcomes() -> dict[str, str]:
    from callcart.web.office.recordings.found import outcome_labels

    return outcome_labels()
