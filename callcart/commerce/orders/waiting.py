"""What waits, on whom, and since when: every open order stands in exactly one of a few queues.

Which one follows from the order's kept axes, its documents and its stock, by one CASE in the database (`_QUEUES`, first match
wins) with no gap: what fits nothing else waits for a person to decide. So no order can be stuck where nobody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from callcart.commerce.inventory.public import Reservation, ReservationState
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.queries import OrderRow, rows_of
from callcart.commerce.orders.scope import visible
from callcart.commerce.orders.states import Fulfilment, OrderState, PaymentAxis
from callcart.commerce.payments.public import PaymentMethod
from callcart.commerce.shipping.public import OPEN as OPEN_DISPATCHES
from callcart.commerce.shipping.public import Dispatch
from callcart.core.actor import Actor

LIVE = (OrderState.PLACED, OrderState.ON_HOLD, OrderState.CONFIRMED)


class Queue(StrEnum):
    """On whom an order waits, in the order in which the page shows them."""

    APPROVER = "approver"
    MONEY = "money"
    STOCK = "stock"
    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    REMITTANCE = "remittance"
    FINANCE = "finance"
    HELD = "held"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order and since when it waits where it does."""

    order: OrderRow
    queue: Queue
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How many wait, and since when the oldest."""

    orders: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingPage:
    rows: tuple[Waiting, ...]
    cursor: str


_OWED = (PaymentAxis.DUE, PaymentAxis.PART_PAID)
_MONEY_MISSING = (
    Q(payment_method=PaymentMethod.PREPAID, payment_state__in=_OWED)
    | Q(payment_method=PaymentMethod.INSTALMENTS, payment_state=PaymentAxis.DUE)
) & Q(goods_on_trust=False)
_GONE_WRONG = (Fulfilment.RETURNED, Fulfilment.LOST, Fulfilment.RETURNING)
_ARRIVED = (Fulfilment.DELIVERED, Fulfilment.PART_RETURNED)
_UNDER_WAY = (
    Fulfilment.RESERVED,
    Fulfilment.PART_SHIPPED,
    Fulfilment.SHIPPED,
    Fulfilment.PART_DELIVERED,
)

# The first that fits. Whatever a state gets that none of these names ends in DECISION.
_QUEUES: tuple[tuple[Q, Queue], ...] = (
    (Q(state=OrderState.ON_HOLD), Queue.HELD),
    (~Q(state__in=LIVE), Queue.FINANCE),  # ended, and money is to be given back
    (Q(state=OrderState.PLACED) & _MONEY_MISSING, Queue.MONEY),
    (Q(state=OrderState.PLACED), Queue.APPROVER),
    (Q(fulfilment_state__in=_GONE_WRONG) & ~Q(has_dispatch=True), Queue.DECISION),
    (_MONEY_MISSING & ~Q(fulfilment_state__in=_ARRIVED), Queue.MONEY),
    (Q(short_of_stock=True), Queue.STOCK),
    (Q(fulfilment_state=Fulfilment.UNRESERVED), Queue.STOCK),
    (Q(has_dispatch=True) | Q(has_held=True), Queue.WAREHOUSE),
    (Q(fulfilment_state__in=_ARRIVED, payment_state=PaymentAxis.REFUND_DUE), Queue.FINANCE),
    (Q(fulfilment_state__in=_ARRIVED, payment_state=PaymentAxis.COLLECTED), Queue.REMITTANCE),
    (Q(fulfilment_state__in=_ARRIVED, payment_state=PaymentAxis.DUE_ON_DELIVERY), Queue.REMITTANCE),
    (Q(fulfilment_state__in=_ARRIVED, payment_state__in=_OWED), Queue.MONEY),
    (Q(fulfilment_state__in=_UNDER_WAY), Queue.CARRIER),
)


def open_orders(actor: Actor) -> QuerySet[Any]:
    """Every order the actor may see that is not over: alive, or ended with money to be given back; with `queue` and
    `since`."""
    held = Reservation.objects.filter(order_id=OuterRef("id"), state=ReservationState.HELD)
    return (
        visible(actor, "orders.view")
        .filter(Q(state__in=LIVE) | Q(payment_state=PaymentAxis.REFUND_DUE))
        .exclude(state=OrderState.DRAFT)
        .annotate(
            has_dispatch=Exists(Dispatch.objects.filter(order_id=OuterRef("id"), state__in=OPEN_DISPATCHES)),
            has_held=Exists(held),
            # the second follows from the first; by it the few shelves are found that promised more than they have
            short_of_stock=Exists(
                held.filter(quantity__gt=F("stock__on_hand"), stock__allocated__gt=F("stock__on_hand"))
            ),
        )
        .annotate(
            queue=Case(
                *[When(condition, then=Value(str(queue))) for condition, queue in _QUEUES],
                default=Value(str(Queue.DECISION)),
                output_field=CharField(),
            ),
            since=Coalesce("waits_since", "placed_at"),
        )
    )


def count_waiting(actor: Actor) -> dict[Queue, QueueCount]:
    """Each queue with its count and its oldest; the empty ones too."""
    rows = open_orders(actor).values("queue").annotate(orders=Count("id"), oldest=Min("since")).order_by()
    found = {row["queue"]: QueueCount(int(row["orders"]), row["oldest"]) for row in rows}
    return {queue: found.get(queue, QueueCount(0, None)) for queue in Queue}


def list_waiting(actor: Actor, queue: Queue, *, cursor: str = "", limit: int = 50) -> WaitingPage:
    """A page of one queue, what waits longest first."""
    rows = read_cursor(open_orders(actor).filter(_may_be_in(queue), queue=str(queue)), cursor)
    # the ids alone first: every open order is sorted here, and carrying whole rows through that costs more than it
    wanted = list(rows.order_by("since", "id").values_list("id", flat=True)[: limit + 1])
    by_id = Order.objects.filter(id__in=wanted).defer("search_text", "search_grams").in_bulk()
    found = [by_id[order_id] for order_id in wanted]
    page = found[:limit]
    following = f"{since_of(page[-1]).isoformat()}_{page[-1].id}" if len(found) > limit else ""
    listed = rows_of(actor, page)
    return WaitingPage(
        tuple(
            Waiting(order=row, queue=queue, since=since_of(order), reason=order.hold_reason)
            for row, order in zip(listed, page, strict=True)
        ),
        following,
    )


def _may_be_in(queue: Queue) -> Q:
    """What has to hold of an order that stands there: one of the queue's own conditions. Cheaper than finding each order's."""
    if queue is Queue.DECISION:  # also whatever no condition names
        return Q()
    own = Q()
    for condition, each in _QUEUES:
        if each is queue:
            own |= condition
    return own


def queue_of(actor: Actor, order_id: UUID) -> Queue | None:
    """Where one order waits; None where it is over."""
    found = open_orders(actor).filter(id=order_id).values_list("queue", flat=True).first()
    return Queue(found) if found else None


def read_cursor(rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
    """The rows after a page; all of them where the cursor is empty or broken."""
    moment, _, last = cursor.rpartition("_")
    try:
        since, order_id = datetime.fromisoformat(moment), UUID(last)
    except ValueError:
        return rows
    return rows.filter(Q(since__gt=since) | Q(since=since, id__gt=order_id), since__gte=since)


def since_of(order: Order) -> datetime:
    return order.waits_since or order.placed_at


def queue_labels() -> Mapping[Queue, tuple[str, str]]:
    """Each queue as people call it, and what is to be done there, in the active language."""
    return {
        Queue.APPROVER: (gettext("Approval"), gettext("An approver decides.")),
        Queue.MONEY: (gettext("The customer's money"), gettext("Ask for it, or send a payment link.")),
        Queue.STOCK: (gettext("Stock"), gettext("Goods ordered back have not come yet.")),
        Queue.WAREHOUSE: (gettext("The warehouse"), gettext("Pick, pack and hand over.")),
        Queue.CARRIER: (gettext("The carrier"), gettext("Parcels are on their way.")),
        Queue.REMITTANCE: (
            gettext("Cash at the carrier"),
            gettext("Delivered; the carrier hands the cash over."),
        ),
        Queue.FINANCE: (gettext("A refund"), gettext("Money is to be given back.")),
        Queue.HELD: (gettext("On hold"), gettext("Somebody stopped it and has to let it go on.")),
        Queue.DECISION: (
            gettext("A decision"),
            gettext("Goods came back or were lost: send again, refund or cancel."),
        ),
    }
