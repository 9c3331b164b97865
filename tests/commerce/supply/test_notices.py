"""Who asked first is told first, with units held for them; an order takes the hold, time frees it, nobody holds what is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.models import Movement, Reservation
from callcart.commerce.orders.public import cancel_order, place_order
from callcart.commerce.supply.handlers import on_notice_changed, on_stock_changed
from callcart.commerce.supply.models import ArrivalNotice
from callcart.commerce.supply.public import (
    InStock,
    NoticeEnded,
    RulesDraft,
    StaleRules,
    ask_notice,
    cancel_notice,
    expire,
    get_notice,
    notices_of,
    serve,
    set_rules,
    units_kept,
)
from callcart.core import integrity
from callcart.core.actor import Actor
from callcart.core.clock import frozen, now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.core.models import Event as EventRow
from callcart.people.customers.models import Customer, Email, Phone
from callcart.people.customers.public import customer_actor, guest_actor
from callcart.people.tasks.public import Task
from tests.commerce.orders.test_life import run_handlers
from tests.commerce.shop import Shop
from tests.commerce.supply.waiting import arrivals, arrives, customer, standing, waits


@pytest.fixture
def out(shop: Shop) -> Shop:
    shop.goods("TEA")
    shop.goods("CUP", west=5)
    return shop


def test_as_many_as_there_are_units_are_told_in_the_order_they_asked(out: Shop) -> None:
    first, second, third = waits(out, "TEA"), waits(out, "TEA"), waits(out, "TEA")
    arrives(out, "TEA", 2)
    assert standing(first, second, third) == [("told", 1), ("told", 1), ("waiting", 0)]
    assert arrivals() == [str(first.id), str(second.id)]
    assert out.stock("TEA") == {"west": (2, 2)}
    event = EventRow.objects.filter(kind="supply.arrived").first()
    assert event is not None
    assert (event.data["customer_id"], event.data["variant_id"]) == (
        str(first.customer_id),
        str(out.variants["TEA"].id),
    )


def test_serving_again_tells_nobody_twice(out: Shop) -> None:
    waits(out, "TEA", 2)
    arrives(out, "TEA", 5)
    assert serve(out.variants["TEA"].id) == []
    assert len(arrivals()) == 1 and out.stock("TEA") == {"west": (5, 2)}


def test_whoever_wants_more_than_came_gets_what_there_is(out: Shop) -> None:
    many, one = waits(out, "TEA", 5), waits(out, "TEA")
    arrives(out, "TEA", 3)
    assert standing(many, one) == [("told", 3), ("waiting", 0)]


def test_a_hold_may_lie_in_two_warehouses(out: Shop) -> None:
    many = waits(out, "TEA", 3)
    out_variant = out.variants["TEA"].id
    inventory.receive(out.boss, variant_id=out_variant, warehouse_id=out.warehouses["east"].id, quantity=1)
    arrives(out, "TEA", 4)
    assert standing(many) == [("told", 3)]
    assert sum(allocated for _, allocated in out.stock("TEA").values()) == 3


def test_goods_to_be_ordered_back_are_not_an_arrival(out: Shop) -> None:
    notice = waits(out, "TEA")
    inventory.set_backorderable(
        out.boss, variant_id=out.variants["TEA"].id, warehouse_id=out.warehouses["west"].id, allowed=True
    )
    assert serve(out.variants["TEA"].id) == []
    assert standing(notice) == [("waiting", 0)]


def test_the_events_of_stock_and_of_asking_serve_the_queue(out: Shop) -> None:
    notice = waits(out, "TEA")
    inventory.receive(
        out.boss, variant_id=out.variants["TEA"].id, warehouse_id=out.warehouses["west"].id, quantity=1
    )
    run_handlers("stock.changed", on_stock_changed)
    run_handlers("stock.changed", on_stock_changed)
    assert standing(notice) == [("told", 1)] and len(arrivals()) == 1
    run_handlers("supply.notice_changed", on_notice_changed)
    assert len(arrivals()) == 1


def test_an_order_that_is_cancelled_serves_the_queue(out: Shop) -> None:
    order = out.place(("CUP", 5))
    notice = waits(out, "CUP")
    cancel_order(out.boss, order.id, reason="changed mind", version=order.version)
    run_handlers("stock.changed", on_stock_changed)
    assert standing(notice) == [("told", 1)]


def test_ordering_uses_the_hold(out: Shop) -> None:
    who = customer(out)
    notice, next_one = waits(out, "TEA", 2, who=who), waits(out, "TEA")
    arrives(out, "TEA", 2)
    with pytest.raises(inventory.InsufficientStock):
        out.place(("TEA", 1))
    assert units_kept(who.id, [out.variants["TEA"].id]) == {out.variants["TEA"].id: 2}
    order = out.place(("TEA", 1), customer_id=who.id)
    assert standing(notice) == [("bought", 0)]
    assert ArrivalNotice.objects.get(id=notice.id).order_id == order.id
    assert out.stock("TEA") == {"west": (2, 1)}, "the unit left over is free"
    run_handlers("stock.changed", on_stock_changed)
    assert standing(next_one) == [("told", 1)]
    assert integrity.find_in("supply") == [] and inventory.recount() == []


def test_an_order_that_fails_leaves_the_hold(out: Shop) -> None:
    who = customer(out)
    notice = waits(out, "TEA", who=who)
    arrives(out, "TEA", 1)
    with pytest.raises(inventory.InsufficientStock):
        out.place(("TEA", 2), customer_id=who.id)
    assert standing(notice) == [("told", 1)] and out.stock("TEA") == {"west": (1, 1)}


def test_the_same_order_twice_uses_the_hold_once(out: Shop) -> None:
    who = customer(out)
    waits(out, "TEA", 2, who=who)
    arrives(out, "TEA", 2)
    draft = out.draft(("TEA", 1), customer_id=who.id)
    first = place_order(out.boss, draft, idempotency_key="twice-for-a-hold")
    assert place_order(out.boss, draft, idempotency_key="twice-for-a-hold").id == first.id
    assert out.stock("TEA") == {"west": (2, 1)}


def test_others_orders_leave_a_hold_alone(out: Shop) -> None:
    notice = waits(out, "TEA")
    arrives(out, "TEA", 2)
    out.place(("TEA", 1), customer_id=customer(out, "Ben Example").id)
    assert standing(notice) == [("told", 1)] and out.stock("TEA") == {"west": (2, 2)}


def test_when_time_is_over_the_next_are_told(out: Shop) -> None:
    first, second = waits(out, "TEA"), waits(out, "TEA")
    arrives(out, "TEA", 1)
    until = ArrivalNotice.objects.get(id=first.id).held_until
    assert until is not None
    with frozen(until - timedelta(seconds=1)):
        assert not expire(first.id)
    with frozen(until):
        assert expire(first.id) and not expire(first.id)
    assert standing(first, second) == [("expired", 0), ("told", 1)]
    assert arrivals() == [str(first.id), str(second.id)]
    assert out.stock("TEA") == {"west": (1, 1)}


def test_the_shop_sets_how_long_goods_are_held(out: Shop) -> None:
    set_rules(out.staff("supply.rules"), RulesDraft(hold_hours=6), version=0)
    notice = waits(out, "TEA")
    with frozen(datetime(2027, 1, 5, 12, tzinfo=UTC)):
        arrives(out, "TEA", 1)
        assert ArrivalNotice.objects.get(id=notice.id).held_until == now() + timedelta(hours=6)


def test_wrong_rules_are_all_named_and_a_stale_change_is_refused(out: Shop) -> None:
    boss = out.staff("supply.rules")
    with pytest.raises(Invalid) as refused:
        set_rules(boss, RulesDraft(window_days=0, lead_days=-1, cover_days=0, hold_hours=721), version=0)
    assert set(refused.value.fields) == {"window_days", "lead_days", "cover_days", "hold_hours"}
    set_rules(boss, RulesDraft(), version=0)
    with pytest.raises(StaleRules):
        set_rules(boss, RulesDraft(), version=0)
    with pytest.raises(PermissionDenied):
        set_rules(out.staff("supply.buy"), RulesDraft(), version=1)


def test_taking_it_back_frees_the_hold(out: Shop) -> None:
    who = customer(out)
    notice = waits(out, "TEA", who=who)
    arrives(out, "TEA", 1)
    cancel_notice(customer_actor(who), notice.id)
    assert standing(notice) == [("cancelled", 0)] and out.stock("TEA") == {"west": (1, 0)}
    with pytest.raises(NoticeEnded):
        cancel_notice(customer_actor(who), notice.id)


def test_nobody_takes_back_what_is_somebody_elses(out: Shop) -> None:
    notice = waits(out, "TEA")
    arrives(out, "TEA", 1)
    others = (customer_actor(customer(out, "Ben Example")), guest_actor(out.tenant_id))
    entries = AuditEntry.objects.count()
    for actor in others:
        with pytest.raises(NotFound):
            cancel_notice(actor, notice.id)
        with pytest.raises(NotFound):
            get_notice(actor, notice.id)
    with pytest.raises(PermissionDenied):
        cancel_notice(out.staff("supply.view"), notice.id)
    assert standing(notice) == [("told", 1)] and AuditEntry.objects.count() == entries


def test_a_call_is_a_task_that_ends_with_the_hold(out: Shop) -> None:
    who = customer(out)
    notice = waits(out, "TEA", channel="call", who=who)
    arrives(out, "TEA", 1)
    task = Task.objects.get(kind="call_back_arrival")
    assert (task.subject_id, task.customer_id, task.calls, task.state) == (notice.id, who.id, True, "open")
    assert task.data == {"sku": "TEA", "units": 1} and arrivals() == []
    out.place(("TEA", 1), customer_id=who.id)
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "bought")


def test_asking_twice_keeps_the_place(out: Shop) -> None:
    who = customer(out)
    first = waits(out, "TEA", who=who)
    second = waits(out, "TEA")
    again = waits(out, "TEA", 3, channel="mail", who=who)
    assert again.id == first.id
    assert (again.quantity, again.channel) == (3, "mail")
    arrives(out, "TEA", 3)
    assert standing(first, second) == [("told", 3), ("waiting", 0)]
    assert waits(out, "TEA", 9, who=who).quantity == 3, "told already"


def test_what_is_in_stock_is_not_waited_for(out: Shop) -> None:
    with pytest.raises(InStock):
        waits(out, "CUP")
    assert not ArrivalNotice.objects.exists()


def test_customers_ask_for_themselves_only(out: Shop) -> None:
    who, other = customer(out), customer(out, "Ben Example")
    tea = out.variants["TEA"].id
    assert ask_notice(customer_actor(who), variant_id=tea, channel="sms").customer_id == who.id
    refused: list[tuple[Actor, object]] = [
        (customer_actor(who), other.id), (guest_actor(out.tenant_id), None), (out.staff("supply.view"), who.id),
    ]  # fmt: skip
    for actor, wanted in refused:
        with pytest.raises(PermissionDenied):
            ask_notice(actor, variant_id=tea, channel="sms", customer_id=wanted)  # type: ignore[arg-type]
    assert [each.customer_id for each in notices_of(who.id)] == [who.id]
    assert ArrivalNotice.objects.count() == 1


def test_everything_wrong_is_named_at_once(out: Shop) -> None:
    who = customer(out)
    Email.objects.filter(customer=who).delete()
    Customer.objects.filter(id=who.id).update(blocked=True)
    with pytest.raises(Invalid) as refused:
        waits(out, "TEA", 0, channel="mail", who=who)
    assert set(refused.value.fields) == {"customer_id", "quantity", "channel"}
    Phone.objects.filter(customer=who).delete()
    for channel in ("sms", "call", "pigeon"):
        with pytest.raises(Invalid) as refused:
            waits(out, "TEA", 1000, channel=channel, who=who)
        assert set(refused.value.fields) == {"customer_id", "quantity", "channel"}
    assert not ArrivalNotice.objects.exists()


def test_a_lost_hold_is_found_by_the_recount(out: Shop) -> None:
    notice = waits(out, "TEA")
    arrives(out, "TEA", 1)
    assert integrity.find_in("supply") == []
    Reservation.objects.filter(order_id=notice.id).update(state="released")
    (found,) = integrity.find_in("supply")
    assert (found.what, found.found, found.expected) == ("units held for an arrival notice", "1", "0")


def test_the_movements_name_the_notice(out: Shop) -> None:
    notice = waits(out, "TEA")
    arrives(out, "TEA", 1)
    cancel_notice(out.boss, notice.id, reason="bought elsewhere")
    found = Movement.objects.filter(document_kind="arrival_notice", document_id=notice.id).order_by("id")
    assert [(row.kind, row.allocated_change) for row in found] == [("reserve", 1), ("release", -1)]
