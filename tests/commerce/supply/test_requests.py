"""The desk asks, the buyer orders or declines for all who asked, arrival answers whoever asked first."""

from __future__ import annotations

import pytest

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.supply.handlers import on_document_changed
from callcart.commerce.supply.models import ReplenishmentRequest
from callcart.commerce.supply.public import (
    RequestAnswered,
    ask_replenishment,
    decline_requests,
    list_requests,
    list_wanted,
    order_requests,
    withdraw_request,
)
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.people.tasks.public import Task
from tests.commerce.inventory.documents.yard import take_in
from tests.commerce.orders.test_life import run_handlers
from tests.commerce.shop import Shop
from tests.commerce.supply.waiting import customer


@pytest.fixture
def agent(shop: Shop) -> Actor:
    shop.goods("TEA")
    shop.goods("CUP")
    return shop.staff("supply.ask")


@pytest.fixture
def buyer(shop: Shop) -> Actor:
    return shop.staff("supply.view", "supply.buy", "inventory.receive")


def ask(shop: Shop, actor: Actor, sku: str = "TEA", units: int = 1, **more: object) -> ReplenishmentRequest:
    return ask_replenishment(actor, variant_id=shop.variants[sku].id, quantity=units, **more)  # type: ignore[arg-type]


def states() -> list[str]:
    return list(ReplenishmentRequest.objects.order_by("id").values_list("state", flat=True))


def order(shop: Shop, buyer: Actor, units: int = 10) -> documents.Document:
    return order_requests(
        buyer, variant_id=shop.variants["TEA"].id, warehouse_id=shop.warehouses["west"].id, quantity=units
    )


def test_the_buyer_sees_one_row_a_sku_the_oldest_question_first(
    shop: Shop, agent: Actor, buyer: Actor
) -> None:
    ask(shop, agent, "TEA", 2, customer_id=customer(shop).id)
    ask(shop, agent, "CUP", 1)
    ask(shop, shop.staff("supply.ask"), "TEA", 3)
    rows, following = list_wanted(buyer, size=1)
    assert [(row.variant_id, row.units, row.requests) for row in rows] == [(shop.variants["TEA"].id, 5, 2)]
    rows, following = list_wanted(buyer, size=1, after=following)
    assert [row.variant_id for row in rows] == [shop.variants["CUP"].id] and following is None


def test_asking_again_changes_ones_own_question(shop: Shop, agent: Actor) -> None:
    first = ask(shop, agent, units=2)
    assert ask(shop, agent, units=7, note="for a wedding").id == first.id
    found = ReplenishmentRequest.objects.get()
    assert (found.quantity, found.note) == (7, "for a wedding")


def test_a_purchase_takes_all_questions_about_the_sku_with_it(shop: Shop, agent: Actor, buyer: Actor) -> None:
    ask(shop, agent, units=2), ask(shop, shop.staff("supply.ask"), units=3), ask(shop, agent, "CUP")
    made = order(shop, buyer)
    assert [(line.variant_id, line.expected) for line in made.lines.all()] == [(shop.variants["TEA"].id, 10)]
    assert (made.kind, made.state) == ("purchase", "draft")
    assert states() == ["ordered", "ordered", "asked"]
    assert set(
        ReplenishmentRequest.objects.filter(state="ordered").values_list("document_id", flat=True)
    ) == {made.id}


def test_what_comes_answers_whoever_asked_first_and_they_hear_of_it(
    shop: Shop, agent: Actor, buyer: Actor
) -> None:
    first, _ = ask(shop, agent, units=2), ask(shop, shop.staff("supply.ask"), units=3)
    made = order(shop, buyer, 5)
    documents.open_stock_in(shop.boss, made.id)
    take_in(shop, made, ("TEA", 4))
    run_handlers("stock_document.changed", on_document_changed)
    run_handlers("stock_document.changed", on_document_changed)
    assert states() == ["arrived", "ordered"]
    told = Event.objects.filter(kind="supply.request_changed", subject_id=first.id).order_by("id").last()
    assert told is not None and (told.staff_id, told.data["state"]) == (agent.id, "arrived")
    task = Task.objects.get(subject_id=first.id)
    assert (task.kind, task.taken_by, task.state) == ("replenishment_arrived", agent.id, "open")
    take_in(shop, made, ("TEA", 1))
    run_handlers("stock_document.changed", on_document_changed)
    assert states() == ["arrived", "arrived"]


@pytest.mark.parametrize("received", [0, 2])
def test_a_purchase_that_brings_less_gives_the_question_back(
    shop: Shop, agent: Actor, buyer: Actor, received: int
) -> None:
    ask(shop, agent, units=2), ask(shop, shop.staff("supply.ask"), units=3)
    made = order(shop, buyer)
    documents.open_stock_in(shop.boss, made.id)
    if received:
        take_in(shop, made, ("TEA", received))
        documents.close_stock_in(shop.boss, made.id, reason="the rest is not made any more")
    else:
        documents.cancel(shop.boss, made.id, reason="wrong supplier")
    run_handlers("stock_document.changed", on_document_changed)
    assert states() == (["arrived", "asked"] if received else ["asked", "asked"])
    assert ReplenishmentRequest.objects.filter(document_id=None, state="asked").count() == (
        1 if received else 2
    )


def test_declining_needs_a_reason_and_answers_all(shop: Shop, agent: Actor, buyer: Actor) -> None:
    ask(shop, agent), ask(shop, shop.staff("supply.ask")), ask(shop, agent, "CUP")
    tea = shop.variants["TEA"].id
    with pytest.raises(Invalid) as refused:
        decline_requests(buyer, variant_id=tea, reason=" ")
    assert set(refused.value.fields) == {"reason"}
    decline_requests(buyer, variant_id=tea, reason="No longer made")
    assert states() == ["declined", "declined", "asked"]
    with pytest.raises(RequestAnswered):
        decline_requests(buyer, variant_id=tea, reason="No longer made")
    task = Task.objects.get(taken_by=agent.id)
    assert (task.kind, task.data["reason"]) == ("replenishment_declined", "No longer made")
    rows, _ = list_requests(agent, mine=True)
    assert [(row.state, row.reason) for row in rows] == [("asked", ""), ("declined", "No longer made")]


def test_one_takes_back_ones_own_question_as_long_as_it_is_open(
    shop: Shop, agent: Actor, buyer: Actor
) -> None:
    mine, other = ask(shop, agent), ask(shop, shop.staff("supply.ask"))
    withdraw_request(agent, mine.id)
    with pytest.raises(PermissionDenied):
        withdraw_request(agent, other.id)
    with pytest.raises(RequestAnswered):
        withdraw_request(agent, mine.id)
    with pytest.raises(NotFound):
        withdraw_request(agent, new_id())
    assert states() == ["withdrawn", "asked"]


def test_without_the_permission_nothing_changes(shop: Shop, agent: Actor) -> None:
    ask(shop, agent)
    nobody = shop.staff("inventory.view", "inventory.receive")
    tea = shop.variants["TEA"].id
    for deed in (
        lambda: ask(shop, nobody),
        lambda: order(shop, nobody),
        lambda: decline_requests(nobody, variant_id=tea, reason="x"),
        lambda: list_wanted(nobody),
        lambda: list_requests(nobody, mine=True),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    assert states() == ["asked"] and not documents.Document.objects.exists()


@pytest.mark.parametrize("units", [0, -1, 100_001])
def test_quantities_that_cannot_be(shop: Shop, agent: Actor, units: int) -> None:
    with pytest.raises(Invalid) as refused:
        ask(shop, agent, units=units, note="x" * 501)
    assert set(refused.value.fields) == {"quantity", "note"}
    assert states() == []
