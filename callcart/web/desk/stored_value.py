"""Paying an order that was just placed by a gift card, whose code the customer reads out, or from the customer's store credit."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core.errors import Invalid
from callcart.core.money import Money
from callcart.web.desk import ordering
from callcart.web.desk.bodies import body_of, text_of
from callcart.web.http import actor_of, attempt, requires


@requires("orders.place", "payments.use_value")
@require_POST
def use(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The panel of the placed order again: what was paid and what is left, or why it does not pay."""
    actor, code = actor_of(request), text_of(body_of(request), "code", most=100).strip()
    order = orders.order_detail(actor, order_id).order
    said = ""
    with attempt() as tried:
        account_id = _account(actor.id, order, code)
        receipt = payments.spend(
            actor, account_id, order_id=order_id, idempotency_key=f"desk:{code or 'credit'}"
        )
        page = payments.payment_of(order_id)
        left = page.amount - page.captured if page is not None else Money.zero(order.currency)
        said = _("%(paid)s paid, %(left)s left.") % {
            "paid": Money(receipt.amount_minor, receipt.currency).format(actor.language),
            "left": left.format(actor.language),
        }
    problem = tried.fields.get("code", "") or tried.message
    return ordering.placed(request, actor, order, value=ordering.ValueTried(said, problem, code))


def _account(agent_id: UUID | None, order: orders.Order, code: str) -> UUID:
    """The card of the code; without one, the customer's credit. Look-ups are counted by agent."""
    if code:
        return payments.find_card(code, address=f"staff:{agent_id}").id
    if order.customer_id is None:
        raise Invalid(fields={"code": _("Give the code of a gift card.")})
    return payments.credit_account(order.customer_id, order.currency).id
