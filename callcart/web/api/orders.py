"""Orders: placed, listed, read, changed, and moved along their life. Every step names the version it was decided on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Router, Status

from callcart.commerce.orders import public as orders
from callcart.core.actor import Actor
from callcart.people.customers.public import record_number_seen
from callcart.web.api.doors import allowed
from callcart.web.api.order_shapes import (
    ChangeGiven,
    NotedStepGiven,
    OrderGiven,
    OrderHead,
    OrderShape,
    PreviewGiven,
    PreviewShape,
    ReasonedStepGiven,
    StepGiven,
    head,
    preview_shape,
    shape,
)
from callcart.web.api.shapes import Code, Cursor, IdempotencyKey, Limit, Moment, PageOf, Text

router = Router(tags=["Orders"])


class OrdersPage(PageOf[OrderHead]):
    """`ask_from` (with `updated_since` only): give it as `updated_since` next time. It lies a little back, so that nothing is
    missed; a few orders come a second time."""

    ask_from: datetime | None = None


@router.post("/orders", response={201: OrderShape}, summary="Place an order")
def place(
    request: HttpRequest,
    body: OrderGiven,
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Status[OrderShape]:
    """Prices are read anew, stock is held, the debt is written down: all or nothing. The same key gives the same order; with another
    body it is refused with 409. Needs `orders.place` and `orders.view`."""
    actor = allowed(request, "orders.place", "orders.view")
    made = orders.place_order(actor, body.draft(), idempotency_key=idempotency_key)
    return Status(201, _read(actor, made.id))


@router.get("/orders", response=OrdersPage, summary="List orders")
def list_orders(
    request: HttpRequest,
    updated_since: Moment | None = None,
    state: Annotated[list[Code], Query(max_length=10)] = [],  # noqa: B006  ninja reads it, nobody writes it
    payment_state: Annotated[list[Code], Query(max_length=10)] = [],  # noqa: B006
    fulfilment_state: Annotated[list[Code], Query(max_length=20)] = [],  # noqa: B006
    channel: Annotated[list[Code], Query(max_length=10)] = [],  # noqa: B006
    customer_id: UUID | None = None,
    text: Text = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> OrdersPage:
    """The newest first. With `updated_since`: those that changed from then on, in the order of their changes; the other filters are
    not looked at. Needs `orders.view`."""
    actor = allowed(request, "orders.view")
    if updated_since is not None:
        changed = orders.orders_changed_since(actor, updated_since, cursor=cursor, limit=limit)
        items = [head(order) for order in changed.orders]
        return OrdersPage(items=items, cursor=changed.cursor, ask_from=changed.ask_from)
    filters = orders.OrderFilters(
        states=tuple(state), payment_states=tuple(payment_state), fulfilment_states=tuple(fulfilment_state),
        channels=tuple(channel), customer_id=customer_id, text=text,
    )  # fmt: skip
    found = orders.list_orders(actor, filters, cursor=cursor, limit=limit)
    return OrdersPage(items=_heads([row.id for row in found.rows]), cursor=found.cursor)


@router.get("/orders/{uuid:order_id}", response=OrderShape, summary="Read an order")
def read(request: HttpRequest, order_id: UUID) -> OrderShape:
    """Needs `orders.view`."""
    return _read(allowed(request, "orders.view"), order_id)


@router.get("/orders/by-number/{number}", response=OrderShape, summary="Read an order by its number")
def read_by_number(request: HttpRequest, number: Code) -> OrderShape:
    """In any grouping. Needs `orders.view`."""
    actor = allowed(request, "orders.view")
    return _seen(actor, orders.order_by_number(actor, number))


@router.post("/orders/{uuid:order_id}/changes/preview", response=PreviewShape, summary="Try a change")
def preview(request: HttpRequest, order_id: UUID, body: PreviewGiven) -> PreviewShape:
    """On a copy: nothing is changed or held. Needs `orders.edit`."""
    actor = allowed(request, "orders.edit")
    return preview_shape(orders.preview_change(actor, order_id, body.values()))


@router.post("/orders/{uuid:order_id}/changes", response=OrderShape, summary="Change an order")
def change(request: HttpRequest, order_id: UUID, body: ChangeGiven) -> OrderShape:
    """On the version that was previewed. Needs `orders.edit` and `orders.view`."""
    actor = allowed(request, "orders.edit", "orders.view")
    orders.confirm_change(actor, order_id, body.values(), version=body.version, reason=body.reason)
    return _read(actor, order_id)


@router.post("/orders/{uuid:order_id}/confirm", response=OrderShape, summary="Confirm an order")
def confirm(request: HttpRequest, order_id: UUID, body: StepGiven) -> OrderShape:
    """One without doubts, whose money is in or is collected at the door. Needs `orders.confirm` and `orders.view`."""
    actor = allowed(request, "orders.confirm", "orders.view")
    orders.confirm_order(actor, order_id, version=body.version)
    return _read(actor, order_id)


@router.post("/orders/{uuid:order_id}/approve", response=OrderShape, summary="Approve an order")
def approve(request: HttpRequest, order_id: UUID, body: NotedStepGiven) -> OrderShape:
    """Whatever its doubts; its dispatch documents are made. Needs `orders.approve` (with a high enough limit) and `orders.view`."""
    actor = allowed(request, "orders.approve", "orders.view")
    orders.approve_order(actor, order_id, version=body.version, note=body.note)
    return _read(actor, order_id)


@router.post("/orders/{uuid:order_id}/reject", response=OrderShape, summary="Reject an order")
def reject(request: HttpRequest, order_id: UUID, body: ReasonedStepGiven) -> OrderShape:
    """The reason is not shown to the customer. Needs `orders.approve` and `orders.view`."""
    actor = allowed(request, "orders.approve", "orders.view")
    orders.reject_order(actor, order_id, reason=body.reason, version=body.version)
    return _read(actor, order_id)


@router.post("/orders/{uuid:order_id}/hold", response=OrderShape, summary="Put an order on hold")
def hold(request: HttpRequest, order_id: UUID, body: ReasonedStepGiven) -> OrderShape:
    """Its stock stays held. Needs `orders.hold` and `orders.view`."""
    actor = allowed(request, "orders.hold", "orders.view")
    orders.hold_order(actor, order_id, reason=body.reason, version=body.version)
    return _read(actor, order_id)


@router.post("/orders/{uuid:order_id}/unhold", response=OrderShape, summary="Let an order go on")
def unhold(request: HttpRequest, order_id: UUID, body: StepGiven) -> OrderShape:
    """Needs `orders.hold` and `orders.view`."""
    actor = allowed(request, "orders.hold", "orders.view")
    orders.unhold_order(actor, order_id, version=body.version)
    return _read(actor, order_id)


@router.post("/orders/{uuid:order_id}/cancel", response=OrderShape, summary="Cancel an order")
def cancel(request: HttpRequest, order_id: UUID, body: ReasonedStepGiven) -> OrderShape:
    """Its stock goes back, what was paid becomes a refund that is due. Needs `orders.cancel` and `orders.view`."""
    actor = allowed(request, "orders.cancel", "orders.view")
    orders.cancel_order(actor, order_id, reason=body.reason, version=body.version)
    return _read(actor, order_id)


def _heads(ids: Sequence[UUID]) -> list[OrderHead]:
    rows: dict[UUID, Any] = orders.Order.objects.defer("search_text", "search_grams").in_bulk(ids)
    return [head(rows[each]) for each in ids if each in rows]


def _read(actor: Actor, order_id: UUID) -> OrderShape:
    return _seen(actor, orders.order_detail(actor, order_id))


def _seen(actor: Actor, detail: orders.OrderDetail) -> OrderShape:
    record_number_seen(actor, ("order", detail.order.id), customer_id=detail.order.customer_id)
    return shape(actor, detail)
