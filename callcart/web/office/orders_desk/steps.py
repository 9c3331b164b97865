"""Steps on one order's page that belong to approval and sending: approve, reject, ask, cancel the rest, hand over, tag."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.people.approvals.public import NeedsApproval
from callcart.web.http import actor_of, attempt, go, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.order import order_page


@require_POST
@requires("orders.approve")
def approve(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Approve; above the reader's limit the page offers to ask somebody with a higher one."""
    with attempt() as tried:
        orders.approve_order(actor_of(request), order_id, version=version_seen(request))
    if tried:
        return go(
            request, url("office:order", order_id), toast=_("Approved; its dispatch documents are made.")
        )
    return order_page(
        request, order_id, tried=tried, dialog="ask" if isinstance(tried.error, NeedsApproval) else ""
    )


@require_POST
@requires("orders.approve")
def ask(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Ask somebody with a higher limit to approve."""
    with attempt() as tried:
        orders.ask_to_approve(
            actor_of(request), order_id, version=version_seen(request), reason=request.POST.get("reason", "")
        )
    if tried:
        return go(request, url("office:order", order_id), toast=_("Asked for approval."))
    return order_page(request, order_id, tried=tried, dialog="ask")


@require_POST
@requires("orders.approve")
def reject(request: HttpRequest, order_id: UUID) -> HttpResponse:
    with attempt() as tried:
        orders.reject_order(
            actor_of(request), order_id, version=version_seen(request), reason=request.POST.get("reason", "")
        )
    if tried:
        return go(request, url("office:order", order_id), toast=_("Order rejected, its stock is free again."))
    return order_page(request, order_id, tried=tried, dialog="reject")


@require_POST
@requires("orders.cancel")
def cancel_rest(request: HttpRequest, order_id: UUID) -> HttpResponse:
    with attempt() as tried:
        orders.cancel_rest(
            actor_of(request), order_id, version=version_seen(request), reason=request.POST.get("reason", "")
        )
    if tried:
        return go(request, url("office:order", order_id), toast=_("What was not sent is cancelled."))
    return order_page(request, order_id, tried=tried, dialog="cancel-rest")


@require_POST
@requires("orders.ship")
def hand_over(request: HttpRequest, order_id: UUID, dispatch_id: UUID) -> HttpResponse:
    """The carrier takes the goods of one document."""
    posted = request.POST
    with attempt() as tried:
        orders.hand_over(
            actor_of(request),
            dispatch_id,
            carrier=posted.get("carrier", ""),
            tracking=posted.get("tracking", ""),
        )
    if tried:
        return go(request, url("office:order", order_id), toast=_("Handed over to the carrier."))
    return order_page(request, order_id, tried=tried, dialog=f"hand-over-{dispatch_id}")


@require_POST
@requires("orders.tag")
def tags(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Tags, between commas."""
    with attempt() as tried:
        orders.set_tags(
            actor_of(request), order_id, request.POST.get("tags", "").replace("，", ",").split(",")
        )
    if tried:
        return go(request, url("office:order", order_id), toast=_("Tags saved."))
    return order_page(request, order_id, tried=tried, dialog="tags")
