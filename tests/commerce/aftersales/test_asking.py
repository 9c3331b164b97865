"""What may be asked for, until when, and how many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Case, Warranty
from callcart.commerce.aftersales.public import AskDraft, AskLine, RulesDraft
from callcart.commerce.aftersales.rules import add_months
from callcart.commerce.catalog.public import CategoryDraft, create_category
from callcart.commerce.orders.public import following
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import new_id
from callcart.core.models import Event
from tests.commerce.aftersales.counter import Counter, usd


def refused(counter: Counter, order, *units: int, **changes) -> dict[str, str]:
    before = Case.objects.count()
    with pytest.raises(Invalid) as error:
        counter.ask(order, *units, **changes)
    assert Case.objects.count() == before
    return error.value.fields


def test_a_return_is_asked_for_of_some_units(counter: Counter) -> None:
    order = counter.delivered(("A", 3), ("B", 1))
    case = counter.ask(order, 2)
    assert (case.state, case.wish, case.currency, case.order_id) == ("asked", "refund", "USD", order.id)
    assert [(row.sku, row.quantity) for row in case.lines.all()] == [("A", 2)]
    event = Event.objects.filter(kind="aftersales.changed").latest("id")
    assert event.data == {"order_id": str(order.id), "return_id": str(case.id), "state": "asked"}
    assert [row.free for row in aftersales.askable(counter.shop.boss, order.id)] == [1, 1]
    counter.adds_up()


def test_never_more_than_was_delivered_less_what_was_asked_for(counter: Counter) -> None:
    order = counter.delivered(("A", 3))
    first = counter.ask(order, 2)
    assert refused(counter, order, 2) == {"lines.0.quantity": "Give a quantity from 1 to 1."}
    counter.ask(order, 1)
    assert refused(counter, order, 1) == {"lines.0.quantity": "All of this was asked for already."}
    aftersales.refuse(counter.shop.boss, first.id, version=first.version, answer="worn")
    counter.ask(order, 2)  # what was refused is free again
    for wrong in (0, -1, 10**9):
        draft = AskDraft("return", "other", (AskLine(order.lines.get().id, wrong),))
        with pytest.raises(Invalid):
            aftersales.ask(counter.shop.boss, order.id, draft, idempotency_key=str(new_id()))


def test_nothing_is_returned_before_it_was_delivered(counter: Counter) -> None:
    order = counter.delivered(("A", 1), state="in_transit")
    assert refused(counter, order, 1) == {"lines.0.quantity": "This has not been delivered yet."}


def test_days_after_delivery_by_kind(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    with clock.frozen(clock.now() + timedelta(days=14)):
        counter.ask(order, 1)
    with clock.frozen(clock.now() + timedelta(days=16)):
        assert refused(counter, order, 1)["lines.0.quantity"].startswith("The time for this ended on ")
        assert counter.ask(order, 1, kind="claim", reason="damaged", wish="refund").kind == "claim"


def test_a_category_may_have_its_own_days_or_none_and_the_closest_counts(counter: Counter) -> None:
    boss = counter.shop.boss
    food = create_category(boss, CategoryDraft(name="Food", slug="food"))
    fresh = create_category(boss, CategoryDraft(name="Fresh", slug="fresh", parent_id=food.id))
    product = counter.shop.variants["A"].product
    product.category = fresh
    product.save(update_fields=["category"])
    rules = RulesDraft(days={("return", food.id): None, ("return", None): 30})
    saved = aftersales.set_rules(boss, rules, version=1)
    order = counter.delivered(("A", 1), ("B", 1))
    assert refused(counter, order, 1, 1) == {"lines.0.quantity": "Goods of this kind are not taken back."}
    aftersales.set_rules(
        boss, replace(rules, days={**rules.days, ("return", fresh.id): 1}), version=saved.version
    )
    assert counter.ask(order, 1).state == "asked"
    with clock.frozen(clock.now() + timedelta(days=30)):
        assert counter.ask(order, 0, 1).state == "asked"


def test_warranty_by_product_in_months(counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    asked = {"kind": "repair", "reason": "faulty"}
    assert refused(counter, order, 1, **asked) == {
        "lines.0.quantity": "There is no warranty on this product."
    }
    aftersales.set_warranty(counter.shop.boss, counter.shop.variants["A"].product_id, months=24)
    with clock.frozen(clock.now() + timedelta(days=700)):
        assert counter.ask(order, 1, **asked).wish == "repair"
    with clock.frozen(clock.now() + timedelta(days=740)):
        assert "lines.0.quantity" in refused(counter, order, 1, **asked)
    aftersales.set_warranty(counter.shop.boss, counter.shop.variants["A"].product_id, months=0)
    assert not Warranty.objects.exists()


def test_months_end_on_the_months_last_day() -> None:
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 11, 30), 14) == date(2026, 1, 30)


def test_only_who_may_lets_a_late_one_pass(counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    clerk = counter.shop.staff("aftersales.ask", "orders.view")
    senior = counter.shop.staff("aftersales.ask", "aftersales.exception", "orders.view")
    with clock.frozen(clock.now() + timedelta(days=60)):
        assert "lines.0.quantity" in refused(counter, order, 1, actor=clerk, against_rules=True)
        assert counter.ask(order, 1, actor=senior, against_rules=True).against_rules


def test_every_wrong_field_is_named(counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    wrong = refused(counter, order, 1, kind="claim", reason="changed_mind", wish="repair", text="x" * 2001)
    assert set(wrong) == {"reason", "wish", "text"}
    assert set(refused(counter, order, 1, kind="gift")) == {"kind"}
    assert refused(counter, order) == {"lines": "Choose at least one product."}


def test_lines_of_another_order_do_not_exist(counter: Counter) -> None:
    order, other = counter.delivered(("A", 1)), counter.delivered(("B", 1))
    draft = AskDraft("return", "other", (AskLine(other.lines.get().id, 1),))
    with pytest.raises(NotFound):
        aftersales.ask(counter.shop.boss, order.id, draft, idempotency_key="one")
    assert not Case.objects.exists()


def test_the_same_key_asks_once(counter: Counter) -> None:
    order = counter.delivered(("A", 2))
    draft = AskDraft("return", "other", (AskLine(order.lines.get().id, 1),))
    first = aftersales.ask(counter.shop.boss, order.id, draft, idempotency_key="press")
    assert aftersales.ask(counter.shop.boss, order.id, draft, idempotency_key="press").id == first.id
    with pytest.raises(KeyReused):
        aftersales.ask(counter.shop.boss, order.id, replace(draft, text="more"), idempotency_key="press")
    assert Case.objects.count() == 1


def test_a_customer_asks_for_their_own_orders_only_and_decides_nothing(counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    stranger = Actor(counter.shop.tenant_id, ActorKind.CUSTOMER)
    with pytest.raises(NotFound):
        counter.ask(order, 1, actor=stranger)
    visitor = following(stranger, [order.id])
    case = counter.ask(order, 1, actor=visitor)
    with pytest.raises(PermissionDenied):
        aftersales.approve(visitor, case.id, version=case.version)
    case.refresh_from_db()
    assert case.state == "asked"
    with pytest.raises(NotFound):
        aftersales.case_detail(stranger, case.id)
    assert aftersales.cancel(visitor, case.id, version=case.version).state == "cancelled"
    assert aftersales.askable(visitor, order.id)[0].free == 1


def test_staff_without_the_permission(counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    with pytest.raises(PermissionDenied):
        counter.ask(order, 1, actor=counter.shop.staff("orders.view"))
    case = counter.ask(order, 1)
    nobody = counter.shop.staff("orders.view", "aftersales.view")
    with pytest.raises(PermissionDenied):
        aftersales.approve(nobody, case.id, version=1)
    assert usd(1000) == aftersales.case_detail(nobody, case.id).value
    case.refresh_from_db()
    assert (case.state, case.version) == ("asked", 1)


def test_rules_say_all_that_is_wrong(counter: Counter) -> None:
    bad = RulesDraft(
        auto_below_minor=-1, fee_bp=10_001, wait_days=0, carriage="maybe", days={("return", None): -1}
    )
    with pytest.raises(Invalid) as error:
        aftersales.set_rules(counter.shop.boss, bad, version=1)
    assert set(error.value.fields) == {"auto_below", "fee", "wait_days", "carriage", "days.return.all"}
    aftersales.set_rules(counter.shop.boss, RulesDraft(fee_bp=500), version=1)
    with pytest.raises(aftersales.StaleRules):
        aftersales.set_rules(counter.shop.boss, RulesDraft(fee_bp=600), version=1)
    assert aftersales.rules_of().fee_bp == 500
