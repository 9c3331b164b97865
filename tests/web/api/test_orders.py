"""Orders by the API: once, whole, versioned, within the key's reach."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from callcart.commerce.orders.models import Order
from callcart.core.clock import now
from callcart.core.database import raw
from tests.commerce.sets import tea_set
from tests.commerce.shop import Shop
from tests.web.api.program import Program, audited, program_with


def _placed(program: Program, *lines: tuple[str, int], key: str = "k1", **changes: Any) -> dict[str, Any]:
    answer = program.post("/orders", program.order_body(*lines, **changes), key=key)
    assert answer.status_code == 201, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def test_place_and_read(program: Program) -> None:
    program.shop.goods("TEA", price=2000, west=10)
    made = _placed(program, ("TEA", 2))
    assert made["total"] == {"minor": 4500, "currency": "USD"}
    assert made["goods"] == {"minor": 4000, "currency": "USD"}
    assert (made["state"], made["channel"], made["payment_state"]) == ("placed", "api", "due_on_delivery")
    assert made["lines"][0]["quantity"] == 2
    assert made["address"]["phone"] == "+12125550142"
    assert made["placed_at"].endswith("Z")
    assert program.shop.stock("TEA") == {"west": (10, 2)}
    assert program.get(f"/orders/{made['id']}").json() == made
    assert program.get(f"/orders/by-number/{made['number']}").json() == made
    assert len(audited("customers.see_phone")) == 3  # each answer showed the number


def test_the_same_key_is_the_same_order(program: Program) -> None:
    program.shop.goods("TEA", west=10)
    first, again = _placed(program, ("TEA", 2)), _placed(program, ("TEA", 2))
    assert again["id"] == first["id"]
    other = program.post("/orders", program.order_body(("TEA", 3)), key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")
    assert program.shop.stock("TEA") == {"west": (10, 2)}
    assert Order.objects.count() == 1


def test_another_programs_key_is_another_key(program: Program) -> None:
    program.shop.goods("TEA", west=10)
    other = program_with(program.shop, "orders.place", "orders.view")
    assert _placed(program, ("TEA", 1))["id"] != _placed(other, ("TEA", 1))["id"]


def test_without_a_key_nothing_is_placed(program: Program) -> None:
    program.shop.goods("TEA", west=10)
    answer = program.post("/orders", program.order_body(("TEA", 1)))
    assert (answer.status_code, answer.json()["fields"]) == (422, {"idempotency_key": "Please fill this in."})
    assert program.shop.stock("TEA") == {"west": (10, 0)}


def test_what_is_not_there_is_not_sold(program: Program) -> None:
    program.shop.goods("TEA", west=1)
    answer = program.post("/orders", program.order_body(("TEA", 2)), key="k1")
    assert (answer.status_code, list(answer.json()["fields"])) == (409, ["lines.0.quantity"])
    unknown = program.post("/orders", program.order_body(("TEA", 1), ("CUP", 1)), key="k1")
    assert (unknown.status_code, unknown.json()["fields"]) == (
        422,
        {"lines.1.sku": "No product has this code."},
    )
    assert program.shop.stock("TEA") == {"west": (1, 0)}


def test_a_price_that_moved_is_said_and_not_taken(program: Program) -> None:
    program.shop.goods("TEA", price=2000, west=5)
    body = program.order_body(("TEA", 1))
    body["lines"][0]["expected_unit_minor"] = 1900
    answer = program.post("/orders", body, key="k1")
    assert answer.status_code == 409
    assert answer.json()["fields"] == {"lines.0.price": "The price was $19.00 and is $20.00 now."}
    assert not Order.objects.exists()


def test_bad_addresses_and_methods_are_named(program: Program) -> None:
    program.shop.goods("TEA", west=5)
    body = program.order_body(("TEA", 1), delivery_method="rocket")
    body["address"]["phone"] = "12"
    answer = program.post("/orders", body, key="k1")
    assert answer.status_code == 422
    assert {"address.phone", "delivery_method"} <= set(answer.json()["fields"])


def test_numbers_are_masked_without_the_permission(program: Program) -> None:
    program.shop.goods("TEA", west=5)
    made = _placed(program, ("TEA", 1))
    weak = program_with(program.shop, "orders.view")
    before = len(audited("customers.see_phone"))
    assert weak.get(f"/orders/{made['id']}").json()["address"]["phone"] == "****0142"
    assert len(audited("customers.see_phone")) == before


def test_a_key_reaches_its_regions_only(program: Program) -> None:
    program.shop.goods("TEA", west=5)
    made = _placed(program, ("TEA", 1))
    far = program_with(program.shop, orders__view={"scope": "Maine"}, orders__cancel={"scope": "Maine"})
    assert far.get(f"/orders/{made['id']}").status_code == 404
    assert far.get("/orders").json()["items"] == []
    assert far.get("/orders?updated_since=2020-01-01T00:00:00Z").json()["items"] == []
    step = {"version": made["version"], "reason": "x"}
    assert far.post(f"/orders/{made['id']}/cancel", step).status_code == 404
    assert program.get(f"/orders/{made['id']}").json()["state"] == "placed"


def test_pages_of_the_list(program: Program) -> None:
    program.shop.goods("TEA", west=50)
    made = [_placed(program, ("TEA", 1), key=f"k{each}")["id"] for each in range(5)]
    found, cursor = list[str](), ""
    for _page in range(3):
        page = program.get(f"/orders?limit=2&cursor={cursor.replace('+', '%2B')}").json()
        found += [each["id"] for each in page["items"]]
        cursor = page["cursor"]
    assert (found, cursor) == (made[::-1], "")
    assert program.get("/orders?state=cancelled").json()["items"] == []
    assert len(program.get("/orders?state=placed&state=on_hold").json()["items"]) == 5
    assert program.get("/orders?limit=201").status_code == 422


def test_what_changed_since(program: Program) -> None:
    program.shop.goods("TEA", west=50)
    first, second = (_placed(program, ("TEA", 1), key=each)["id"] for each in ("k1", "k2"))
    page = program.get("/orders?updated_since=2020-01-01T00:00:00Z&limit=1").json()
    rest = program.get(
        f"/orders?updated_since=2020-01-01T00:00:00Z&limit=1&cursor={page['cursor'].replace('+', '%2B')}"
    ).json()
    assert [each["id"] for each in (*page["items"], *rest["items"])] == [first, second]
    assert rest["cursor"] == ""
    assert rest["ask_from"] < now().isoformat()
    mark = raw.value("SELECT clock_timestamp()").isoformat().replace("+00:00", "Z")
    assert program.get(f"/orders?updated_since={mark}").json()["items"] == []
    Order.objects.filter(id=first).update(note="touched by anybody")
    assert [each["id"] for each in program.get(f"/orders?updated_since={mark}").json()["items"]] == [first]
    later = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert program.get(f"/orders?updated_since={later}").json()["items"] == []
    assert program.get("/orders?updated_since=2020-01-01T00:00:00Z&cursor=x_y").status_code == 422


def test_a_change_is_tried_then_made(program: Program) -> None:
    program.shop.goods("TEA", price=2000, west=10)
    program.shop.goods("CUP", price=700, west=10)
    made = _placed(program, ("TEA", 2))
    actions = [
        {"do": "set_quantity", "line_id": made["lines"][0]["id"], "quantity": 1},
        {"do": "add_line", "sku": "CUP", "quantity": 3},
        {"do": "set_note", "note": "ring twice"},
    ]
    tried = program.post(f"/orders/{made['id']}/changes/preview", {"actions": actions}).json()
    assert (tried["total"]["minor"], tried["total_before"]["minor"], tried["problems"]) == (4600, 4500, {})
    assert program.shop.stock("CUP") == {"west": (10, 0)}
    change = {"actions": actions, "version": tried["base_version"], "reason": "asked"}
    changed = program.post(f"/orders/{made['id']}/changes", change)
    assert changed.status_code == 200
    assert changed.json()["total"]["minor"] == 4600
    assert program.shop.stock("TEA") == {"west": (10, 1)}
    assert program.shop.stock("CUP") == {"west": (10, 3)}
    again = program.post(f"/orders/{made['id']}/changes", change)
    assert (again.status_code, again.json()["code"]) == (409, "order.stale")
    wrong = program.post(
        f"/orders/{made['id']}/changes/preview", {"actions": [{"do": "add_line", "sku": "NO", "quantity": 1}]}
    )
    assert wrong.json()["fields"] == {"actions.0.sku": "No product has this code."}


def test_hold_go_on_approve(program: Program, shop: Shop) -> None:
    shop.goods("TEA", west=10)
    made = _placed(program, ("TEA", 2))
    at = f"/orders/{made['id']}"
    held = program.post(f"{at}/hold", {"version": made["version"], "reason": "odd"}).json()
    assert (held["state"], held["hold_reason"]) == ("on_hold", "odd")
    stale = program.post(f"{at}/unhold", {"version": made["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "order.stale")
    free = program.post(f"{at}/unhold", {"version": held["version"]}).json()
    approved = program.post(f"{at}/approve", {"version": free["version"]}).json()
    assert approved["state"] == "confirmed"


def test_above_the_limit_it_is_not_approved(program: Program, shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=10)
    made = _placed(program, ("TEA", 2))
    weak = program_with(shop, "orders.view", orders__approve={"limit": 4499})
    answer = weak.post(f"/orders/{made['id']}/approve", {"version": made["version"]})
    assert answer.status_code == 403
    assert program.get(f"/orders/{made['id']}").json()["state"] == "placed"


def test_cancel_gives_the_stock_back(program: Program, shop: Shop) -> None:
    shop.goods("TEA", west=10)
    made = _placed(program, ("TEA", 2))
    step = {"version": made["version"], "reason": "changed their mind"}
    assert program.post(f"/orders/{made['id']}/cancel", step).json()["state"] == "cancelled"
    assert shop.stock("TEA") == {"west": (10, 0)}
    assert program.post(f"/orders/{made['id']}/cancel", step).status_code == 409


def test_a_sets_lines_name_the_set_and_it_is_changed_by_its_own_id(program: Program) -> None:
    tea_set(program.shop)
    made = _placed(program, ("SET", 1))
    its = made["lines"][0]["part_of"]
    assert (its["sku"], its["quantity"], its["total"]["minor"]) == ("SET", 1, 4999)
    assert [(line["sku"], line["part_of"]["id"]) for line in made["lines"]] == [
        ("POT", its["id"]),
        ("CUP", its["id"]),
    ]
    change = {"actions": [{"do": "set_quantity", "line_id": its["id"], "quantity": 2}]}
    preview = program.post(f"/orders/{made['id']}/changes/preview", change)
    assert preview.status_code == 200, preview.json()
    assert preview.json()["goods"]["minor"] == 9998
    cup = {"actions": [{"do": "set_quantity", "line_id": made["lines"][1]["id"], "quantity": 9}]}
    refused = program.post(f"/orders/{made['id']}/changes/preview", cup).json()
    assert "This is part of" in refused["problems"]["lines.0.quantity"]
