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
from callcart.web.http import attempt
from callcart.web.origin import own_url
from callcart.web.reader import reader
from callcart.web.shop.visit import leave, show, tenant_of, visit_of

_ANY = "a-way-to-pay"
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


def _page(
    request: HttpRequest,
    template: str,
    paying: Paying,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    page, visit = paying.page, visit_of(request)
    own = _own(request, page)
    plan = [
        (each, Money(each.amount_minor, page.total.currency), each.state == payments.InstalmentState.PAID)
        for each in page.instalments
        if each.amount_minor
    ]
    customer = visit.customer
    credit = (
        payments.credit_of_customer(customer.id, page.total.currency)
        if own and customer is not None and customer.id is not None
        else None
    )
    rest = page.total - page.paid
    return show(
        request, template, status=status, paying=paying, pay=page, plan=plan, credit=credit, rest=rest,
        mine=page.order_id in visit.followed or own, ways=payments.offers(page.total.currency), errors=errors or {},
        early=page.method == payments.PaymentMethod.INSTALMENTS and bool(page.paid) and page.due_now < rest,
        takes_value=page.method != payments.PaymentMethod.COD,
    )  # fmt: skip


def _own(request: HttpRequest, page: payments.PayPage) -> bool:
    try:
        orders.order_detail(visit_of(request).actor, page.order_id)
    except NotFound:
        return False
    return True


@require_POST
def gift_card(request: HttpRequest, token: str) -> HttpResponse:
    """Pay by a gift card what it holds; the rest stays to be paid in another way."""
    order_id = payments.order_of_token(token)
    with attempt() as tried:
        card = payments.find_card(
            request.POST.get("code", "")[:100], address=request.META.get("REMOTE_ADDR", "")
        )
        payments.spend(
            visit_of(request).actor,
            card.id,
            order_id=order_id,
            idempotency_key=request.POST.get("key", "")[:60],
        )
    if tried:
        return leave(reverse("shop:pay", kwargs={"token": token}), said="card_used")
    errors = tried.fields or {"code": tried.message}
    return _page(request, "shop/pay.html", paying_of(token), errors=errors, status=tried.status)


@require_POST
def store_credit(request: HttpRequest, token: str) -> HttpResponse:
    """Pay by the customer's own store credit."""
    order_id, customer = payments.order_of_token(token), visit_of(request).customer
    if customer is None or customer.id is None:
        raise NotFound
    with attempt() as tried:
        page = payments.pay_page(token)
        account = payments.credit_account(customer.id, page.total.currency)
        payments.spend(
            customer, account.id, order_id=order_id, idempotency_key=request.POST.get("key", "")[:60]
        )
    if tried:
        return leave(reverse("shop:pay", kwargs={"token": token}), said="credit_used")
    return _page(
        request, "shop/pay.html", paying_of(token), errors={"credit": tried.message}, status=tried.status
    )


@non_atomic
@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """To the provider's page, of the way that was chosen; `all`: for everything that is still owed."""
    with tenant_transaction(tenant_of(request).id):
        order_id = payments.order_of_token(token)
    return send_to_gateway(
        request,
        order_id,
        token,
        way=request.POST.get("way", "")[:40],
        all_of_it=request.POST.get("all") == "1",
    )


def send_to_gateway(
    request: HttpRequest, order_id: UUID, token: str, *, way: str = "", all_of_it: bool = False
) -> HttpResponse:
    """A redirect to the provider; where it cannot be reached or nothing is due, to the page that says so. Runs outside of
    a transaction."""
    try:
        found = payments.start_payment(
            order_id,
            return_url=own_url(request, reverse("shop:pay_back", kwargs={"token": token})),
            notify_url=own_url(request, reverse("hooks:payments", args=[_ANY])).replace(_ANY, "{provider}"),
            language=reader().language,
            provider=way,
            all_of_it=all_of_it,
            mobile="Mobi" in request.headers.get("User-Agent", ""),
        )
    except (payments.GatewayUnreachable, payments.GatewayRefused, payments.NotSetUp, payments.NoWayToPay):
        return leave(reverse("shop:pay", kwargs={"token": token}), said="no_gateway")
    except payments.NothingDue:
        return leave(reverse("shop:pay_back", kwargs={"token": token}))
    return leave(found.url)


def one_way(currency: str) -> bool:
    """Whether there is nothing to choose: people are led straight to the provider then."""
    return len(payments.offers(currency)) == 1
