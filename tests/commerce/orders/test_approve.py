"""Approval: doubts are found and said in both languages, the limit holds, one of several refusing stops no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.commerce.orders.public import (
    DecidedAlready,
    Doubtful,
    ListedAlready,
    Order,
    RulesDraft,
    StaleOrder,
    StaleRules,
    add_receiver,
    approve_by_rule,
    approve_many,
    approve_order,
    cancel_order,
    confirm_order,
    hold_many,
    keep_doubts,
    list_receivers,
    look_for_doubts,
    reject_many,
    reject_order,
    remove_receiver,
    rules_of_shop,
    say_doubts,
    set_rules,
)
from callcart.commerce.payments.receipts import receive
from callcart.commerce.shipping.public import Dispatch, open_dispatches
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.people.approvals.public import NeedsApproval
from callcart.people.customers.models import Customer
from callcart.people.customers.public import create_customer
from tests.commerce.shop import ADDRESS, Shop

PHONES = ("(212) 555-0143", "(212) 555-0144", "(212) 555-0145", "(212) 555-0146", "(212) 555-0147")


@pytest.fixture
def goods(shop: Shop) -> Shop:
    shop.goods("A", west=50)
    shop.goods("B", west=50)
    return shop


def to(number: int, **changes: str) -> dict[str, object]:
    """Another receiver in another street."""
    return {"address": replace(ADDRESS, phone=PHONES[number], street=f"{number}0 Other Street", **changes)}


def pay(shop: Shop, order: Order) -> None:
    """All of it by bank transfer."""
    receive(
        shop.boss, order_id=order.id, method="cash", amount=order.total, idempotency_key=f"pay-{order.id}"
    )


def codes(order: Order) -> list[str]:
    return list(look_for_doubts(order))


def test_approving_confirms_and_makes_documents(goods: Shop) -> None:
    order = goods.place(("A", 1))
    done = approve_order(goods.boss, order.id, version=1, note="called back")
    assert (done.state, done.version) == ("confirmed", 2)
    assert len(open_dispatches(order.id)) == 1
    row = order.history.get(kind="confirmed")
    assert row.reason == "called back"


def test_an_order_without_doubts_has_none(goods: Shop) -> None:
    order = goods.place(("A", 1))
    goods.place(("A", 1), **to(0))  # somebody else's
    goods.place(("B", 1))  # the same receiver, other goods
    assert codes(order) == []


def test_the_same_goods_to_the_same_number_or_street_are_a_duplicate(goods: Shop) -> None:
    first = goods.place(("A", 1), ("B", 1))
    again = goods.place(("A", 2), address=replace(ADDRESS, street="77 Elm Street"))
    neighbour = goods.place(("B", 1), address=replace(ADDRESS, phone=PHONES[0]))
    assert look_for_doubts(again) == {"duplicate": {"numbers": [first.number], "hours": 24}}
    assert look_for_doubts(neighbour)["duplicate"]["numbers"] == [first.number]
    cancel_order(goods.boss, first.id, reason="x", version=1)
    assert (codes(again), codes(neighbour)) == ([], [])


def test_receivers_on_the_list_are_flagged_until_they_are_taken_off(goods: Shop) -> None:
    order = goods.place(("A", 1))
    phone = add_receiver(goods.boss, kind="phone", value="+1 212 555 0142", note="never pays")
    add_receiver(goods.boss, kind="address", value="1 PINE street, Portland")
    assert codes(order) == ["listed_phone", "listed_address"]
    with pytest.raises(ListedAlready):
        add_receiver(goods.boss, kind="phone", value="(212) 555-0142")
    remove_receiver(goods.boss, phone.id)
    assert codes(order) == ["listed_address"]
    with pytest.raises(NotFound):
        remove_receiver(goods.boss, phone.id)
    with pytest.raises(Invalid) as refused:
        add_receiver(goods.boss, kind="fax", value="")
    assert set(refused.value.fields) == {"kind", "value"}
    with pytest.raises(PermissionDenied):
        add_receiver(goods.staff("orders.view"), kind="phone", value="2125550149")
    assert len(list_receivers(goods.boss)) == 1


def test_amounts_cash_and_blocked_customers_are_flagged_by_the_shops_rules(goods: Shop) -> None:
    set_rules(goods.boss, RulesDraft(large_minor=1400, first_cod_minor=1000), version=0)
    ann = create_customer(goods.boss, name="Ann Example")
    order = goods.place(("A", 1), customer_id=ann.id)
    assert look_for_doubts(order) == {"first_cod": {"limit": 1000}, "large_amount": {"limit": 1400}}
    confirm_order(goods.boss, order.id, version=1)
    later = goods.place(("B", 1), customer_id=ann.id)
    assert codes(later) == ["large_amount"]
    Order.objects.filter(id=order.id).update(fulfilment_state="returned")
    Customer.objects.filter(id=ann.id).update(blocked=True)
    assert codes(later) == ["blocked_customer", "cod_refusals", "large_amount"]


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"province": "Neverland"}, ["mismatch"]),
        ({"street": "1 A"}, ["short"]),
    ],
)
def test_odd_addresses_are_flagged(goods: Shop, changes: dict[str, str], parts: list[str]) -> None:
    order = goods.place(("A", 1), address=replace(ADDRESS, **changes))
    assert look_for_doubts(order) == {"odd_address": {"parts": parts}}


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (("浙江省", "杭州市", "西湖区"), None),
        (("浙江", "杭州", ""), None),
        (("北京市", "北京市", "朝阳区"), None),
        (("湖北省", "仙桃市", ""), None),
        (("浙江省", "南京市", "玄武区"), ["mismatch"]),
        (("浙江省", "新城", ""), None),
    ],
)
def test_a_chinese_city_belongs_to_its_province(
    goods: Shop, place: tuple[str, str, str], parts: list[str] | None
) -> None:
    province, city, district = place
    order = goods.place(("A", 1))
    order.ship_country, order.ship_province, order.ship_city, order.ship_district = (
        "CN",
        province,
        city,
        district,
    )
    order.ship_street = "文三路100号"
    assert look_for_doubts(order).get("odd_address") == (None if parts is None else {"parts": parts})


def test_every_doubt_is_said_in_both_languages(goods: Shop) -> None:
    order = goods.place(("A", 1))
    order.flags = [
        "blocked_customer", "listed_phone", "listed_address", "duplicate", "cod_refusals", "first_cod", "large_amount",
        "odd_address",
    ]  # fmt: skip
    order.flag_data = {
        "duplicate": {"numbers": ["123"], "hours": 24}, "cod_refusals": {"count": 2}, "first_cod": {"limit": 1000},
        "large_amount": {"limit": 500000}, "odd_address": {"parts": ["missing:city", "mismatch", "short"]},
    }  # fmt: skip
    english, chinese = say_doubts(order, "en"), say_doubts(order, "zh-hans")
    assert [each.code for each in english] == order.flags
    assert english[6].reason == "The order is above $5,000.00."
    assert english[4].reason == "2 parcels paid at the door came back from this receiver."
    for one, other in zip(english, chinese, strict=True):
        assert one.reason and other.reason and one.label and other.label
        assert one.reason != other.reason
        assert any("\u4e00" <= c <= "\u9fff" for c in other.reason + other.label)


def test_a_doubtful_order_is_confirmed_by_an_approver_only(goods: Shop) -> None:
    order = goods.place(("A", 1), address=replace(ADDRESS, street="1 A"))
    assert keep_doubts(order)
    clerk = goods.staff("orders.view", "orders.confirm")
    with pytest.raises(Doubtful):
        confirm_order(clerk, order.id, version=1)
    order.refresh_from_db()
    assert (order.state, Dispatch.objects.count()) == ("placed", 0)
    approver = goods.staff("orders.approve")
    assert approve_order(approver, order.id, version=1).state == "confirmed"


def test_above_the_limit_somebody_else_is_asked(goods: Shop) -> None:
    order = goods.place(("A", 1))
    small = goods.staff(orders__approve=Grant(limit=order.total_minor - 1))
    with pytest.raises(NeedsApproval) as refused:
        approve_order(small, order.id, version=1)
    assert refused.value.details["limit"] == order.total_minor - 1
    order.refresh_from_db()
    assert (order.state, order.version, Dispatch.objects.count()) == ("placed", 1, 0)
    enough = goods.staff(orders__approve=Grant(limit=order.total_minor))
    assert approve_order(enough, order.id, version=1).state == "confirmed"


def test_who_comes_second_is_told_who_was_faster(goods: Shop) -> None:
    order = goods.place(("A", 1))
    approve_order(goods.staff("orders.approve"), order.id, version=1)
    for verb in (approve_order, lambda *a, **k: reject_order(*a, reason="no", **k)):
        with pytest.raises(DecidedAlready) as refused:
            verb(goods.boss, order.id, version=1)
        assert "Sam Staff was faster" in refused.value.message
    other = goods.place(("B", 1))
    with pytest.raises(StaleOrder):
        approve_order(goods.boss, other.id, version=2)


def test_a_rejected_order_is_cancelled_and_its_reason_stays_with_staff(goods: Shop) -> None:
    order = goods.place(("A", 2))
    with pytest.raises(Invalid):
        reject_order(goods.boss, order.id, reason=" ", version=1)
    with pytest.raises(PermissionDenied):
        reject_order(goods.staff("orders.cancel"), order.id, reason="x", version=1)
    reject_order(goods.boss, order.id, reason="looks like fraud", version=1)
    order.refresh_from_db()
    assert (order.state, order.cancel_reason, goods.stock("A")) == (
        "cancelled",
        "looks like fraud",
        {"west": (50, 0)},
    )
    assert order.history.get(kind="rejected").public


def test_in_bulk_each_stands_by_itself(goods: Shop) -> None:
    orders = [goods.place(("A", 1), **to(number)) for number in range(3)]
    unpaid = goods.place(("B", 1), payment_method="prepaid")
    clerk = goods.staff("orders.approve", "orders.view")
    wanted = [(order.id, 1) for order in (*orders[:2], unpaid)] + [(orders[2].id, 9)]
    found = approve_many(clerk, wanted)
    assert [(each.done, each.code) for each in found] == [
        (True, ""), (True, ""), (False, "order.not_paid"), (False, "order.stale"),
    ]  # fmt: skip
    assert all(each.number and (each.done or each.message) for each in found)
    assert Dispatch.objects.count() == 2
    states = {order.id: order.state for order in Order.objects.all()}
    assert [states[order.id] for order in (*orders, unpaid)] == ["confirmed", "confirmed", "placed", "placed"]


def test_bulk_hold_and_reject(goods: Shop) -> None:
    one, two = goods.place(("A", 1)), goods.place(("B", 1))
    assert [each.done for each in hold_many(goods.boss, [(one.id, 1)], reason="call back")] == [True]
    assert [each.message for each in reject_many(goods.boss, [(two.id, 1)], reason="")] == [
        "Please fill this in."
    ]
    for verb in (approve_many, lambda *a: hold_many(*a, reason="x"), lambda *a: reject_many(*a, reason="x")):
        with pytest.raises(PermissionDenied):
            verb(goods.staff("orders.view"), [(one.id, 2)])
        with pytest.raises(Invalid):
            verb(goods.boss, [])
    two.refresh_from_db()
    assert two.state == "placed"


def test_the_rule_approves_what_is_clean_and_paid_and_nothing_else(goods: Shop) -> None:
    order = goods.place(("A", 1), payment_method="prepaid")
    assert not approve_by_rule(order.id)  # the shop has no such rule
    set_rules(goods.boss, RulesDraft(auto_approve=True, auto_below_minor=5000), version=0)
    assert not approve_by_rule(order.id)  # not paid
    pay(goods, order)
    assert approve_by_rule(order.id)
    with pytest.raises(NotFound):
        approve_by_rule(order.id)
    order.refresh_from_db()
    assert (order.state, order.history.get(kind="confirmed").actor_kind) == ("confirmed", "system")
    cash = goods.place(("B", 1), **to(0))
    assert not approve_by_rule(cash.id)
    big = goods.place(("B", 5), payment_method="prepaid", **to(1))
    pay(goods, big)
    assert not approve_by_rule(big.id)
    odd = goods.place(("B", 1), payment_method="prepaid", **to(2, province="Neverland"))
    pay(goods, odd)
    assert not approve_by_rule(odd.id)
    odd.refresh_from_db()
    assert (odd.state, odd.flags) == ("placed", ["odd_address"])


def test_rules_are_checked_and_changed_by_version(goods: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        set_rules(goods.boss, RulesDraft(large_minor=-1, refusals=-1, duplicate_hours=0), version=0)
    assert set(refused.value.fields) == {"large_minor", "refusals", "duplicate_hours"}
    with pytest.raises(PermissionDenied):
        set_rules(goods.staff("orders.approve"), RulesDraft(), version=0)
    set_rules(goods.boss, RulesDraft(large_minor=100), version=0)
    with pytest.raises(StaleRules):
        set_rules(goods.boss, RulesDraft(), version=0)
    assert (rules_of_shop().large_minor, rules_of_shop().version) == (100, 1)
