"""Publishing a flow, its history, going back, and what differs between two versions."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.core.errors import NotFound
from callcart.engage.ivr import public as ivr
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.ivr.flow import revision_seen, shown
from callcart.web.office.refusal import refusal
from callcart.web.office.words import Word


def states() -> dict[str, Word]:
    """States of versions in words."""
    return {
        "draft": Word(_("Draft"), "blue"),
        "published": Word(_("Heard by callers"), "green"),
        "retired": Word(_("Earlier"), "grey"),
    }


@require_POST
@requires("ivr.publish")
def publish(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Let callers hear the draft."""
    with attempt() as tried:
        ivr.publish(actor_of(request), flow_id, revision=revision_seen(request))
    if not tried:
        return shown(request, flow_id, "", message=tried.message, status=tried.status)
    return go(
        request, url("office:flow", flow_id), toast=_("Published. Callers hear it from the next call on.")
    )


@require_POST
@requires("ivr.edit")
def discard(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Throw the draft away; a flow that was never published is gone with it."""
    actor = actor_of(request)
    with attempt() as tried:
        ivr.discard_draft(actor, flow_id, revision=revision_seen(request))
    if not tried:
        return shown(request, flow_id, "", message=tried.message, status=tried.status)
    left = any(row.flow.id == flow_id for row in ivr.list_flows(actor))
    return go(
        request, url("office:flow", flow_id) if left else url("office:flows"), toast=_("Draft thrown away.")
    )


@require_GET
@requires("ivr.view")
def version_list(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Every version there was."""
    return _versions(request, flow_id)


@require_POST
@requires("ivr.publish")
def back(request: HttpRequest, flow_id: UUID, number: int) -> HttpResponse:
    """Let callers hear an earlier version again."""
    with attempt() as tried:
        made = ivr.roll_back(actor_of(request), flow_id, number)
    if not tried:
        return _versions(request, flow_id, tried)
    toast = _("Version %(number)s is published, like version %(old)s.") % {
        "number": made.number,
        "old": number,
    }
    return go(request, url("office:flow_versions", flow_id), toast=toast)


@require_GET
@requires("ivr.view")
def compare(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    """Two versions in words."""
    actor = actor_of(request)
    one, other = (
        ivr.version_of(actor, flow_id, _number(request.GET.get(name, ""))) for name in ("from", "to")
    )
    return page(
        request, "office/ivr/compare.html", flow=one.flow, one=one, other=other, states=states(),
        changes=ivr.differences(ivr.graph_in(one), ivr.graph_in(other)),
    )  # fmt: skip


def _versions(request: HttpRequest, flow_id: UUID, tried: Attempt | None = None) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    view = ivr.flow_view(actor, flow_id)
    findings = refused.error.findings if isinstance(refused.error, ivr.FlowBroken) else []
    return page(
        request, "office/ivr/versions.html", view=view, flow=view.flow, states=states(), message=refused.message,
        findings=findings, status=refused.status,
    )  # fmt: skip


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise NotFound
    return int(text)
