"""Wall displays: making and withdrawing them, and the display itself, which nobody signs in for. It shows figures of queues and counts of
agents: no customer, no name, no number.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.ids import read_ids
from callcart.insight.board import public as insight
from callcart.people.tenants.public import get_tenant, settings_of
from callcart.web.desk import labels
from callcart.web.floor import shown
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import queue_names, staff_names
from callcart.web.office.refusal import refusal
from callcart.web.origin import own_url
from callcart.web.reader import Reader, reader, reading


@requires("supervision.walls")
def walls(request: HttpRequest) -> HttpResponse:
    """The displays there are; a new one, whose address is shown once."""
    if request.method != "POST":
        return _page(request)
    posted = request.POST
    with attempt() as tried:
        _made, token = supervision.make_wall(
            actor_of(request),
            posted.get("name", ""),
            queues=read_ids(posted.getlist("queues")),
            language=posted.get("language", ""),
        )
    if not tried:
        return _page(request, tried)
    return _page(request, address=own_url(request, url("floor:wall", token=token)))


def _page(request: HttpRequest, tried: Attempt | None = None, *, address: str = "") -> HttpResponse:
    refused, found = refusal(tried), supervision.walls(actor_of(request))
    language = reader().language
    return page(
        request, "floor/walls.html", walls=found, address=address, errors=refused.fields, message=refused.message,
        status=refused.status, posted=request.POST if tried is not None else {},
        chosen=set(request.POST.getlist("queues")) if tried is not None else set(),
        queues=[(str(each.id), each.name_in(language)) for each in routing.queues()],
        queue_name=queue_names({queue for each in found for queue in each.queues}),
        names=staff_names({each.made_by for each in found}),
    )  # fmt: skip


@requires("supervision.walls")
@require_POST
def revoke(request: HttpRequest, wall_id: UUID) -> HttpResponse:
    supervision.revoke_wall(actor_of(request), wall_id)
    return go(request, url("floor:walls"), toast=_("Withdrawn. Its screens show nothing any more."))


@require_GET
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """The display."""
    return _wall(request, token, "floor/wall.html")


@require_GET
def wall_figures(request: HttpRequest, token: str) -> HttpResponse:
    """Its moving part."""
    return _wall(request, token, "floor/_wall.html")


def _wall(request: HttpRequest, token: str, template: str) -> HttpResponse:
    found = supervision.wall_of(token)
    tenant = get_tenant()
    who = Reader(found.language, tenant.timezone, tenant.currency, tenant.country)
    with reading(who):
        request.reader = who  # type: ignore[attr-defined]
        response = page(request, template, wall=found, token=token, **_figures(tenant.id, found.queues))
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _figures(tenant_id: int, only: list[UUID]) -> dict[str, Any]:
    actor = Actor.system(tenant_id, "wall")
    queues = shown.queue_rows(actor, only=only)
    agents = insight.agents_now(actor)
    if only:
        serving = frozenset[UUID]().union(*(routing.agents_serving(each) for each in only))
        agents = [each for each in agents if each.staff_id in serving]
    counts = {state: sum(each.state == state for each in agents) for state in labels.AGENT}
    return {
        "queues": queues,
        "floor": insight.floor([each.now for each in queues]),
        "counts": [(labels.mark(labels.AGENT, state), count) for state, count in counts.items() if state != "offline"],
        "target": settings_of(get_tenant(tenant_id)).service_level_percent / 100,
        "worst": supervision.worst({str(row.now.id): row.worst for row in queues}),
        "now": now(),
    }  # fmt: skip
