"""The office's pages of what is short: low stock and its purchase, what the desk asked for, who waits, the rules; and who may."""

from __future__ import annotations

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents.public import Document
from callcart.commerce.supply.models import ArrivalNotice, LowStock, ReplenishmentRequest
from callcart.commerce.supply.public import ask_replenishment, count_low, rules_of_shop
from callcart.people.tasks.public import Task
from tests.commerce.supply.waiting import arrives, customer, waits
from tests.web.office.office import Office, words


def sold(office: Office, sku: str) -> LowStock:
    """A row that is low: 20 sold in the last four weeks, 2 left."""
    office.shop.goods(sku, west=22)
    order = office.shop.place((sku, 20))
    inventory.ship(office.boss, order.id)
    count_low()
    return LowStock.objects.get(variant__sku=sku)


def test_what_is_low_is_bought_in_one_go(office: Office) -> None:
    row = sold(office, "TEA-1")
    buyer = office.client("warehouse")
    page = words(buyer.get("/office/stock/low"))
    assert "TEA-1" in page and "2 days" in page
    wrong = buyer.post("/office/stock/low", {"row": str(row.id), f"units-{row.id}": "-4"})
    assert wrong.status_code == 422 and "Give a whole number above zero." in words(wrong)
    none = buyer.post("/office/stock/low", {})
    assert none.status_code == 422 and "Choose at least one product." in words(none)
    assert not Document.objects.exists()
    made = buyer.post("/office/stock/low", {"row": str(row.id), f"units-{row.id}": "30"})
    document = Document.objects.get()
    assert (made.status_code, made["Location"]) == (303, f"/office/stock/documents/{document.id}")
    assert document.lines.get().expected == 30
    assert "Nothing is running low" in words(buyer.get("/office/stock/low"))


def test_the_list_is_counted_again_on_demand(office: Office) -> None:
    row = sold(office, "TEA-1")
    row.delete()
    assert office.client("warehouse").post("/office/stock/low/count").status_code == 303
    assert LowStock.objects.count() == 1


def test_requests_are_answered_by_product(office: Office) -> None:
    tea, cup = office.shop.goods("TEA-1"), office.shop.goods("CUP-1")
    who = customer(office.shop)
    for variant in (tea, cup):
        ask_replenishment(
            office.boss, variant_id=variant.id, quantity=4, customer_id=who.id, note="Wants red"
        )
    buyer = office.client("warehouse")
    page = words(buyer.get("/office/stock/wanted"))
    assert "Thing TEA-1" in page and "Wants red" in page and "Ann Example" in page
    wrong = buyer.post(f"/office/stock/wanted/{tea.id}", {"act": "order", "units": "0", "place": "x"})
    assert wrong.status_code == 422
    west = str(office.shop.warehouses["west"].id)
    buyer.post(f"/office/stock/wanted/{tea.id}", {"act": "order", "units": "6", "place": west})
    assert buyer.post(f"/office/stock/wanted/{cup.id}", {"act": "decline", "reason": ""}).status_code == 422
    buyer.post(f"/office/stock/wanted/{cup.id}", {"act": "decline", "reason": "No longer made"})
    found = ReplenishmentRequest.objects.order_by("id").values_list("state", flat=True)
    assert list(found) == ["ordered", "declined"]
    page = words(buyer.get("/office/stock/wanted?state=all"))
    assert "On order" in page and "No longer made" in page
    assert "Nobody asks for anything" in words(buyer.get("/office/stock/wanted"))


def test_who_waits_is_seen_and_taken_off(office: Office) -> None:
    office.shop.goods("TEA-1")
    first = waits(office.shop, "TEA-1", channel="call")
    second = waits(office.shop, "TEA-1")
    arrives(office.shop, "TEA-1", 1)
    client = office.client("warehouse", language="en")
    page = words(client.get("/office/stock/arrivals"))
    assert "Told, goods held" in page and "Waits" in page
    assert "Number 1 of those who wait" in words(client.get(f"/office/stock/arrivals/{second.id}"))
    task = Task.objects.get(kind="call_back_arrival")
    agent = office.client("agent")
    assert "TEA-1 is back: 1 held for the customer" in words(agent.get(f"/office/work/tasks/{task.id}"))
    assert agent.get(f"/office/stock/arrivals/{first.id}").status_code == 200
    assert agent.post(f"/office/stock/arrivals/{first.id}", {"reason": "Bought elsewhere"}).status_code == 303
    assert ArrivalNotice.objects.get(id=first.id).state == "cancelled"


def test_rules_and_strategy_are_set_together(office: Office) -> None:
    boss = office.client("owner")
    typed = {"window_days": "30", "lead_days": "5", "cover_days": "10", "hold_hours": "24", "version": "0"}
    choice = {"strategy": "fewest", "strategy_version": "0"}
    wrong = boss.post("/office/stock/low/rules", {**typed, **choice, "window_days": "many"})
    assert wrong.status_code == 422 and "Give a whole number." in words(wrong)
    assert boss.post("/office/stock/low/rules", {**typed, **choice}).status_code == 303
    assert (rules_of_shop().hold_hours, inventory.strategy_of_shop().strategy) == (24, "fewest")
    assert boss.post("/office/stock/low/rules", {**typed, **choice}).status_code == 409, (
        "seen before the change"
    )


def test_an_order_says_why_its_goods_come_from_there(office: Office) -> None:
    office.shop.goods("TEA-1", west=1, east=3)
    inventory.set_strategy(office.boss, "fewest", version=0)
    order = office.shop.place(("TEA-1", 2))
    said = "Fewest parcels: one warehouse has everything."
    assert said in words(office.client("owner").get(f"/office/orders/{order.id}"))
    assert said in words(office.client("owner").get(f"/office/orders/{order.id}/warehouses"))
    chinese = words(office.client("owner", language="zh-hans").get(f"/office/orders/{order.id}"))
    assert said not in chinese and "包裹" in chinese


def test_pages_are_for_whoever_holds_the_permission(office: Office) -> None:
    row = sold(office, "TEA-1")
    for role in ("finance", "marketing"):
        client = office.client(role)
        for path in ("low", "low/rules", "wanted", "arrivals"):
            assert client.get(f"/office/stock/{path}").status_code == 403
        assert (
            client.post("/office/stock/low", {"row": str(row.id), f"units-{row.id}": "1"}).status_code == 403
        )
    supervisor = office.client("supervisor")
    assert "TEA-1" in words(supervisor.get("/office/stock/low"))
    assert (
        supervisor.post("/office/stock/low", {"row": str(row.id), f"units-{row.id}": "1"}).status_code == 403
    )
    assert not Document.objects.exists()
