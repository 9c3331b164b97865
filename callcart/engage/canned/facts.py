"""What a text's fields stand for in one conversation, in the language of its customer: of orders, those within the writer's reach."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.dates import format_date

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.commerce.payments import public as payments
from callcart.commerce.shipping import public as shipping
from callcart.contact.conversations.models import Conversation
from callcart.core.actor import Actor
from callcart.core.language import is_chinese, locale_of
from callcart.core.money import Money
from callcart.people.customers.public import Customer
from callcart.people.staff.public import staff_names
from callcart.people.tenants.public import get_tenant


def facts_of(actor: Actor, conversation: Conversation, language: str) -> dict[str, str]:
    """Every field that can be filled; what there is not is left out or empty."""
    customer = (
        Customer.objects.filter(id=conversation.customer_id).first() if conversation.customer_id else None
    )
    facts = {
        "agent.name": staff_names([actor.id], language=language).get(actor.id, "") if actor.id else "",
        "shop.name": get_tenant().name_in(language),
        "conversation.number": conversation.number,
        "customer.name": customer.name if customer else "",
    }
    order = _order(actor, conversation)
    return facts if order is None else {**facts, **_of_order(order, language)}


def _order(actor: Actor, conversation: Conversation) -> Order | None:
    """The one it is linked to, else the customer's last."""
    if not actor.can("orders.view"):
        return None
    rows = orders.visible(actor, "orders.view").exclude(state="draft")
    linked = conversation.links.filter(kind="order").order_by("-made_at").values_list("object_id", flat=True)
    found = rows.filter(id=linked[0]).first() if linked[:1] else None
    if found is None and conversation.customer_id is not None:
        found = rows.filter(customer_id=conversation.customer_id).order_by("-placed_at").first()
    return found


def _of_order(order: Order, language: str) -> dict[str, str]:
    parcels = shipping.parcels_of([order.id]).get(order.id, [])
    parcel = parcels[-1] if parcels else None
    return {
        "order.number": order.number,
        "order.total": _money(order.total, language),
        "order.due": _due(order, language),
        "order.day": format_date(
            order.placed_at.astimezone(ZoneInfo(get_tenant().timezone)),
            "M月d日" if is_chinese(language) else "MMM d",
            locale=locale_of(language),
        ),
        "order.items": "\n".join(f"{row.quantity} × {row.name_in(language)}" for row in orders.shown(order)),
        "parcel.carrier": parcel.carrier_in(language) if parcel else "",
        "parcel.tracking": parcel.tracking if parcel else "",
    }


def _due(order: Order, language: str) -> str:
    found = payments.payment_of(order.id)
    if found is None or found.payment.state == payments.PaymentState.CANCELLED:
        return ""
    open_minor = max(found.amount.minor - found.captured.minor, 0)
    return _money(Money(open_minor, order.currency), language)


def _money(amount: Money, language: str) -> str:
    return amount.format(locale_of(language)).replace("\u00a0", " ")
