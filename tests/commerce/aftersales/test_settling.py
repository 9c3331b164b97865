"""Receiving, inspecting, and what follows: stock, money, replacements, what goes back."""

from __future__ import annotations

import pytest

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import FindingDraft, RulesDraft, Settlement
from callcart.commerce.aftersales.settling import MoreThanApproved
from callcart.commerce.aftersales.worth import share
from callcart.commerce.inventory.public import Movement, Stock
from callcart.commerce.orders.public import Order, approve_order, hand_over
from callcart.commerce.payments.public import (
    Refund,
    TooMuchRefund,
    credit_of_customer,
    finish_refund,
    request_refund,
)
from callcart.commerce.payments.public import receive as receive_money
from callcart.commerce.shipping.public import open_dispatches
from callcart.core import events
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.approvals.public import NeedsApproval
from callcart.people.customers.models import Customer
from callcart.people.staff.public import actor_of, create_role, create_staff, get_staff
from tests.commerce.aftersales.counter import Counter, line_of, usd


def refunds(order: Order) -> list[int]:
    rows = Refund.objects.filter(payment__order_id=order.id).exclude(state="cancelled")
    return list(rows.order_by("id").values_list("amount_minor", flat=True))


def pay_out(counter: Counter, order: Order) -> None:
    with events.handled_at_once():
        for row in Refund.objects.filter(payment__order_id=order.id, state="in_flight"):
            finish_refund(counter.shop.boss, row.id, reference="paid")


@pytest.mark.parametrize("whole", [0, 1, 100, 999])
@pytest.mark.parametrize("units", [1, 3, 7])
def test_units_share_a_line_without_rest(whole: int, units: int) -> None:
    each = [share(whole, units, at, 1) for at in range(units)]
    assert each == [part.minor for part in Money(whole, "USD").allocate([1] * units)]
    assert sum(each) == whole == share(whole, units, 0, units)


def test_back_on_the_shelf_and_the_money_on_its_way(counter: Counter) -> None:
    order = counter.delivered(("A", 3))
    before = counter.shop.stock("A")["west"][0]
    case = counter.inspect(counter.received(order, 2))
    assert counter.shop.stock("A")["west"] == (before + 2, 0)
    movement = Movement.objects.get(document_id=case.id)
    assert (movement.document_kind, movement.on_hand_change, movement.reason) == ("return", 2, case.number)
    assert refunds(order) == []
    case = counter.settle(case)
    order.refresh_from_db()
    assert refunds(order) == [2000]
    assert (case.state, order.fulfilment_state, order.payment_state) == (
        "settled",
        "part_returned",
        "refund_due",
    )
    pay_out(counter, order)
    case.refresh_from_db()
    order.refresh_from_db()
    assert (case.state, order.payment_state) == ("closed", "part_refunded")
    told = [row.data["state"] for row in Event.objects.filter(kind="aftersales.changed").order_by("id")]
    assert told == ["asked", "approved", "received", "inspected", "refunded", "closed"]
    counter.adds_up()


def test_the_last_return_gives_the_delivery_back_and_all_of_it_is_what_was_paid(counter: Counter) -> None:
    order = counter.delivered(("A", 1), ("B", 3))
    first = counter.returned(order, 0, 2)
    assert (first.goods_minor, first.delivery_minor) == (666, 0)
    second = counter.returned(order, 1, 1)
    assert (second.goods_minor, second.delivery_minor) == (1333, 500)
    assert sum(refunds(order)) == order.total_minor == 2499
    order.refresh_from_db()
    assert order.fulfilment_state == "returned"
    counter.adds_up()


def test_a_discount_is_shared_over_the_units_to_the_cent(counter: Counter) -> None:
    order = counter.delivered(("B", 3))
    line = order.lines.get()
    type(line).objects.filter(id=line.id).update(discount_minor=100, total_minor=899)
    Order.objects.filter(id=order.id).update(goods_minor=899, discount_minor=100, total_minor=1399)
    given = [counter.returned(order, 1).goods_minor for _ in range(3)]
    assert given == [300, 300, 299]


@pytest.mark.parametrize(
    ("carriage", "reason", "given"),
    [
        ("never", "faulty", 0),
        ("fault", "faulty", 167),
        ("fault", "changed_mind", 0),
        ("all_back", "changed_mind", 0),
    ],
)
def test_delivery_by_rule(counter: Counter, carriage: str, reason: str, given: int) -> None:
    aftersales.set_rules(counter.shop.boss, RulesDraft(carriage=carriage), version=1)
    case = counter.returned(counter.delivered(("A", 3)), 1, reason=reason)
    assert case.delivery_minor == given


def test_a_fee_where_the_fault_is_not_ours(counter: Counter) -> None:
    aftersales.set_rules(counter.shop.boss, RulesDraft(fee_bp=1500), version=1)
    order = counter.delivered(("A", 3))
    assert counter.returned(order, 1).refund_minor == 850
    assert counter.returned(order, 1, reason="faulty").fee_minor == 0
    case = counter.inspect(counter.received(order, 1))
    with pytest.raises(Invalid) as error:
        counter.settle(case, fee_minor=1001, delivery_minor=501)
    assert set(error.value.fields) == {"fee", "delivery"}
    assert counter.settle(case, fee_minor=0, delivery_minor=0).refund_minor == 1000
    counter.adds_up()


def test_never_more_than_is_left_of_what_came_in(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    request_refund(counter.shop.boss, order.id, amount=usd(2200), reason="sorry", idempotency_key="before")
    case = counter.inspect(counter.received(order, 2))
    proposal = aftersales.preview(counter.shop.boss, case.id)
    assert (proposal.due, proposal.total, proposal.capped) == (usd(2500), usd(300), True)
    counter.settle(case)
    assert sum(refunds(order)) == order.total_minor
    with pytest.raises(TooMuchRefund):
        request_refund(counter.shop.boss, order.id, amount=usd(1), reason="x", idempotency_key="after")
    counter.adds_up()


def test_to_store_credit(counter: Counter) -> None:
    person = Customer.objects.create(number="78", name="Ada Example")
    order = counter.delivered(("A", 1), customer_id=person.id)
    case = counter.settle(counter.inspect(counter.received(order, 1)), to="store_credit")
    assert (case.refund_to, case.state) == ("store_credit", "closed")
    assert credit_of_customer(person.id, "USD") == usd(1500)


def test_conditions_of_what_stays_and_what_it_costs(counter: Counter) -> None:
    order = counter.delivered(("A", 3))
    case = counter.received(order, 3)
    line = line_of(case, "A")
    findings = [
        FindingDraft(line, 1, "restock", "refund"),
        FindingDraft(line, 1, "damaged", "refund", note="scratched"),
        FindingDraft(line, 1, "write_off", "refund"),
    ]
    case = aftersales.inspect(counter.shop.boss, case.id, findings, version=case.version)
    row = Stock.objects.get(variant=counter.shop.variants["A"], warehouse__code="west")
    assert (row.on_hand, row.damaged) == (48, 1)
    assert aftersales.case_detail(counter.shop.boss, case.id).costs == usd(
        2000
    )  # what two are sold for: no cost is known
    counter.settle(case)
    counter.adds_up()


def test_rejected_goods_go_back_and_no_money(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    case = counter.settle(counter.inspect(counter.received(order, 1), "send_back", ""))
    order.refresh_from_db()
    assert (case.state, refunds(order), order.fulfilment_state) == ("settled", [], "delivered")
    case = aftersales.send_back(
        counter.shop.boss, case.id, carrier="Post", tracking="X1", cost=usd(450), version=case.version
    )
    case.refresh_from_db()
    assert (case.state, [each.kind for each in case.costs.all()]) == ("closed", ["freight"])
    assert aftersales.askable(counter.shop.boss, order.id)[0].free == 2
    with pytest.raises(aftersales.WrongCaseState):
        aftersales.send_back(counter.shop.boss, case.id, carrier="P", tracking="", version=case.version)
    counter.adds_up()


def test_a_repair_goes_out_and_back(counter: Counter) -> None:
    aftersales.set_warranty(counter.shop.boss, counter.shop.variants["A"].product_id, months=12)
    order = counter.delivered(("A", 1))
    case = counter.received(order, 1, kind="repair", reason="faulty")
    cost = {"kind": "labour", "amount": usd(700), "note": "new switch", "idempotency_key": "c"}
    aftersales.add_cost(counter.shop.boss, case.id, **cost)
    aftersales.add_cost(counter.shop.boss, case.id, **cost)
    case = counter.settle(counter.inspect(case, "repair", "repair"))
    assert counter.shop.stock("A")["west"] == (49, 0)  # never in our stock
    case = aftersales.send_back(counter.shop.boss, case.id, carrier="Post", tracking="", version=case.version)
    assert case.state == "closed"
    assert aftersales.case_detail(counter.shop.boss, case.id).costs == usd(700)


def test_an_exchange_for_the_same_is_free(counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    case = counter.settle(
        counter.inspect(counter.received(order, 1, kind="exchange", reason="faulty"), "damaged", "replace")
    )
    new = Order.objects.get(id=case.exchange_order_id)
    assert (new.total_minor, new.delivery_minor, refunds(order)) == (0, 0, [])
    assert [(line.sku, line.quantity) for line in new.lines.all()] == [("A", 1)]
    assert counter.shop.stock("A")["west"] == (49, 1)
    counter.adds_up()


def test_an_exchange_for_another_asks_or_gives_the_difference(counter: Counter) -> None:
    counter.shop.goods("DEAR", price=1500, west=5)
    for wanted, total, given in (("DEAR", 1000, []), ("B", 0, [1334])):
        order = counter.delivered(("A", 2))
        line = order.lines.get()
        draft = aftersales.AskDraft(
            "exchange", "does_not_fit",
            (aftersales.AskLine(line.id, 2, exchange_variant_id=counter.shop.variants[wanted].id),),
        )  # fmt: skip
        case = aftersales.ask(counter.shop.boss, order.id, draft, idempotency_key=str(new_id()))
        case = aftersales.approve(counter.shop.boss, case.id, version=1)
        case = counter.settle(counter.inspect(counter.receive(case), "restock", "replace"))
        assert (Order.objects.get(id=case.exchange_order_id).total_minor, refunds(order)) == (total, given)
    counter.adds_up()


def test_what_never_came_is_settled_without_goods(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    case = counter.accepted(order, 1, kind="claim", reason="missing", wish="refund")
    case = counter.settle(case)
    assert (case.goods_minor, case.delivery_minor, refunds(order)) == (1000, 250, [1250])
    counter.adds_up()


def test_less_comes_than_was_asked_for(counter: Counter) -> None:
    order = counter.delivered(("A", 3))
    case = counter.accepted(order, 3)
    place = counter.shop.warehouses["west"].id
    line = line_of(case, "A")
    for wrong in ({}, {line: 0}, {line: 4}, {line: -1}):
        with pytest.raises(Invalid):
            aftersales.receive(
                counter.shop.boss, case.id, units=wrong, warehouse_id=place, version=case.version
            )
    case = aftersales.receive(
        counter.shop.boss, case.id, units={line: 1}, warehouse_id=place, version=case.version
    )
    assert aftersales.askable(counter.shop.boss, order.id)[0].free == 2
    counter.settle(counter.inspect(case))
    assert refunds(order) == [1000]
    counter.adds_up()


def test_what_was_found_must_be_all_that_came(counter: Counter) -> None:
    case = counter.received(counter.delivered(("A", 2)), 2)
    line = line_of(case, "A")
    for findings, names in (
        ([FindingDraft(line, 1, "restock", "refund")], {f"lines.{line}"}),
        ([FindingDraft(line, 3, "restock", "refund")], {f"lines.{line}"}),
        ([FindingDraft(line, 2, "restock", "repair")], {"findings.0.remedy"}),
        ([FindingDraft(line, 2, "send_back", "refund")], {"findings.0.remedy"}),
        ([FindingDraft(line, 2, "eaten", "")], {"findings.0.goods"}),
        (
            [FindingDraft(line, 3, "restock", "refund"), FindingDraft(line, -1, "damaged", "refund")],
            {"findings.1.quantity"},
        ),
    ):
        with pytest.raises(Invalid) as error:
            aftersales.inspect(counter.shop.boss, case.id, findings, version=case.version)
        assert set(error.value.fields) == names
    case.refresh_from_db()
    assert case.state == "received"
    assert counter.shop.stock("A")["west"] == (48, 0)


def test_limits_of_refund_and_of_writing_off_hold(counter: Counter) -> None:
    clerk = counter.shop.staff(
        "aftersales.settle",
        "aftersales.receive",
        "orders.view",
        "inventory.receive",
        payments__refund=Grant(limit=500),
    )
    case = counter.received(counter.delivered(("A", 1)), 1)
    line = line_of(case, "A")
    with pytest.raises(PermissionDenied):
        aftersales.inspect(
            clerk, case.id, [FindingDraft(line, 1, "write_off", "refund")], version=case.version
        )
    case = aftersales.inspect(
        clerk, case.id, [FindingDraft(line, 1, "restock", "refund")], version=case.version
    )
    with pytest.raises(NeedsApproval):
        aftersales.settle(clerk, case.id, Settlement(), version=case.version)
    case.refresh_from_db()
    assert (case.state, Refund.objects.count()) == ("inspected", 0)


def test_settled_once(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    case = counter.inspect(counter.received(order, 1))
    version = case.version
    counter.settle(case)
    with pytest.raises(aftersales.StaleCase):
        aftersales.settle(counter.shop.boss, case.id, Settlement(), version=version)
    with pytest.raises(aftersales.WrongCaseState):
        aftersales.settle(counter.shop.boss, case.id, Settlement(), version=version + 1)
    assert refunds(order) == [1000]


def test_an_approved_refund_does_not_grow_with_money_that_came_later(counter: Counter) -> None:
    """The order went out on trust, a part of it paid; 10.00 is all that could be given back when somebody was asked."""
    boss = counter.shop.boss
    with events.handled_at_once():
        order = counter.shop.place(("A", 2), payment_method="prepaid")
        receive_money(boss, order_id=order.id, method="cash", amount=usd(1000), idempotency_key="r1")
        approve_order(boss, order.id, version=Order.objects.get(id=order.id).version)
        for each in open_dispatches(order.id):
            hand_over(boss, each.id)
    counter.scan(counter.parcels(order)[0], "delivered")
    case = counter.inspect(counter.received(order, 2))
    clerk = counter.shop.staff("aftersales.settle", "orders.view", payments__refund=Grant(limit=0))
    role = create_role(
        boss, name="Lead", wanted={"payments.refund": {}, "aftersales.settle": {}, "orders.view": {}}
    )
    lead = create_staff(
        boss, email="lead@shop.example", name="Lead", password="long-enough-word-1", role_ids=[role.id]
    )
    approver = actor_of(get_staff(lead.id))
    asked = aftersales.ask_to_settle(clerk, case.id, Settlement(), version=case.version, reason="came broken")
    assert asked.amount == usd(1000)
    with events.handled_at_once():
        receive_money(boss, order_id=order.id, method="cash", amount=usd(900), idempotency_key="r2")
    with pytest.raises(MoreThanApproved) as refused:
        approvals.approve(approver, asked.id)
    assert refused.value.details == {"due": "$19.00", "approved": "$10.00"}
    case.refresh_from_db()
    assert (case.state, refunds(order)) == ("inspected", [])
    approvals.refuse(approver, asked.id, reason="more has come in")
    again = aftersales.ask_to_settle(clerk, case.id, Settlement(), version=case.version, reason="all of it")
    with events.handled_at_once():
        request_refund(boss, order.id, amount=usd(600), reason="less is left", idempotency_key="k")
        approvals.approve(approver, again.id)  # less than was approved goes through
    assert refunds(order) == [600, 300, 1000]
    counter.adds_up()
