"""What waits for people in the demo shops: a refund somebody asked approval for, unpaid orders to
call about, and the messages customers got of their parcels."""

from __future__ import annotations

from callcart.commerce.orders.public import Order
from callcart.commerce.payments.public import TooMuchRefund, ask_refund, payment_of
from callcart.commerce.payments.unpaid import call_for
from callcart.commerce.shipping.public import Parcel, ParcelState
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.staff.public import actor_of, get_staff, staff_by_email
from callcart.people.tenants.public import Tenant

TOLD = 12


def seed_work(tenant: Tenant) -> None:
    """Once the shop has traded. The messages are sent by the worker, like any others."""
    moved = Parcel.objects.exclude(state=ParcelState.PACKED).order_by("-state_at", "id")[:TOLD]
    for parcel in moved:
        events.emit(
            "shipping.parcel_moved",
            subject=("order", parcel.order_id),
            audience="process",
            data={"order_id": parcel.order_id, "parcel_id": parcel.id, "state": parcel.state},
        )
    unpaid = Order.objects.filter(payment_state="due", payment_method="prepaid").exclude(state="cancelled")
    call_for(Actor.system(tenant.id, "demo"), [order.id for order in unpaid.order_by("placed_at", "id")[:3]])
    _ask(tenant)


def _ask(tenant: Tenant) -> None:
    """The supervisor would give back the newest large sum that was paid, and may not by herself."""
    found = staff_by_email(f"super@{tenant.slug}.example")
    if found is None:
        return
    supervisor = actor_of(get_staff(found.id))
    limit = supervisor.limit("payments.refund") or 0
    paid = Order.objects.filter(payment_state="paid", total_minor__gt=limit).order_by("-placed_at", "id")
    for order in paid[:5]:
        payment = payment_of(order.id)
        if payment is None or payment.refundable.minor <= limit:
            continue
        try:
            ask_refund(
                supervisor,
                order.id,
                amount=Money(payment.refundable.minor, order.currency),
                reason="商品有损坏,客户要求全额退款"
                if tenant.country == "CN"
                else "Came damaged; wants all of it back",
                idempotency_key=f"demo-{order.id}",
            )
        except TooMuchRefund:
            continue
        return
