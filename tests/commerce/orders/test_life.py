"""Confirm, hold, cancel, send, close: each moves the order, its stock and its money together, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from callcart.commerce.inventory.public import Movement, recount
from callcart.commerce.orders.handlers import on_parcel_changed, on_payment_changed
from callcart.commerce.orders.jobs import cancel_unpaid
from callcart.commerce.orders.models import History
from callcart.commerce.orders.public import (
    AlreadySent,
    NotPaid,
    Order,
    StaleOrder,
    WrongState,
    cancel_order,
    confirm_order,
    hold_order,
    order_detail,
    ship_order,
    unhold_order,
)
from callcart.commerce.payments.public import Payment, Refund, record_remitted
from callcart.commerce.shipping.public import ParcelState, set_parcel_state
from callcart.core import clock
from callcart.core.actor import Grant
from callcart.core.database import raw
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.events import Event
from callcart.core.models import AuditEntry
from callcart.core.models import Event as EventRow
from callcart.people.customers.public import create_customer, customer_actor, guest_actor
from tests.commerce.shop import Shop, held_units


@pytest.fixture
def order(shop: Shop) -> Order:
    shop.goods("A", west=5)
    return shop.place(("A", 2))


def run_handlers(kind: str, handler: Callable[[Event], None]) -> None:
    """What the worker does with the last event of a kind."""
    row = EventRow.objects.filter(kind=kind).order_by("id").last()
    assert row is not None
    handler(
        Event(
            row.id, row.tenant_id, row.at, row.kind, row.subject_kind, row.subject_id, row.staff_id, row.audience, row.data
        )
    )  # fmt: skip


def snapshot(shop: Shop, order: Order) -> tuple[object, ...]:
    fresh = Order.objects.get(id=order.id)
    counts = [table.objects.count() for table in (History, AuditEntry, Movement, Refund)]
    return fresh.state, fresh.version, shop.stock("A"), held_units(order.id), counts


def test_confirmed_sent_delivered_paid_closed(shop: Shop, order: Order) -> None:
    order = confirm_order(shop.boss, order.id, version=1)
    assert (order.state, order.version) == ("confirmed", 2)
    parcel = ship_order(shop.boss, order.id, version=2, carrier="Swift", tracking="T1")
    order.refresh_from_db()
    assert shop.stock("A") == {"west": (3, 0)}
    assert order.fulfilment_state == "reserved"  # packed, not with the carrier yet
    set_parcel_state(shop.boss, parcel.id, ParcelState.IN_TRANSIT)
    run_handlers("parcel.changed", on_parcel_changed)
    order.refresh_from_db()
    assert order.fulfilment_state == "shipped"
    set_parcel_state(shop.boss, parcel.id, ParcelState.DELIVERED)
    run_handlers("parcel.changed", on_parcel_changed)
    run_handlers("parcel.changed", on_parcel_changed)  # the same news twice
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("confirmed", "collected_by_carrier")
    record_remitted(shop.boss, order.id, reference="statement 9")
    run_handlers("payment.changed", on_payment_changed)
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.fulfilment_state) == ("closed", "remitted", "delivered")
    kinds = list(History.objects.filter(order=order).order_by("id").values_list("kind", flat=True))
    assert kinds == ["placed", "confirmed", "shipped", "parcel", "parcel", "payment", "closed"]
    assert recount() == []


def test_cancelled_gives_back_stock_and_owes_nothing(shop: Shop, order: Order) -> None:
    order = cancel_order(shop.boss, order.id, reason="ordered twice", version=1)
    assert (order.state, order.payment_state, order.fulfilment_state) == (
        "cancelled",
        "nothing_due",
        "released",
    )
    assert shop.stock("A") == {"west": (5, 0)}
    assert held_units(order.id) == 0
    assert Payment.objects.get(order_id=order.id).state == "cancelled"
    row = History.objects.filter(order=order).order_by("id").last()
    assert row is not None
    assert (row.kind, row.reason) == ("cancelled", "ordered twice")
    assert AuditEntry.objects.get(action="orders.cancelled").reason == "ordered twice"
    assert recount() == []


VERBS: dict[str, Callable[..., object]] = {
    "orders.confirm": confirm_order,
    "orders.hold": lambda *a, **k: hold_order(*a, reason="address", **k),
    "orders.cancel": lambda *a, **k: cancel_order(*a, reason="address", **k),
    "orders.ship": ship_order,
}


@pytest.mark.parametrize("permission", VERBS)
def test_without_the_permission_nothing_changes(shop: Shop, order: Order, permission: str) -> None:
    others = [name for name in VERBS if name != permission]
    before = snapshot(shop, order)
    with pytest.raises(PermissionDenied):
        VERBS[permission](shop.staff("orders.view", *others), order.id, version=1)
    assert snapshot(shop, order) == before


@pytest.mark.parametrize("permission", VERBS)
def test_an_outdated_version_changes_nothing(shop: Shop, order: Order, permission: str) -> None:
    before = snapshot(shop, order)
    with pytest.raises(StaleOrder) as refused:
        VERBS[permission](shop.boss, order.id, version=7)
    assert refused.value.details == {"version": 1}
    assert snapshot(shop, order) == before


def test_what_is_wrong_for_a_state_changes_nothing(shop: Shop, order: Order) -> None:
    done = cancel_order(shop.boss, order.id, reason="x", version=1)
    before = snapshot(shop, order)
    for verb in (*VERBS.values(), unhold_order):
        with pytest.raises(WrongState):
            verb(shop.boss, order.id, version=done.version)
    assert snapshot(shop, order) == before


def test_on_hold_keeps_its_stock_and_comes_back(shop: Shop, order: Order) -> None:
    held = hold_order(shop.boss, order.id, reason="address unclear", version=1)
    assert (held.state, held.hold_reason) == ("on_hold", "address unclear")
    assert shop.stock("A") == {"west": (5, 2)}
    with pytest.raises(WrongState):
        confirm_order(shop.boss, order.id, version=2)
    back = unhold_order(shop.boss, order.id, version=2)
    assert (back.state, back.hold_reason) == ("placed", "")
    hidden = History.objects.filter(order=order, public=False).values_list("kind", flat=True)
    assert set(hidden) == {"held", "unheld"}


@pytest.mark.parametrize("reason", ["", "  ", "\x00", "r" * 501])
def test_a_cancellation_needs_a_reason(shop: Shop, order: Order, reason: str) -> None:
    before = snapshot(shop, order)
    with pytest.raises(Invalid) as refused:
        cancel_order(shop.boss, order.id, reason=reason, version=1)
    assert set(refused.value.fields) == {"reason"}
    assert snapshot(shop, order) == before


def test_a_prepaid_order_waits_for_its_money(shop: Shop) -> None:
    shop.goods("A", west=5)
    order = shop.place(("A", 1), payment_method="prepaid")
    clerk = shop.staff("orders.confirm")
    with pytest.raises(NotPaid):
        confirm_order(clerk, order.id, version=1)
    assert Order.objects.get(id=order.id).state == "placed"
    bold = shop.staff("orders.confirm", "orders.confirm_unpaid")
    assert confirm_order(bold, order.id, version=1).state == "confirmed"


def test_what_was_sent_cannot_be_cancelled(shop: Shop, order: Order) -> None:
    order = confirm_order(shop.boss, order.id, version=1)
    ship_order(shop.boss, order.id, version=2)
    with pytest.raises(AlreadySent):
        cancel_order(shop.boss, order.id, reason="too late", version=3)
    assert shop.stock("A") == {"west": (3, 0)}


def test_sent_in_two_parcels(shop: Shop) -> None:
    shop.goods("A", west=5)
    shop.goods("B", west=5)
    order = shop.place(("A", 2), ("B", 1))
    order = confirm_order(shop.boss, order.id, version=1)
    first, second = order.lines.order_by("position")
    ship_order(shop.boss, order.id, version=2, line_ids=[first.id])
    assert (shop.stock("A"), shop.stock("B")) == ({"west": (3, 0)}, {"west": (5, 1)})
    ship_order(shop.boss, order.id, version=3, line_ids=[first.id, second.id])
    assert shop.stock("B") == {"west": (4, 0)}
    with pytest.raises(WrongState):
        ship_order(shop.boss, order.id, version=4)
    assert recount() == []


def test_the_scope_own_reaches_ones_own_orders_only(shop: Shop) -> None:
    shop.goods("A", west=5)
    sam = shop.staff("orders.place", orders__cancel=Grant(scope="own"), orders__view=Grant(scope="own"))
    mine, other = shop.place(("A", 1), actor=sam), shop.place(("A", 1))
    assert cancel_order(sam, mine.id, reason="x", version=1).state == "cancelled"
    before = snapshot(shop, other)
    with pytest.raises(NotFound):
        cancel_order(sam, other.id, reason="x", version=1)
    with pytest.raises(NotFound):
        order_detail(sam, other.id)
    assert snapshot(shop, other) == before


def test_the_scope_of_a_region_reaches_its_orders_only(shop: Shop, order: Order) -> None:
    for region, seen in (
        ("oregon", True),
        ("Ohio", False),
        ("own,Oregon", True),
        ("New York,Ohio,own", False),
    ):
        clerk = shop.staff(orders__view=Grant(scope=region))
        if seen:
            assert order_detail(clerk, order.id).order.id == order.id
        else:
            with pytest.raises(NotFound):
                order_detail(clerk, order.id)


def test_a_customer_cancels_their_own_and_does_nothing_else(shop: Shop) -> None:
    shop.goods("A", west=5)
    ann, ben = (create_customer(shop.boss, name=name) for name in ("Ann Example", "Ben Example"))
    order = shop.place(("A", 1), actor=customer_actor(ann), customer_id=ann.id)
    before = snapshot(shop, order)
    for permission in ("orders.confirm", "orders.hold", "orders.ship"):
        with pytest.raises(PermissionDenied):
            VERBS[permission](customer_actor(ann), order.id, version=1)
    for stranger in (customer_actor(ben), guest_actor(shop.tenant_id)):
        with pytest.raises(NotFound):
            cancel_order(stranger, order.id, reason="x", version=1)
    assert snapshot(shop, order) == before
    assert cancel_order(customer_actor(ann), order.id, reason="too big", version=1).state == "cancelled"


def test_the_customer_sees_public_history_without_names_and_reasons(shop: Shop) -> None:
    shop.goods("A", west=5)
    ann = create_customer(shop.boss, name="Ann Example")
    order = shop.place(("A", 1), customer_id=ann.id)
    hold_order(shop.boss, order.id, reason="looks like fraud", version=1)
    unhold_order(shop.boss, order.id, version=2)
    cancel_order(shop.boss, order.id, reason="fraud", version=3)
    detail = order_detail(customer_actor(ann), order.id)
    assert [row.kind for row in detail.history] == ["placed", "cancelled"]
    assert not any(row.reason or row.actor_name or row.actor_id for row in detail.history)
    assert [row.kind for row in order_detail(shop.boss, order.id).history] == [
        "placed", "held", "unheld", "cancelled"
    ]  # fmt: skip


def looks_at(order: Order) -> list[datetime]:
    """When a worker will look whether this order was paid."""
    rows = raw.all(
        "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name LIKE '%%cancel_unpaid' AND args->>'order_id' = %s"
        " ORDER BY id",
        (str(order.id),),
    )
    return [row[0] for row in rows]


def test_an_unpaid_order_passed_over_while_on_hold_is_looked_at_again(shop: Shop, order: Order) -> None:
    prepaid = shop.place(("A", 1), payment_method="prepaid")
    hold_order(shop.boss, prepaid.id, reason="address unclear", version=1)
    hold_order(shop.boss, order.id, reason="address unclear", version=1)
    cancel_unpaid(order_id=str(prepaid.id))
    prepaid.refresh_from_db()
    assert (prepaid.state, len(looks_at(prepaid)), shop.stock("A")) == ("on_hold", 1, {"west": (5, 3)})
    with clock.frozen(clock.now() + timedelta(hours=49)):
        unhold_order(shop.boss, prepaid.id, version=2)
        unhold_order(shop.boss, order.id, version=2)
    assert (len(looks_at(prepaid)), looks_at(order)) == (2, [])
    assert timedelta(hours=23) < looks_at(prepaid)[1] - clock.now() <= timedelta(hours=24)
    cancel_unpaid(order_id=str(prepaid.id))
    prepaid.refresh_from_db()
    assert (prepaid.state, shop.stock("A")) == ("cancelled", {"west": (5, 2)})


def test_a_hold_that_ends_in_time_changes_nothing_about_when_it_is_looked_at(
    shop: Shop, order: Order
) -> None:
    prepaid = shop.place(("A", 1), payment_method="prepaid")
    hold_order(shop.boss, prepaid.id, reason="address unclear", version=1)
    with clock.frozen(clock.now() + timedelta(hours=47)):
        unhold_order(shop.boss, prepaid.id, version=2)
    assert len(looks_at(prepaid)) == 1


def test_an_unpaid_order_is_cancelled_in_time_and_a_paid_one_is_not(shop: Shop, order: Order) -> None:
    prepaid = shop.place(("A", 1), payment_method="prepaid")
    cancel_unpaid(order_id=str(prepaid.id))
    cancel_unpaid(order_id=str(prepaid.id))
    cancel_unpaid(order_id=str(order.id))
    prepaid.refresh_from_db()
    order.refresh_from_db()
    assert (prepaid.state, prepaid.cancel_reason) == ("cancelled", "Not paid in time")
    assert order.state == "placed"
    assert shop.stock("A") == {"west": (5, 2)}
