"""Paying: the page behind a pay link, the way to the provider, and the page people come back to. Where the money stands is
read from our own ledger, which only signed messages of the provider change; what the address bar says counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core.clock import today
from callcart.core.errors import NotFound
from callcart.core.http import non_atomic
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import get_tenant
from callcart.web.origin import own_url
from callcart.web.reader import reader
from callcart.web.shop.visit import leave, show, tenant_of, visit_of

_UNDER_WAY = frozenset({payments.AttemptState.INTENDED, payments.AttemptState.OPEN})


class Standing(StrEnum):
    """Where a payment stands for whoever pays."""

    DUE = "due"
    WAITING = "waiting"
    FAILED = "failed"
    PAID = "paid"
    CASH = "cash"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Paying:
    """A pay link's page and where its payment stands."""

    token: str
    page: payments.PayPage
    standing: Standing


def paying_of(token: str) -> Paying:
    """Raises NotFound."""
    page = payments.pay_page(token)
    detail = payments.payment_of(page.order_id)
    last = detail.attempts[-1].state if detail is not None and detail.attempts else ""
    return Paying(token, page, _standing(page, last))


def _standing(page: payments.PayPage, last: str) -> Standing:
    if page.state == payments.PaymentState.CANCELLED:
        return Standing.CANCELLED
    if page.method == payments.PaymentMethod.COD:
        return Standing.CASH
    if not page.due_now or (last == payments.AttemptState.CAPTURED and not _falls_due(page)):
        return Standing.PAID
    if not last or last == payments.AttemptState.CAPTURED:
        return Standing.DUE
    return Standing.WAITING if last in _UNDER_WAY else Standing.FAILED


def _falls_due(page: payments.PayPage) -> bool:
    """Whether something is to be paid today: a difference, or an instalment whose day has come."""
    if page.method != payments.PaymentMethod.INSTALMENTS:
        return True
    open_states = {payments.InstalmentState.SCHEDULED, payments.InstalmentState.OVERDUE}
    day = today(get_tenant().timezone)
    return any(each.state in open_states and each.due_on <= day for each in page.instalments)


@require_safe
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link: what for, how much, and the button."""
    return _page(request, "shop/pay.html", paying_of(token))


@require_safe
def back(request: HttpRequest, token: str) -> HttpResponse:
    """Where the provider sends people back to. Says what our ledger says, and looks again until it knows."""
    return _page(request, "shop/pay_back.html", paying_of(token))


@require_safe
def state(request: HttpRequest, token: str) -> HttpResponse:
    """Where it stands, for the page that waits."""
    response = JsonResponse({"state": paying_of(token).standing})
    response["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest, template: str, paying: Paying) -> HttpResponse:
    page = paying.page
    followed = page.order_id in visit_of(request).followed
    plan = [
        (each, Money(each.amount_minor, page.total.currency), each.state == payments.InstalmentState.PAID)
        for each in page.instalments
    ]
    return show(request, template, paying=paying, pay=page, plan=plan, mine=followed or _own(request, page))


def _own(request: HttpRequest, page: payments.PayPage) -> bool:
    try:
        orders.order_detail(visit_of(request).actor, page.order_id)
    except NotFound:
        return False
    return True


@non_atomic
@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """To the provider's page."""
    with tenant_transaction(tenant_of(request).id):
        order_id = payments.order_of_token(token)
    return send_to_gateway(request, order_id, token)


def send_to_gateway(request: HttpRequest, order_id: UUID, token: str) -> HttpResponse:
    """A redirect to the provider; where it cannot be reached or nothing is due, to the page that says so. Runs outside of
    a transaction."""
    try:
        found = payments.start_payment(
            order_id,
            return_url=own_url(request, reverse("shop:pay_back", kwargs={"token": token})),
            notify_url=own_url(request, reverse("hooks:payments", args=[payments.gateway_names()[0]])),
            language=reader().language,
        )
    except (payments.GatewayUnreachable, payments.GatewayRefused):
        return leave(reverse("shop:pay", kwargs={"token": token}), said="no_gateway")
    except payments.NothingDue:
        return leave(reverse("shop:pay_back", kwargs={"token": token}))
    return leave(found.url)
