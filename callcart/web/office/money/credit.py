"""A customer's store credit and gift cards: balances, the ledger, giving and taking back; and paying an order with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core.clock import today
from callcart.core.errors import AppError, Invalid
from callcart.core.fields import Fields
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.customers import public as people
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.money.typed import amount_of
from callcart.web.office.money.value_words import card_state, entry_name
from callcart.web.office.order import order_page
from callcart.web.office.refusal import refusal


@require_safe
@requires("payments.view_value", "customers.view")
def credit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    return _page(request, customer_id)


@require_safe
@requires("payments.view_value", "customers.view")
def summary(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The card of it on the customer's page."""
    customer = people.get_customer(customer_id)
    return page(request, "office/money/_credit_card.html", customer=customer, held=_held(customer_id))


def _page(
    request: HttpRequest, customer_id: UUID, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    customer, refused = people.get_customer(customer_id), refusal(tried)
    held = _held(customer_id)
    credits = [
        account for account, _amount, _state in held if account.kind == payments.StoredKind.STORE_CREDIT
    ]
    asks = isinstance(refused.error, approvals.NeedsApproval)
    return page(
        request, "office/money/credit.html", customer=customer, held=held, name_of=payments.name_of,
        ledgers=[(account, payments.entries_of(account)) for account in credits], entry_name=entry_name,
        currency=get_tenant().currency, errors=refused.fields, dialog=dialog if refused.fields or asks else "",
        message="" if refused.fields or asks else refused.message, asks=refused.message if asks else "",
        posted=request.POST, key=request.POST.get("key") or str(new_id()), status=refused.status,
    )  # fmt: skip


def _held(customer_id: UUID) -> list[tuple[payments.StoredAccount, Money, Any]]:
    day = today(get_tenant().timezone)
    return [
        (account, Money(account.balance_minor, account.currency), card_state(payments.state_of(account, day)))
        for account in payments.accounts_of_customer(customer_id)
    ]


@require_POST
@requires("payments.grant_credit", "payments.view_value", "customers.view")
def grant(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Give store credit, or ask somebody with a higher limit to."""
    actor, form, posted = actor_of(request), Fields(), request.POST
    customer, said = people.get_customer(customer_id), _("Store credit given.")
    with attempt() as tried:
        amount = amount_of(form, request, "amount", get_tenant().currency)
        reason, key = posted.get("reason", ""), posted.get("key", "")[:100]
        with form.part():
            if "ask" in posted:
                approvals.ask(
                    actor, action="payments.grant_credit", permission="payments.grant_credit",
                    subject=("customer", customer_id), label=customer.name or customer.number,
                    payload={
                        "customer": str(customer_id), "amount": amount.minor, "currency": amount.currency,
                        "reason": reason, "key": key,
                    },
                    amount=amount,
                    reason=reason,
                )  # fmt: skip
                said = _("Asked for approval.")
            else:
                payments.grant_credit(
                    actor, customer_id=customer_id, amount=amount, reason=reason, idempotency_key=key
                )
        form.done()
    if tried:
        return go(request, url("office:customer_credit", customer_id), toast=said)
    return _page(request, customer_id, tried, dialog="grant")


@require_POST
@requires("payments.grant_credit", "payments.view_value", "customers.view")
def take_back(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take back store credit that was given in error."""
    actor, form = actor_of(request), Fields()
    people.get_customer(customer_id)
    with attempt() as tried:
        amount = amount_of(form, request, "amount", get_tenant().currency)
        with form.part():
            account = payments.credit_account(customer_id, amount.currency)
            payments.take_back(
                actor, account.id, amount=amount, reason=request.POST.get("reason", ""),
                idempotency_key=request.POST.get("key", "")[:100],
            )  # fmt: skip
        form.done()
    if tried:
        return go(request, url("office:customer_credit", customer_id), toast=_("Taken back."))
    return _page(request, customer_id, tried, dialog="take-back")


@require_POST
@requires("orders.view", "payments.use_value")
def pay_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Pay an order by the code of a gift card, or from its customer's store credit."""
    actor, posted = actor_of(request), request.POST
    found = orders.order_detail(actor, order_id).order
    with attempt() as tried:
        account_id = _credit_of(found) if posted.get("from") == "credit" else _card(request)
        receipt = payments.spend(
            actor, account_id, order_id=order_id, idempotency_key=posted.get("key", "")[:60]
        )
    if tried:
        amount = Money(receipt.amount_minor, receipt.currency)
        said = _("%(amount)s paid.") % {"amount": amount.format(actor.language)}
        return go(request, url("office:order", order_id), toast=said)
    return order_page(request, order_id, tried=tried, dialog="value")


def _credit_of(order: orders.Order) -> UUID:
    if order.customer_id is None:
        raise Invalid(fields={"code": _("This order has no customer with store credit.")})
    return payments.credit_account(order.customer_id, order.currency).id


def _card(request: HttpRequest) -> UUID:
    try:
        found = payments.find_card(
            request.POST.get("code", "")[:100], address=f"staff:{actor_of(request).id}"
        )
    except Invalid:
        raise
    except AppError as error:
        raise Invalid(fields={"code": error.message}) from error
    return found.id
