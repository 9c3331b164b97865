"""Money of one order in the office: giving back, cash on delivery, the link to pay by. Providers are asked by jobs, never
from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core.errors import NotFound
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.money.amounts import read_amount
from callcart.web.office.order import order_page
from callcart.web.origin import own_url


@require_POST
@requires("orders.view", "payments.refund")
def refund(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Give an amount back, for a reason; the key of the form makes two presses one refund. Above the reader's limit the dialog
    offers to ask for approval, and this asks."""
    actor = actor_of(request)
    found = orders.order_detail(actor, order_id).order
    asks = request.POST.get("ask") == "1"
    verb: Callable[..., Any] = payments.ask_refund if asks else payments.request_refund
    with attempt() as tried:
        verb(
            actor, order_id, amount=read_amount(request.POST.get("amount", ""), found.currency),
            reason=request.POST.get("reason", ""), idempotency_key=request.POST.get("key", "")[:100],
            to=request.POST.get("to", ""),
        )  # fmt: skip
    if tried:
        said = _("Asked for approval. You hear when it is decided.") if asks else _("Refund on its way.")
        return go(request, url("office:order", order_id), toast=said)
    return order_page(request, order_id, tried=tried, dialog="refund")


@require_POST
@requires("orders.view", "payments.refund")
def pay_refund(request: HttpRequest, order_id: UUID, refund_id: UUID) -> HttpResponse:
    """Send a refund that is due, or failed before."""
    actor = actor_of(request)
    detail = orders.order_detail(actor, order_id)
    if detail.payment is None or refund_id not in {each.id for each in detail.payment.refunds}:
        raise NotFound
    with attempt() as tried:
        payments.pay_refund(actor, refund_id)
    if tried:
        return go(request, url("office:order", order_id), toast=_("Refund on its way."))
    return order_page(request, order_id, tried=tried)


@require_POST
@requires("orders.view", "payments.record_cash")
def cash(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Cash on delivery: the carrier has it, or has handed it over."""
    actor = actor_of(request)
    orders.order_detail(actor, order_id)
    with attempt() as tried:
        if request.POST.get("step") == "remitted":
            payments.record_remitted(actor, order_id, reference=request.POST.get("reference", ""))
        else:
            payments.record_collected(actor, order_id)
    if tried:
        return go(request, url("office:order", order_id), toast=_("Cash recorded."))
    return order_page(request, order_id, tried=tried)


@require_POST
@requires("orders.view", "payments.send_link")
def pay_link(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The link to pay by, to be copied into whatever the customer reads."""
    actor = actor_of(request)
    orders.order_detail(actor, order_id)
    link = own_url(request, f"/pay/{payments.pay_token(actor, order_id)}")
    return page(request, "office/_pay_link.html", link=link)
