"""Products, stock, customers, money, parcels and promotions by the API."""

from __future__ import annotations

from typing import Any

from callcart.commerce.inventory.models import Movement
from callcart.commerce.payments.models import Receipt
from callcart.commerce.pricing.public import ListDraft, create_list
from callcart.commerce.shipping.public import CarrierDraft, create_parcel, save_carrier
from callcart.core.ids import new_id
from callcart.people.customers.models import Customer
from tests.commerce.sets import tea_set
from tests.commerce.shop import Shop
from tests.web.api.program import Program, audited, program_with

TEA = {"sku": "TEA", "price_minor": 2000, "barcode": "4006381333931", "weight_g": 100}


def test_products_are_made_found_and_changed(program: Program) -> None:
    made = program.post("/products", {"name": "Green tea", "name_zh": "绿茶", "variants": [TEA]}, key="p1")
    assert made.status_code == 201
    again = program.post("/products", {"name": "Green tea", "name_zh": "绿茶", "variants": [TEA]}, key="p1")
    assert again.json() == made.json()
    product, variant = made.json(), made.json()["variants"][0]
    assert variant["price"] == {"minor": 2000, "currency": "USD"}
    for text in ("green", "绿茶", "lc", "TEA", "4006381333931"):
        assert [each["sku"] for each in program.get(f"/variants?text={text}").json()] == ["TEA"], text
    changed = program.send("PATCH", f"/variants/{variant['id']}", {"price_minor": 2100}).json()
    assert (changed["price"]["minor"], changed["sku"]) == (2100, "TEA")
    program.send("PATCH", f"/products/{product['id']}", {"on_sale": False})
    assert program.get(f"/products/{product['id']}").json()["variants"][0]["on_sale"] is False
    more = program.post(f"/products/{product['id']}/variants", {"sku": "TEA-L", "price_minor": 5000})
    assert more.status_code == 201
    assert (
        program.post(f"/products/{product['id']}/variants", {"sku": "TEA-L", "price_minor": 1}).status_code
        == 409
    )
    assert len(audited("catalog.update_variant")) == 1


def test_wrong_products_say_which_field(program: Program) -> None:
    answer = program.post("/products", {"variants": [{"sku": "X", "price_minor": -1}]})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["name"])
    huge = program.post("/products", {"name": "X", "variants": [{"sku": "X", "price_minor": 10**30}]})
    assert list(huge.json()["fields"]) == ["variants.0.price_minor"]


def test_prices_are_put_on_a_list(program: Program, shop: Shop) -> None:
    tea = shop.goods("TEA", price=2000)
    create_list(shop.boss, ListDraft(code="trade", name="Trade"))
    rows = [{"sku": "TEA", "unit_minor": 1500}, {"sku": "TEA", "unit_minor": 1400, "min_quantity": 10}]
    assert program.send("PUT", "/price-lists/trade/prices", {"rows": rows}).json() == {"prices": 2}
    wrong = program.send("PUT", "/price-lists/trade/prices", {"rows": [{"sku": "NO", "unit_minor": 1}]})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["rows.0"])
    assert program.send("PUT", "/price-lists/none/prices", {"rows": rows}).status_code == 404
    assert [each["code"] for each in program.get("/price-lists").json()] == ["trade"]
    assert tea.price_minor == 2000


def test_goods_are_booked_in_once(program: Program, shop: Shop) -> None:
    shop.goods("TEA", west=5)
    body = {"sku": "TEA", "warehouse": "west", "quantity": 7, "reason": "delivery note 12"}
    first = program.post("/stock/receive", body, key="s1")
    assert (first.status_code, first.json()["on_hand"]) == (200, 12)
    assert program.post("/stock/receive", body, key="s1").json() == first.json()
    assert program.post("/stock/receive", body | {"quantity": 8}, key="s1").status_code == 409
    assert shop.stock("TEA") == {"west": (12, 0)}
    last = Movement.objects.order_by("-id").first()
    assert last is not None
    assert (last.actor_kind, last.actor_name, last.reason) == ("key", program.key.name, "delivery note 12")


def test_counts_are_corrected_within_what_is_promised(program: Program, shop: Shop) -> None:
    shop.goods("TEA", west=5)
    shop.place(("TEA", 4))
    body: dict[str, Any] = {"sku": "TEA", "warehouse": "west", "change": -2, "reason": "broken"}
    assert program.post("/stock/adjust", body, key="a1").status_code == 409
    assert program.post("/stock/adjust", body | {"change": -1}, key="a2").json()["on_hand"] == 4
    for wrong, field in (({"change": 0}, "change"), ({"reason": " "}, "reason"), ({"sku": "NO"}, "sku")):
        answer = program.post("/stock/adjust", body | wrong, key="a3")
        assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert program.post("/stock/adjust", body | {"change": 1.5}, key="a3").status_code == 422
    assert shop.stock("TEA") == {"west": (4, 4)}


def test_a_key_of_one_warehouse_reaches_no_other(shop: Shop) -> None:
    shop.goods("TEA", west=5, east=5)
    narrow = program_with(shop, "inventory.view", inventory__receive={"scope": "west"})
    body = {"sku": "TEA", "warehouse": "east", "quantity": 1}
    assert narrow.post("/stock/receive", body, key="n1").status_code == 403
    assert narrow.post("/stock/receive", body | {"warehouse": "west"}, key="n2").status_code == 200
    assert shop.stock("TEA") == {"west": (6, 0), "east": (5, 0)}


def test_stock_in_pages(program: Program, shop: Shop) -> None:
    for sku in ("AAA", "BBB"):
        shop.goods(sku, west=1, east=2)
    found, cursor = [], ""
    for _page in range(4):
        page = program.get(f"/stock?limit=1&cursor={cursor}").json()
        found += [(each["sku"], each["available"]) for each in page["items"]]
        cursor = page["cursor"]
    assert sorted(found) == [("AAA", 1), ("AAA", 2), ("BBB", 1), ("BBB", 2)]
    assert (cursor, len(program.get("/stock?warehouse=east").json()["items"])) == ("", 2)
    assert program.get("/stock?warehouse=moon").status_code == 404
    assert [each["code"] for each in program.get("/warehouses").json()] == ["east", "west"]


def test_customers_are_made_once_and_masked(program: Program, shop: Shop) -> None:
    body = {
        "name": "Ada Example",
        "phone": "(212) 555-0142",
        "email": "Ada@Example.com",
        "consent": {"sms": True},
    }
    made = program.post("/customers", body, key="c1")
    assert made.status_code == 201
    assert program.post("/customers", body, key="c1").json()["id"] == made.json()["id"]
    assert (made.json()["phones"], made.json()["emails"]) == (["+12125550142"], ["ada@example.com"])
    assert made.json()["consent"] == {"sms": True}
    weak = program_with(shop, "customers.view")
    seen = weak.get(f"/customers/{made.json()['id']}").json()
    assert (seen["phones"], seen["emails"]) == (["****0142"], ["a***@example.com"])
    assert [each["id"] for each in weak.get("/customers?text=ada").json()["items"]] == [made.json()["id"]]
    assert Customer.objects.count() == 1


def test_customers_are_changed_on_the_version_read(program: Program) -> None:
    made = program.post("/customers", {"name": "Ada"}).json()
    at = f"/customers/{made['id']}"
    changed = program.send("PATCH", at, {"version": made["version"], "name": "Ada Lovelace"}).json()
    assert changed["name"] == "Ada Lovelace"
    assert program.send("PATCH", at, {"version": made["version"], "name": "Bea"}).status_code == 409
    wrong = program.send("PATCH", at, {"version": changed["version"], "tier": "king"})
    assert list(wrong.json()["fields"]) == ["tier"]
    assert program.post(f"{at}/phones", {"phone": "212 555 0143"}).json()["phones"] == ["+12125550143"]
    assert list(program.post(f"{at}/phones", {"phone": "12"}).json()["fields"]) == ["phone"]
    assert program.post(f"{at}/emails", {"email": "ada@example.com"}).json()["emails"] == ["ada@example.com"]
    nobody = program.post("/customers", {})
    assert list(nobody.json()["fields"]) == ["name"]


def test_customers_in_pages(program: Program) -> None:
    made = [program.post("/customers", {"name": f"Person {each}"}).json()["id"] for each in range(3)]
    found, cursor = [], ""
    for _page in range(2):
        page = program.get(f"/customers?limit=2&cursor={cursor.replace('+', '%2B')}").json()
        found += [each["id"] for each in page["items"]]
        cursor = page["cursor"]
    assert (sorted(found), cursor) == (sorted(made), "")
    assert program.get("/customers?cursor=nonsense").status_code == 422


def test_money_comes_and_goes_back_once(program: Program, shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=5)
    order = shop.place(("TEA", 1), payment_method="prepaid")
    at = f"/orders/{order.id}"
    usd = {"minor": 2500, "currency": "USD"}
    body = {"method": "bank_transfer", "amount": usd, "reference": "T-1"}
    paid = program.post(f"{at}/receipts", body, key="m1")
    assert (paid.status_code, paid.json()["captured"], paid.json()["refundable"]) == (201, usd, usd)
    program.post(f"{at}/receipts", body, key="m1")
    assert Receipt.objects.count() == 1
    assert program.post(f"{at}/receipts", body | {"reference": "T-2"}, key="m1").status_code == 409
    back = {"amount": {"minor": 1000, "currency": "USD"}, "reason": "late"}
    done = program.post(f"{at}/refunds", back, key="r1").json()
    assert done["refundable"]["minor"] == 1500
    program.post(f"{at}/refunds", back, key="r1")
    much = program.post(f"{at}/refunds", back | {"amount": {"minor": 1501, "currency": "USD"}}, key="r2")
    assert (much.status_code, much.json()["code"]) == (409, "payment.too_much_refund")
    mixed = program.post(f"{at}/refunds", back | {"amount": {"minor": 1, "currency": "EUR"}}, key="r3")
    assert mixed.status_code == 409
    assert program.get(f"{at}/payment").json()["refundable"]["minor"] == 1500


def test_refunds_above_the_keys_limit(shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=5)
    order = shop.place(("TEA", 1), payment_method="prepaid")
    narrow = program_with(
        shop, "orders.view", "payments.view", "payments.receive", payments__refund={"limit": 999}
    )
    usd = {"minor": 2500, "currency": "USD"}
    narrow.post(f"/orders/{order.id}/receipts", {"method": "cash", "amount": usd}, key="m1")
    body = {"amount": {"minor": 1000, "currency": "USD"}, "reason": "late"}
    assert narrow.post(f"/orders/{order.id}/refunds", body, key="r1").status_code == 403
    assert narrow.get(f"/orders/{order.id}/payment").json()["refundable"] == usd
    assert narrow.get(f"/orders/{new_id()}/payment").status_code == 404


def test_scans_move_a_parcel_once_and_never_back(program: Program, shop: Shop) -> None:
    save_carrier(shop.boss, CarrierDraft(code="post", name="Post"))
    shop.goods("TEA", west=5)
    order = shop.place(("TEA", 1))
    line = order.lines.get()
    parcel = create_parcel(shop.boss, order.id, units={line.id: 1}, carrier="Post", tracking="RR1")
    scan = {"tracking": "RR1", "state": "in_transit", "at": "2026-01-02T10:00:00+08:00", "place": "Portland"}
    late = scan | {"state": "handed_over", "at": "2026-01-01T10:00:00Z"}
    strange = scan | {"tracking": "RR9"}
    taken = program.post("/parcels/scans", {"carrier": "post", "scans": [scan, late, scan, strange]}).json()
    assert taken == {"new": 2, "known": 1, "unknown": ["RR9"]}
    again = program.post("/parcels/scans", {"carrier": "post", "scans": [late, scan]}).json()
    assert again == {"new": 0, "known": 2, "unknown": []}
    seen = program.get(f"/parcels/{parcel.id}").json()
    assert len(seen["events"]) == 3
    assert [each["id"] for each in program.get("/parcels?text=RR1").json()["items"]] == [str(parcel.id)]
    bad = program.post("/parcels/scans", {"carrier": "none", "scans": [scan]})
    assert list(bad.json()["fields"]) == ["carrier"]
    odd = program.post("/parcels/scans", {"carrier": "post", "scans": [scan | {"state": "eaten"}]})
    assert list(odd.json()["fields"]) == ["scans.0.state"]
    assert program.get("/parcels?state=eaten").status_code == 422


def test_promotions_are_read(program: Program) -> None:
    assert program.get("/promotions").json() == {"items": [], "cursor": ""}


def test_a_set_is_composed_read_and_counted(program: Program) -> None:
    tea_set(program.shop, pots=(2, 1), cups=(5, 8))
    its = program.shop.variants["SET"]
    found = program.get(f"/variants/{its.id}/components").json()
    assert [(each["sku"], each["units"]) for each in found["components"]] == [("POT", 1), ("CUP", 4)]
    left = program.get(f"/variants/{its.id}/available").json()
    assert (left["available"], [each["warehouse"] for each in left["places"]]) == (3, ["east", "west", ""])
    body = {"version": found["version"], "components": [{"sku": "POT"}, {"sku": "CUP", "units": 6}]}
    made = program.send("PUT", f"/variants/{its.id}/components", body)
    assert made.status_code == 200 and made.json()["components"][1]["units"] == 6
    assert program.send("PUT", f"/variants/{its.id}/components", body).status_code == 409
    nested = body | {"version": made.json()["version"], "components": [{"sku": "SET"}, {"sku": "NONE"}]}
    assert program.send("PUT", f"/variants/{its.id}/components", nested).json()["fields"] == {
        "components.1.sku": "No product has this code."
    }
    refused = program.post("/stock/receive", {"sku": "SET", "warehouse": "east", "quantity": 1}, key="r")
    assert refused.status_code == 422 and refused.json()["code"] == "inventory.set_has_no_stock"
