"""The list of call flows, making one, and which number leads to which."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.core.ids import read_id
from callcart.engage.ivr import public as ivr
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@require_GET
@requires("ivr.view")
def flow_list(request: HttpRequest) -> HttpResponse:
    """All flows with what callers hear now, and the numbers."""
    return _list(request)


@require_POST
@requires("ivr.publish")
def start(request: HttpRequest) -> HttpResponse:
    """The main flow, as it ships; callers hear no difference."""
    made = ivr.ensure_main(actor_of(request))
    return go(request, url("office:flow", made.id))


@requires("ivr.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A flow of one's own, as a copy."""
    actor, posted = actor_of(request), request.POST
    tried, made = Attempt(), None
    if request.method == "POST":
        with attempt() as tried:
            made = ivr.add_flow(
                actor, code=posted.get("code", ""), name=posted.get("name", ""), name_zh=posted.get("name_zh", ""),
                like=read_id(posted.get("like", "")),
            )  # fmt: skip
        if tried and made is not None:
            return go(
                request,
                url("office:flow", made.id),
                toast=_("Made as a draft. Callers hear it once it is published."),
            )
    refused = refusal(tried)
    copies = [(row.flow.id, row.flow.name_in(reader().language)) for row in ivr.list_flows(actor)]
    return page(
        request, "office/ivr/flow_new.html", posted=posted, copies=copies, errors=refused.fields, message=refused.message,
        status=refused.status,
    )  # fmt: skip


@require_POST
@requires("ivr.publish")
def number(request: HttpRequest) -> HttpResponse:
    """The flow of a number."""
    posted = request.POST
    with attempt() as tried:
        ivr.choose_flow(actor_of(request), posted.get("number", ""), read_id(posted.get("flow", "")))
    if not tried:
        return _list(request, tried)
    return go(request, url("office:flows"), toast=_("Saved. It holds from the next call on."))


@require_POST
@requires("ivr.edit")
def rename(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    posted = request.POST
    with attempt() as tried:
        ivr.rename_flow(
            actor_of(request), flow_id, name=posted.get("name", ""), name_zh=posted.get("name_zh", "")
        )
    if not tried:
        return _list(request, tried)
    return go(request, url("office:flow", flow_id), toast=_("Saved."))


@require_POST
@requires("ivr.publish")
def remove(request: HttpRequest, flow_id: UUID) -> HttpResponse:
    with attempt() as tried:
        ivr.remove_flow(actor_of(request), flow_id)
    if not tried:
        return _list(request, tried)
    return go(request, url("office:flows"), toast=_("Flow removed."))


def _list(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    rows = ivr.list_flows(actor)
    message = next(iter(refused.fields.values()), refused.message)
    return page(
        request, "office/ivr/flows.html", rows=rows, numbers=ivr.numbers_and_flows(actor), message=message,
        status=refused.status,
    )  # fmt: skip
