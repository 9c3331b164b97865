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

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, pgettext

from callcart.commerce.inventory.public import Reservation, ReservationState, Stock
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


_ENDED = ~Q(state__in=LIVE)
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
    (_ENDED, Queue.FINANCE),  # ended, and money is to be given back
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
    `since`. For a few of them: each looks its own documents up."""
    held = Reservation.objects.filter(order_id=OuterRef("id"), state=ReservationState.HELD)
    return _in_queues(
        _open(actor).annotate(
            has_dispatch=Exists(Dispatch.objects.filter(order_id=OuterRef("id"), state__in=OPEN_DISPATCHES)),
            has_held=Exists(held),
            short_of_stock=Exists(held.filter(_SHORT)),
        )
    )


def _all_open(actor: Actor) -> QuerySet[Any]:
    """The same for very many: what has documents and stock is read once, and only confirmed orders, whose queue it decides, are
    looked up in it."""
    held = Reservation.objects.filter(state=ReservationState.HELD)
    dispatches = Dispatch.objects.filter(state__in=OPEN_DISPATCHES)
    # a count is read from the index of such shelves; for EXISTS the whole table would be, as there seldom is one
    any_short = Stock.objects.filter(allocated__gt=F("on_hand")).count() > 0
    return _in_queues(
        _open(actor).annotate(
            has_dispatch=_among(dispatches),
            has_held=_among(held),
            short_of_stock=_among(held.filter(_SHORT)) if any_short else Value(False),
        )
    )


# The second follows from the first; by it the few shelves are found that promised more than they have.
_SHORT = Q(quantity__gt=F("stock__on_hand"), stock__allocated__gt=F("stock__on_hand"))


def _open(actor: Actor) -> QuerySet[Any]:
    return (
        visible(actor, "orders.view")
        .filter(Q(state__in=LIVE) | Q(payment_state=PaymentAxis.REFUND_DUE))
        .exclude(state=OrderState.DRAFT)
        .annotate(since=Coalesce("waits_since", "placed_at"))
    )


def _among(rows: QuerySet[Any]) -> Case:
    theirs = Q(state=OrderState.CONFIRMED, id__in=rows.order_by().values("order_id"))
    return Case(When(theirs, then=Value(True)), default=Value(False), output_field=BooleanField())


def _in_queues(rows: QuerySet[Any]) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.annotate(
        queue=Case(
            *[When(condition, then=Value(str(queue))) for condition, queue in _QUEUES],
            default=Value(str(Queue.DECISION)),
            output_field=CharField(),
        )
    )
    return found


def in_queue(actor: Actor, queue: Queue) -> QuerySet[Any]:
    """The orders of one queue, by `since` and `id`; for lists."""
    return _all_open(actor).filter(_may_be_in(queue), queue=str(queue)).order_by("since", "id")


def count_waiting(actor: Actor) -> dict[Queue, QueueCount]:
    """Each queue with its count and its oldest; the empty ones too. Orders are counted by all that decides about them, a few dozen
    combinations, and each of these is put into its queue."""
    groups = _all_open(actor).values(*_DECIDING).annotate(orders=Count("id"), oldest=Min("since")).order_by()
    found = {queue: QueueCount(0, None) for queue in Queue}
    for group in groups:
        queue = queue_by(group)
        before, oldest = found[queue], group["oldest"]
        found[queue] = QueueCount(
            before.orders + int(group["orders"]), min(before.oldest, oldest) if before.oldest else oldest
        )
    return found


_FLAGS = ("has_dispatch", "has_held", "short_of_stock")
_DECIDING = ("state", "payment_method", "payment_state", "fulfilment_state", "goods_on_trust", *_FLAGS)


def queue_by(values: Mapping[str, Any]) -> Queue:
    """The queue of an order with these values of `_DECIDING`: what the CASE of `open_orders` says."""
    return next((queue for condition, queue in _QUEUES if _holds(condition, values)), Queue.DECISION)


def _holds(condition: Q, values: Mapping[str, Any]) -> bool:
    each = [_holds(part, values) if isinstance(part, Q) else _is(part, values) for part in condition.children]
    found = all(each) if condition.connector == Q.AND else any(each)
    return found is not condition.negated


def _is(part: Any, values: Mapping[str, Any]) -> bool:
    """Whether a part of a condition, a pair of a look-up and what it wants, holds."""
    name, _sep, how = part[0].partition("__")
    return values[name] in part[1] if how == "in" else bool(values[name] == part[1])


def list_waiting(actor: Actor, queue: Queue, *, cursor: str = "", limit: int = 50) -> WaitingPage:
    """A page of one queue, what waits longest first."""
    rows = read_cursor(in_queue(actor, queue), cursor)
    # the ids alone first: they are read from an index, and carrying whole rows through all that is passed over costs more
    wanted = list(rows.values_list("id", flat=True)[: limit + 1])
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
    """What has to hold of an order that stands there, as far as its own columns tell: one of the queue's conditions, and none of an
    earlier queue. Cheaper than finding each order's."""
    earlier, own = Q(), Q(pk__in=[])
    for condition, each in _QUEUES:
        if each is queue:
            own |= condition & earlier
        # said twice, as every open order is alive or ended, it would be taken for rarer than it is, and a worse way chosen
        if not _asks_for_flags(condition) and condition is not _ENDED:
            earlier &= ~condition
    return own | earlier if queue is Queue.DECISION else own


def _asks_for_flags(condition: Any) -> bool:
    if not isinstance(condition, Q):
        return condition[0] in _FLAGS
    return any(_asks_for_flags(part) for part in condition.children)


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
        Queue.HELD: (pgettext("order", "On hold"), gettext("Somebody stopped it and has to let it go on.")),
        Queue.DECISION: (
            gettext("A decision"),
            gettext("Goods came back or were lost: send again, refund or cancel."),
        ),
    }
