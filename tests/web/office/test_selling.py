"""Promotions, price lists and tax in the office: made, changed, refused at the field, kept from those who may not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from callcart.commerce.orders.public import explained, order_detail
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import (
    Coupon,
    CouponBatch,
    ListPrice,
    PriceList,
    Promotion,
    TaxClass,
    TaxRate,
)
from callcart.people.approvals.public import Approval
from callcart.people.tenants.public import get_tenant, settings_of
from tests.web.office.office import Office, words

TERMS = {"name": "Spring sale", "name_zh": "春季促销", "kind": "percent", "percent": "7.5", "priority": "3"}


def make(office: Office, **terms: Any) -> Promotion:
    draft = pricing.PromotionDraft(
        **{"name": "Spring sale", "name_zh": "春季促销", "percent_bp": 750, **terms}
    )
    return pricing.create_promotion(office.boss, draft)


def test_a_promotion_is_made_started_and_ended(office: Office) -> None:
    client = office.client("marketing")
    answer = client.post(
        "/office/promotions/new", TERMS | {"limit_total": "10", "group": ["tier:gold"], "channel": ["phone"]}
    )
    made = Promotion.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/office/promotions/{made.id}")
    assert (made.percent_bp, made.groups, made.channels, made.limit_total, made.state) == (
        750, ["tier:gold"], ["phone"], 10, "draft",
    )  # fmt: skip
    for state, version in (("active", 1), ("paused", 2), ("active", 3), ("ended", 4)):
        client.post(f"/office/promotions/{made.id}/state", {"state": state, "version": version})
        made.refresh_from_db()
        assert made.state == state
    assert (
        client.post(f"/office/promotions/{made.id}/state", {"state": "active", "version": 5}).status_code
        == 409
    )
    assert "7.5 % off" in words(client.get("/office/promotions"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"percent": "1.234"}, "percent"),
        ({"percent": "abc"}, "percent"),
        ({"kind": "amount", "amount": "-5"}, "amount"),
        ({"kind": "amount", "amount": "1.005"}, "amount"),
        ({"kind": "buy_get", "buy_quantity": "0", "get_quantity": "1"}, "buy_quantity"),
        ({"kind": "bundle", "bundle": "NOSUCH 2", "amount": "5"}, "bundle"),
        ({"kind": "bundle", "bundle": "", "amount": "5"}, "bundle"),
        ({"products": "NOSUCH"}, "products"),
        ({"limit_total": "0"}, "limit_total"),
        ({"limit_total": "1e9"}, "limit_total"),
        ({"starts_at": "2026-02-02T10:00", "ends_at": "2026-02-01T10:00"}, "ends_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"name": "", "name_zh": ""}, "name"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(
    office: Office, typed: dict[str, str], field: str
) -> None:
    answer = office.client("marketing").post("/office/promotions/new", TERMS | typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'data-error-for="{field}">' in text.replace('" hidden>', '"hidden>')
    assert Promotion.objects.count() == 0


def test_full_width_digits_are_digits(office: Office) -> None:
    office.client("marketing").post(
        "/office/promotions/new", TERMS | {"percent": "１０％", "limit_total": "５"}
    )
    made = Promotion.objects.get()
    assert (made.percent_bp, made.limit_total) == (1000, 5)


def test_terms_come_back_into_the_form_and_a_stale_form_is_refused(office: Office) -> None:
    variant = office.shop.goods("TEA", price=2000, west=5)
    made = make(office, kind="bundle", percent_bp=0, amount_minor=1500, bundle=((variant.id, 2),))
    client = office.client("marketing")
    text = client.get(f"/office/promotions/{made.id}/edit").content.decode()
    assert "TEA 2" in text
    assert 'value="15.00"' in text
    changed = {"name": "Set", "kind": "bundle", "bundle": "TEA x3", "amount": "14", "version": "1"}
    assert client.post(f"/office/promotions/{made.id}/edit", changed).status_code == 303
    made.refresh_from_db()
    assert (made.bundle, made.amount_minor, made.version) == (
        [{"variant_id": str(variant.id), "quantity": 3}],
        1400,
        2,
    )
    assert client.post(f"/office/promotions/{made.id}/edit", changed).status_code == 409


def test_codes_singly_and_in_batches_that_no_loop_finds(office: Office) -> None:
    made, client = make(office, needs_coupon=True), office.client("marketing")
    client.post(f"/office/promotions/{made.id}/codes", {"code": "Spring-25", "uses_allowed": "3"})
    assert client.post(f"/office/promotions/{made.id}/codes", {"code": "spring 25"}).status_code == 409
    assert client.post(f"/office/promotions/{made.id}/codes", {"code": "x"}).status_code == 422
    client.post(
        f"/office/promotions/{made.id}/batches", {"size": "40", "prefix": "sum-mer", "uses_each": "1"}
    )
    batch = CouponBatch.objects.get()
    answer = client.get(f"/office/coupons/batches/{batch.id}.csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    codes = {row.split(",")[0] for row in rows[1:]}
    assert (len(codes), all(len(code) == len("SUMMER-XXXX-XXXX-XXXX") for code in codes)) == (40, True)
    assert office.audited("pricing.download_codes") == 1
    assert client.post(f"/office/promotions/{made.id}/batches", {"size": "20001"}).status_code == 422
    single = Coupon.objects.get(batch=None)
    client.post(f"/office/coupons/{single.id}/switch", {"on": "0"})
    assert not Coupon.objects.get(id=single.id).is_active


def test_the_page_says_which_orders_used_it(office: Office) -> None:
    made = make(office)
    pricing.set_promotion_state(office.boss, made.id, pricing.PromotionState.ACTIVE, version=1)
    order = office.order(2)
    said = words(office.client("marketing").get(f"/office/promotions/{made.id}"))
    assert "Used 1" in said
    assert "$3.00" in said
    assert str(order.id) in office.client("marketing").get(f"/office/promotions/{made.id}").content.decode()


def test_a_price_list_with_prices_typed_and_pasted(office: Office) -> None:
    office.shop.goods("TEA", price=2000, west=5)
    office.shop.goods("CUP", price=500, west=5)
    client = office.client("marketing")
    client.post(
        "/office/price-lists/new",
        {
            "code": "gold",
            "name": "Gold",
            "priority": "5",
            "is_active": "1",
            "group": ["tier:gold"],
            "regions": "浙江省, Oregon",
        },
    )
    made = PriceList.objects.get()
    assert (made.groups, made.regions) == (["tier:gold"], ["oregon", "浙江"])
    at = f"/office/price-lists/{made.id}"
    assert client.post(f"{at}/prices", {"sku": "TEA", "price": "18.50", "units": "1"}).status_code == 303
    pasted = "SKU\tPrice\tFrom\nTEA\t17.00\t10\nCUP\t4\n"
    assert client.post(f"{at}/prices", {"pasted": pasted}).status_code == 303
    rows = ListPrice.objects.order_by("variant__sku", "min_quantity").values_list(
        "variant__sku", "min_quantity", "unit_minor"
    )
    assert list(rows) == [("CUP", 1, 400), ("TEA", 1, 1850), ("TEA", 10, 1700)]
    assert "18.50" in words(client.get(f"{at}?q=tea"))
    assert (
        client.post("/office/price-lists/new", {"code": "gold", "name": "Again", "priority": "0"}).status_code
        == 409
    )


@pytest.mark.parametrize(
    "pasted",
    [
        "NOSUCH,5",
        "TEA,abc\nTEA,5",
        "TEA,5\nTEA,-1",
        "TEA,5\nTEA,1.005",
        "TEA,5,0",
        "TEA,5\nTEA,5,x",
        "",
        "TEA,5\n=cmd,1",
    ],
)
def test_pasted_rows_are_taken_all_or_none(office: Office, pasted: str) -> None:
    office.shop.goods("TEA", price=2000, west=5)
    made = pricing.create_list(office.boss, pricing.ListDraft(code="w", name="W"))
    answer = office.client("marketing").post(f"/office/price-lists/{made.id}/prices", {"pasted": pasted})
    good = pasted.startswith("TEA,abc")  # a first row that is no price is a heading
    assert (answer.status_code, ListPrice.objects.count()) == ((303, 1) if good else (422, 0))


def test_tax_is_set_up(office: Office) -> None:
    client = office.client("owner")
    client.post("/office/taxes/classes", {"code": "standard", "name": "Standard", "is_default": "1"})
    client.post("/office/taxes/classes", {"code": "zero", "name": "Zero", "is_default": "1"})
    assert {row.code: row.is_default for row in TaxClass.objects.all()} == {"standard": False, "zero": True}
    rate = {
        "tax_class": "standard",
        "country": "us",
        "region": "Oregon",
        "rate": "8.875",
        "name": "Sales tax",
        "valid_from": "2026-01-01",
    }
    assert client.post("/office/taxes/rates", rate).status_code == 303
    assert client.post("/office/taxes/rates", rate).status_code == 409
    assert client.post("/office/taxes/rates", rate | {"rate": "101", "region": ""}).status_code == 422
    found = TaxRate.objects.get()
    assert (found.country, found.region, found.rate_ppm) == ("US", "oregon", 88_750)
    client.post(f"/office/taxes/rates/{found.id}/remove", {"valid_to": "2026-06-30"})
    found.refresh_from_db()
    assert found.valid_to == date(2026, 6, 30)
    client.post("/office/taxes/included", {"included": "0"})
    assert not settings_of(get_tenant()).prices_include_tax
    assert "8.875 %" in words(client.get("/office/taxes"))


def test_a_price_is_tried_and_explained_and_nothing_is_stored(office: Office) -> None:
    office.shop.goods("TEA", price=2000, west=5)
    made = make(office)
    pricing.set_promotion_state(office.boss, made.id, pricing.PromotionState.ACTIVE, version=1)
    client = office.client("supervisor")
    said = words(
        client.get(
            "/office/try-a-price",
            {"basket": "TEA 2", "codes": "nosuch", "delivery": "ground", "province": "Oregon"},
        )
    )
    assert "List $20.00 · Spring sale 7.5 % −$3.00" in said
    assert "There is no such code." in said
    assert "$42.00" in said
    assert "春季促销" in words(
        office.client("supervisor", language="zh-hans").get("/office/try-a-price", {"basket": "TEA 2"})
    )
    assert Coupon.objects.count() == 0


def test_who_may_not_sees_nothing_and_changes_nothing(office: Office) -> None:
    made = make(office)
    for role, page in (
        ("agent", "promotions"),
        ("warehouse", "price-lists"),
        ("agent", "taxes"),
        ("agent", "try-a-price"),
    ):
        assert office.client(role).get(f"/office/{page}").status_code == 403
    finance = office.client("finance")
    assert finance.post("/office/promotions/new", TERMS).status_code == 403
    assert finance.post(f"/office/promotions/{made.id}/codes", {"code": "ABCDE"}).status_code == 403
    assert (
        office.client("marketing").post("/office/taxes/classes", {"code": "x", "name": "X"}).status_code
        == 403
    )
    assert (Promotion.objects.count(), Coupon.objects.count(), TaxClass.objects.count()) == (1, 0, 0)


def by_hand(line_id: object, percent: str = "", price: str = "", **more: str) -> dict[str, str]:
    return {
        f"percent-{line_id}": percent,
        f"price-{line_id}": price,
        "reason": "late parcel",
        "version": "1",
        **more,
    }


def test_a_discount_by_hand_is_previewed_made_and_above_the_limit_asked_for(office: Office) -> None:
    order = office.order(2)
    line, at = order.lines.get(), f"/office/orders/{order.id}/price"
    agent = office.client("agent")
    assert "$38.00" in words(agent.post(at, by_hand(line.id, "5", act="preview")))
    assert agent.post(at, by_hand(line.id, "20", act="confirm")).status_code == 403
    order.refresh_from_db()
    assert (order.version, order.goods_minor) == (1, 4000)
    assert agent.post(at, by_hand(line.id, "20", act="ask")).status_code == 303
    request = Approval.objects.get()
    assert (request.measure, request.permission, request.reason) == (20, "orders.discount", "late parcel")
    assert office.client("supervisor").post(f"/office/work/approvals/{request.id}/approve").status_code == 303
    order.refresh_from_db()
    assert (order.goods_minor, order.discount_minor, order.version) == (3200, 800, 2)
    said = words(office.client("agent").get(f"/office/orders/{order.id}"))
    assert "List $20.00 · Discount 20 % −$8.00 (late parcel)" in said
    assert agent.post(at, by_hand(line.id, "20", "19", version="2", act="confirm")).status_code == 422
    assert agent.post(at, by_hand(line.id, "", "19.50", version="2", act="confirm")).status_code == 303
    order.refresh_from_db()
    assert (order.goods_minor, order.lines.get().unit_minor) == (3900, 1950)


def test_the_customer_does_not_read_an_agents_reason(office: Office) -> None:
    order = office.order(1)
    line = order.lines.get()
    office.client("agent").post(f"/office/orders/{order.id}/price", by_hand(line.id, "5", act="confirm"))
    assert "late parcel" in order_detail(office.boss, order.id).lines[0].why
    line.refresh_from_db()
    assert explained(line.explanation, "USD", "en") == "List $20.00 · Discount 5 % −$1.00"
