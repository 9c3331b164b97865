"""The warehouse's pages: making documents, scanning into them, counting, transfers, what lies apart; and who may."""

from __future__ import annotations

import re
from typing import Any

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents.public import Document
from callcart.commerce.inventory.models import Movement, Stock, Warehouse
from callcart.core.models import AuditEntry
from callcart.people.approvals.public import Approval
from tests.commerce.inventory.documents.yard import again, begin_count, purchase, row, stock_out, transfer
from tests.web.office.office import Office, field_error, words

DOCUMENTS = "/office/stock/documents"


def _post(office: Office, path: str, role: str = "warehouse", **values: Any) -> Any:
    return office.client(role).post(f"{DOCUMENTS}/{path}", values)


def test_a_purchase_from_paper_to_shelf(office: Office) -> None:
    office.shop.goods("AB-1")
    west = str(office.shop.warehouses["west"].id)
    answer = _post(
        office, "new/stock_in", kind="purchase", warehouse=west, partner="Mill & Co", list="AB-1\t5\t2.50", due_on="2030-01-31"
    )  # fmt: skip
    document = Document.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{DOCUMENTS}/{document.id}")
    assert (document.partner, document.lines.get().cost_minor) == ("Mill & Co", 250)
    _post(office, f"{document.id}/open", version=document.version)
    assert "0 of 5 units are here" in words(office.client("warehouse").get(f"{DOCUMENTS}/{document.id}"))
    page = office.client("warehouse").get(f"{DOCUMENTS}/{document.id}/scan")
    assert 'name="code"' in page.content.decode()
    answer = _post(office, f"{document.id}/scan", code="3*ab-1", key="k1", condition="sellable")
    assert "Taken in 3 × Thing AB-1" in words(answer)
    assert row(office.shop, "AB-1").on_hand == 3
    listing = words(office.client("warehouse").get("/office/stock"))
    assert "AB-1" in listing
    assert again(document).state == "part_received"


def test_what_the_scanners_module_gets(office: Office) -> None:
    office.shop.goods("A")
    document = purchase(office.shop, ("A", 2))
    client = office.client("warehouse")

    def scan(*codes: str, key: str, **more: str) -> Any:
        values = {"code": list(codes), "key": key, "condition": "sellable", **more}
        return client.post(f"{DOCUMENTS}/{document.id}/scan", values, HTTP_ACCEPT="application/json").json()

    found = scan("A", "nothing", "2*A", key="one")
    assert [(each["outcome"], each["tone"], each["again"]) for each in found["scans"]] == [
        ("booked", "green", False), ("unknown", "red", False), ("over", "amber", True)
    ]  # fmt: skip
    assert found["scans"][0]["progress"] == "1 of 2"
    assert "1 / 2" in found["lines"]
    assert scan("A", "nothing", "2*A", key="one")["scans"] == found["scans"]
    assert row(office.shop, "A").on_hand == 1
    scan("2*A", key="two", over="1")
    assert row(office.shop, "A").on_hand == 3
    late = client.post(
        f"{DOCUMENTS}/{document.id}/scan", {"code": "A", "key": "x"}, HTTP_ACCEPT="application/json"
    )
    assert (late.status_code, late.json()["code"]) == (409, "stock_document.state")


def test_a_list_is_taken_in_and_more_needs_a_tick(office: Office) -> None:
    shop = office.shop
    shop.goods("A")
    document = purchase(shop, ("A", 2))
    name = f"units-{shop.variants['A'].id}"
    wrong = _post(office, f"{document.id}/list", key="k", condition="sellable", **{name: "1.5"})
    assert (wrong.status_code, "Give a whole number." in words(wrong)) == (422, True)
    over = _post(office, f"{document.id}/list", key="k", condition="sellable", **{name: "3"})
    assert over.status_code == 409
    assert "Only 2 more are expected." in words(over)
    assert not Movement.objects.exists()
    _post(office, f"{document.id}/list", key="k", condition="damaged", over="1", **{name: "3"})
    assert (row(shop, "A").on_hand, row(shop, "A").damaged) == (0, 3)


def test_everything_wrong_with_a_form_comes_back_at_its_field(office: Office) -> None:
    answer = _post(office, "new/stock_in", kind="sample", warehouse="x", list="NONE 1\n", due_on="2030-13-01")
    assert answer.status_code == 422
    assert "no product has the code NONE" in field_error(answer, "list")
    assert field_error(answer, "kind")
    assert "NONE 1" in answer.content.decode()
    assert not Document.objects.exists()


def test_a_transfer_short_by_one_is_explained(office: Office) -> None:
    shop = office.shop
    shop.goods("A", price=100, west=5)
    document = transfer(shop, ("A", 3), sent=False)
    _post(office, f"{document.id}/send", version=document.version)
    _post(office, f"{document.id}/scan", code="2*A", key="k", condition="sellable")
    _post(office, f"{document.id}/finish")
    page = words(office.client("warehouse").get(f"{DOCUMENTS}/{document.id}"))
    assert "Differences to explain" in page
    assert "1 sent and not received" in page
    line = str(document.lines.get().id)
    wrong = _post(office, f"{document.id}/explain", line=line, outcome="lost", units="2", reason="")
    assert wrong.status_code == 422
    _post(office, f"{document.id}/explain", line=line, outcome="lost", units="1", reason="fell off")
    assert again(document).state == "closed"


def test_a_blind_count_hides_what_should_be_there(office: Office) -> None:
    shop = office.shop
    shop.goods("A", west=77)
    document = begin_count(shop, "A", blind=True)
    client = office.client("warehouse")
    for page in (
        f"{DOCUMENTS}/{document.id}",
        f"{DOCUMENTS}/{document.id}/scan",
        f"{DOCUMENTS}/{document.id}/list",
    ):
        assert "77" not in words(client.get(page))
    _post(office, f"{document.id}/scan", code="3*A", key="k")
    answer = client.post(
        f"{DOCUMENTS}/{document.id}/scan", {"code": "A", "key": "k2"}, HTTP_ACCEPT="application/json"
    ).json()
    assert answer["scans"][0]["progress"] == "4"
    assert "77" not in re.sub("<[^>]+>", " ", answer["lines"])


def test_a_count_names_the_orders_that_stand_in_the_way(office: Office) -> None:
    shop = office.shop
    shop.goods("A", price=100, west=5)
    order = office.order(3, sku="A")
    document = begin_count(shop, "A")
    why = {f"reason-{document.lines.get().id}": "stolen"}
    _post(office, f"{document.id}/list", key="k", **{f"units-{shop.variants['A'].id}": "2"}, **why)
    assert document.lines.get().reason == "stolen"
    refused = _post(office, f"{document.id}/post", reason="count")
    assert refused.status_code == 409
    assert f"/office/orders/{order.id}" in refused.content.decode()
    assert row(shop, "A").on_hand == 5
    _post(office, f"{document.id}/post", reason="count", leave_out=str(document.lines.get().id))
    assert again(document).state == "posted"


def test_above_the_limit_approval_is_asked_for_and_given(office: Office) -> None:
    shop = office.shop
    shop.goods("A", price=10_000, west=5)
    document = stock_out(shop, ("A", 3))
    refused = _post(office, f"{document.id}/post", version=document.version)
    assert refused.status_code == 403
    assert "$300.00 is above your limit" in words(refused)
    _post(office, f"{document.id}/ask", reason="water damage")
    asked = Approval.objects.get()
    assert (asked.action, asked.measure, again(document).state) == (
        "inventory.post_stock_out",
        30_000,
        "draft",
    )
    office.client("owner").post(f"/office/work/approvals/{asked.id}/approve", {})
    assert (again(document).state, row(shop, "A").on_hand) == ("posted", 2)


def test_what_lies_apart_goes_back_to_the_shelf_or_is_written_off(office: Office) -> None:
    shop = office.shop
    shop.goods("A", price=100)
    place = {"variant_id": shop.variants["A"].id, "warehouse_id": shop.warehouses["west"].id}
    inventory.put(office.boss, quantity=3, condition=inventory.Condition.INSPECTING, reason="x", **place)
    client, stock_id = office.client("warehouse"), row(shop, "A").id
    assert "Thing A" in words(client.get("/office/stock/apart?condition=inspecting"))
    assert "Thing A" not in words(client.get("/office/stock/apart?condition=damaged"))
    wrong = client.post(
        f"/office/stock/apart/{stock_id}/inspecting", {"act": "sellable", "quantity": "4", "reason": ""}
    )
    assert (wrong.status_code, field_error(wrong, "reason")) == (422, "Please fill this in.")
    for act, units in (("sellable", "1"), ("damaged", "1"), ("write_off", "1")):
        values = {"act": act, "quantity": units, "reason": "looked at"}
        assert client.post(f"/office/stock/apart/{stock_id}/inspecting", values).status_code == 303
    found = row(shop, "A")
    assert (found.on_hand, found.damaged, found.inspecting) == (1, 1, 0)


def test_a_warehouse_is_added_and_changed(office: Office) -> None:
    client = office.client("warehouse")
    wrong = client.post("/office/warehouses/new", {"code": "west", "name": "", "priority": "5"})
    assert (wrong.status_code, field_error(wrong, "name")) == (422, "Please fill this in.")
    values = {
        "code": "north",
        "name": "North",
        "priority": "5",
        "regions": "Maine\nVermont, Ohio",
        "is_active": "1",
    }
    client.post("/office/warehouses/new", values)
    made = Warehouse.objects.get(code="north")
    assert (made.regions, made.priority, made.is_active) == (["Maine", "Vermont", "Ohio"], 5, True)
    client.post(f"/office/warehouses/{made.id}", {"code": "north", "name": "North Hall", "priority": "7"})
    made.refresh_from_db()
    assert (made.name, made.is_active) == ("North Hall", False)


def test_a_product_has_its_place_on_the_shelf(office: Office) -> None:
    office.shop.goods("A", west=20)
    path = f"/office/stock/{office.shop.variants['A'].id}/{office.shop.warehouses['west'].id}/shelf"
    client = office.client("warehouse")
    client.post(path, {"bin": "A-01", "route": "3", "safety": "25"})
    found = row(office.shop, "A")
    assert (found.bin, found.route, found.safety) == ("A-01", 3, 25)
    assert "A-01" in words(client.get("/office/stock?level=low"))
    assert client.post(path, {"bin": "A", "route": "x"}).status_code == 422


def test_movements_of_a_document_leave_as_a_file(office: Office) -> None:
    office.shop.goods("A", west=5)
    document = transfer(office.shop, ("A", 3))
    answer = office.client("warehouse").get(f"{DOCUMENTS}/{document.id}/movements?export=csv")
    table = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert len(table) == 3
    assert "Sent to another warehouse" in table[2]
    assert AuditEntry.objects.filter(action="inventory.export").count() == 1


@pytest.mark.parametrize("role", ["agent", "finance"])
def test_who_only_looks_changes_nothing(office: Office, role: str) -> None:
    shop = office.shop
    shop.goods("A", west=5)
    documents = [
        purchase(shop, ("A", 1)),
        transfer(shop, ("A", 1)),
        stock_out(shop, ("A", 1)),
        begin_count(shop, "A"),
    ]
    before = list(Stock.objects.order_by("id").values_list("on_hand", "in_transit"))
    client = office.client(role)
    for document in documents:
        for verb in ("open", "send", "close", "finish", "cancel", "post", "scan", "list"):
            values = {"reason": "x", "code": "A", "key": "k", "condition": "sellable"}
            assert client.post(f"{DOCUMENTS}/{document.id}/{verb}", values).status_code in (403, 404), verb
    for page in ("new/stock_in", "new/count", "new/transfer", "new/stock_out"):
        assert client.get(f"{DOCUMENTS}/{page}").status_code == 403
    assert client.get("/office/warehouses/new").status_code == 403
    assert list(Stock.objects.order_by("id").values_list("on_hand", "in_transit")) == before
    assert {again(each).state for each in documents} == {"open", "sent", "draft", "counting"}


def test_a_clerk_of_one_warehouse_gets_no_buttons_for_another(office: Office) -> None:
    office.shop.goods("A", west=5)
    document = purchase(office.shop, ("A", 1), place="east")
    client = office.narrowed("warehouse", inventory__receive={"scope": "west"})
    page = client.get(f"{DOCUMENTS}/{document.id}")
    assert "/scan" not in page.content.decode()
    answer = client.get(f"{DOCUMENTS}/{document.id}/scan")
    assert answer.status_code == 303
    assert client.post(f"{DOCUMENTS}/{document.id}/scan", {"code": "A", "key": "k"}).status_code == 303
    assert not Movement.objects.filter(kind="put").exists()
    assert client.post(f"{DOCUMENTS}/{document.id}/cancel", {"reason": "x"}).status_code == 403


def test_documents_are_found_by_type_progress_place_and_text(office: Office) -> None:
    shop = office.shop
    shop.goods("A", west=5)
    bought, moved = purchase(shop, ("A", 1)), transfer(shop, ("A", 1))
    client = office.client("warehouse")
    for query, shown in (
        ("", {bought, moved}),
        ("?type=transfer", {moved}),
        ("?progress=ended", set()),
        (f"?place={shop.warehouses['east'].id}", {moved}),
        (f"?q={bought.number}", {bought}),
        ("?q=nothing-like-it", set()),
    ):
        text = client.get(f"{DOCUMENTS}{query}").content.decode()
        assert {each for each in (bought, moved) if str(each.id) in text} == shown, query
    assert client.get(f"{DOCUMENTS}/find?find=thing").content.decode().count("data-add") == 1
