"""Accepting, refusing, withdrawing; by itself by the shop's rules; above one's limit by asking."""

from __future__ import annotations

import pytest

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import RulesDraft
from callcart.commerce.orders.public import Order, order_detail
from callcart.core.actor import Grant
from callcart.core.errors import Invalid
from callcart.core.ids import spoken
from callcart.core.models import Event
from callcart.people.approvals import public as approvals
from callcart.people.customers.models import Customer
from callcart.people.staff.models import Role
from callcart.people.staff.public import actor_of, create_staff
from tests.commerce.aftersales.counter import Counter


def told() -> list[str]:
    return [row.data["state"] for row in Event.objects.filter(kind="aftersales.changed").order_by("id")]


def test_accepted_means_waiting_for_the_goods_and_the_order_shows_it(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    case = counter.accepted(order, 1)
    order.refresh_from_db()
    assert (case.state, order.fulfilment_state, order.lines.get().returning) == ("waiting", "returning", 1)
    assert told() == ["asked", "approved"]
    said = [
        row.text for row in order_detail(counter.shop.boss, order.id).history if row.kind == "return_moved"
    ]
    assert said == [f"Return {spoken(case.number)} asked for", f"Return {spoken(case.number)} accepted"]
    aftersales.cancel(counter.shop.boss, case.id, version=case.version)
    order.refresh_from_db()
    assert (order.fulfilment_state, order.lines.get().returning) == ("delivered", 0)
    counter.adds_up()


def test_what_is_missing_is_accepted_without_waiting(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    case = counter.accepted(order, 1, kind="claim", reason="missing", wish="refund")
    assert case.state == "approved"
    order.refresh_from_db()
    assert order.fulfilment_state == "delivered"


def test_a_refusal_says_why(counter: Counter) -> None:
    case = counter.ask(counter.delivered(("A", 1)), 1)
    with pytest.raises(Invalid) as error:
        aftersales.refuse(counter.shop.boss, case.id, version=1, answer=" ")
    assert set(error.value.fields) == {"answer"}
    assert aftersales.refuse(counter.shop.boss, case.id, version=1, answer="Worn").answer == "Worn"
    assert told() == ["asked", "refused"]


def test_of_two_who_decide_the_second_is_told(counter: Counter) -> None:
    case = counter.ask(counter.delivered(("A", 1)), 1)
    aftersales.approve(counter.shop.boss, case.id, version=1)
    with pytest.raises(aftersales.StaleCase):
        aftersales.refuse(counter.shop.boss, case.id, version=1, answer="no")
    with pytest.raises(aftersales.WrongCaseState):
        aftersales.refuse(counter.shop.boss, case.id, version=2, answer="no")
    assert told() == ["asked", "approved"]


def test_above_the_limit_somebody_else_decides(counter: Counter) -> None:
    roles = [
        Role.objects.create(
            key=key, name=key, grants={"aftersales.approve": {"limit": limit}, "orders.view": {}}
        )
        for key, limit in (("low", 500), ("high", None))
    ]
    low, high = (
        actor_of(
            create_staff(
                counter.shop.boss,
                email=f"{role.key}@x.example",
                name=role.key,
                password="long enough pw 1",
                role_ids=[role.id],
            )
        )
        for role in roles
    )
    case = counter.ask(counter.delivered(("A", 1)), 1)
    with pytest.raises(approvals.NeedsApproval):
        aftersales.approve(low, case.id, version=1)
    case.refresh_from_db()
    assert case.state == "asked"
    request = aftersales.ask_to_approve(low, case.id, version=1, reason="A good customer")
    approvals.approve(high, request.id)
    case.refresh_from_db()
    assert case.state == "waiting"


def test_small_ones_are_accepted_by_rule(counter: Counter) -> None:
    aftersales.set_rules(counter.shop.boss, RulesDraft(auto_below_minor=1000), version=1)
    order = counter.delivered(("A", 2))
    assert counter.ask(order, 1).state == "waiting"
    assert counter.delivered(("A", 2)) and counter.ask(counter.delivered(("A", 2)), 2).state == "asked"


def test_trusted_customers_are_accepted_and_get_the_replacement_at_once(counter: Counter) -> None:
    rules = RulesDraft(auto_tiers=("gold",), at_once_tiers=("gold",))
    aftersales.set_rules(counter.shop.boss, rules, version=1)
    gold = Customer.objects.create(number="77", name="Gold Example", tier="gold")
    order = counter.delivered(("A", 2), customer_id=gold.id)
    case = counter.ask(order, 1, kind="exchange", reason="faulty")
    assert case.state == "waiting"
    case.refresh_from_db()
    replacement = Order.objects.get(id=case.exchange_order_id)
    assert (replacement.total_minor, replacement.delivery_minor, replacement.customer_id) == (0, 0, gold.id)
    assert counter.shop.stock("A")["west"][1] == 1  # held for it
    with pytest.raises(aftersales.ReplacementSent):
        aftersales.cancel(counter.shop.boss, case.id, version=case.version)
    case = counter.settle(counter.inspect(counter.receive(case), remedy="replace"))
    assert Order.objects.filter(lines__sku="A", total_minor=0).count() == 1  # not a second one
    assert case.exchange_order_id == replacement.id
    counter.adds_up()


def test_the_customer_says_how_it_was_sent(counter: Counter) -> None:
    case = counter.accepted(counter.delivered(("A", 1)), 1)
    with pytest.raises(Invalid):
        aftersales.note_sent(counter.shop.boss, case.id, carrier="Post", tracking="")
    case = aftersales.note_sent(counter.shop.boss, case.id, carrier="Post", tracking="RR1")
    assert (case.sent_by, case.sent_tracking) == ("Post", "RR1")
    assert (
        aftersales.note_sent(counter.shop.boss, case.id, carrier="Post", tracking="RR1").version
        == case.version
    )


def test_a_scope_of_orders_is_one_of_cases(counter: Counter) -> None:
    case = counter.ask(counter.delivered(("A", 1)), 1)
    far = counter.shop.staff("aftersales.view", orders__view=Grant(scope="Texas"))
    near = counter.shop.staff("aftersales.view", orders__view=Grant(scope="Oregon"))
    assert [row.case.id for row in aftersales.list_cases(near, aftersales.CaseFilters()).rows] == [case.id]
    assert aftersales.list_cases(far, aftersales.CaseFilters()).rows == ()
