"""The orders desk: who may see what, each page's way, each refusal, and what is left after it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.commerce.orders.public import (
    Order,
    RulesDraft,
    approve_order,
    keep_doubts,
    set_rules,
    set_tags,
)
from callcart.commerce.shipping.public import DispatchState, Parcel, move_dispatch, open_dispatches
from callcart.people.approvals.public import Approval
from callcart.people.tenants import directory
from tests.commerce.shipping.conftest import open_depot
from tests.commerce.shop import ADDRESS
from tests.web.office.office import Office, field_error, grouped, words


def _now(order: Order) -> Order:
    return Order.objects.get(id=order.id)


def _tick(*orders: Order, act: str, **more: str) -> dict[str, object]:
    return {
        "order": [f"{each.id}:{each.version}" for each in orders],
        "act": act,
        "back": "/office/orders/approval",
        **more,
    }


def _doubtful(office: Office) -> Order:
    order = office.order(address=replace(ADDRESS, street="1 A"))
    keep_doubts(order)
    return order


@pytest.mark.parametrize("carrier", [False, True])
def test_a_long_queue_asks_the_database_no_more_often_than_a_short_one(office: Office, carrier: bool) -> None:
    if carrier:
        open_depot(office.shop)
    office.shop.goods("CUP", price=1000, west=1, east=50)
    office.shop.place(("CUP", 2), payment_method="cod")
    client = office.client()

    def asked() -> int:
        directory.forget()
        client.get("/office/orders/approval")  # what is kept between pages, for some seconds
        with CaptureQueriesContext(connection) as found:
            said = words(client.get("/office/orders/approval"))
        assert ("Swift" in said) is carrier
        return len(found)

    short = asked()
    for units in range(1, 7):
        _doubtful(office)
        office.order(units, payment_method="cod")
    office.shop.place(("CUP", 3), ("TEA", 1))
    assert asked() == short


PAGES = ("approval", "waiting", "receivers", "rules")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "seen"), [("supervisor", PAGES), ("agent", ("waiting",)), ("marketing", ("waiting",))]
)
def test_each_page_opens_for_those_who_may(
    office: Office, page: str, role: str, seen: tuple[str, ...]
) -> None:
    office.order()
    answer = office.client(role).get(f"/office/orders/{page}")
    assert answer.status_code == (200 if page in seen else 403)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_queue_shows_doubts_with_their_reason_and_what_is_proposed(office: Office, language: str) -> None:
    clean, doubtful = office.order(), _doubtful(office)
    client = office.client(language=language)
    said = words(client.get("/office/orders/approval"))
    assert grouped(clean.number) in said
    assert "West × 1" in said
    assert ("The street is very short." if language == "en" else "街道") in said
    only = words(client.get("/office/orders/approval?only=doubtful"))
    assert grouped(doubtful.number) in only
    assert grouped(clean.number) not in only


def test_ticked_orders_are_approved_and_a_refusal_stands_at_its_order(office: Office) -> None:
    one, two = (
        office.order(),
        office.order(address=replace(ADDRESS, street="8 Elm Street", phone="2125550190")),
    )
    client = office.client("supervisor")
    done = client.post("/office/orders/decide", _tick(one, act="approve"))
    assert (done.status_code, done["Location"]) == (303, "/office/orders/approval")
    assert _now(one).state == "confirmed"
    answer = client.post("/office/orders/decide", _tick(one, two, act="approve"))
    said = words(answer)
    assert answer.status_code == 200
    assert "1 done, 1 not." in said
    assert "was faster: this order is decided already." in said
    assert _now(two).state == "confirmed"


def test_bulk_without_ticks_reason_or_right_changes_nothing(office: Office) -> None:
    order = office.order()
    supervisor, agent = office.client("supervisor"), office.client("agent")
    for body in (
        _tick(act="approve"),
        _tick(order, act="nonsense"),
        {"order": ["x:1", "nope"], "act": "approve"},
    ):
        assert supervisor.post("/office/orders/decide", body).status_code == 303
    refused = supervisor.post("/office/orders/decide", _tick(order, act="reject", reason=" "))
    assert "Please fill this in." in words(refused)
    assert agent.post("/office/orders/decide", _tick(order, act="approve")).status_code == 303
    assert agent.post("/office/orders/decide", _tick(order, act="reject", reason="x")).status_code == 303
    assert (_now(order).state, _now(order).version) == ("placed", 1)
    supervisor.post("/office/orders/decide", _tick(order, act="reject", reason="fraud"))
    assert _now(order).cancel_reason == "fraud"


def test_above_the_limit_the_page_offers_to_ask(office: Office) -> None:
    order = office.order()
    client = office.narrowed("supervisor", orders__approve={"limit": 100})
    refused = client.post(f"/office/orders/{order.id}/approve", {"version": 1})
    assert refused.status_code == 403
    assert '<dialog id="ask"' in refused.content.decode()
    asked = client.post(f"/office/orders/{order.id}/ask", {"version": 1, "reason": "good customer"})
    assert asked.status_code == 303
    request = Approval.objects.get()
    assert (request.permission, request.measure, request.state) == (
        "orders.approve",
        order.total_minor,
        "waiting",
    )
    owner = office.client("owner")
    assert owner.post(f"/office/work/approvals/{request.id}/approve", {}).status_code == 303
    assert _now(order).state == "confirmed"


def test_approving_and_handing_over_from_the_orders_page(office: Office) -> None:
    order, client = office.order(2), office.client()
    assert client.post(f"/office/orders/{order.id}/approve", {"version": 1}).status_code == 303
    (only,) = open_dispatches(order.id)
    page = words(client.get(f"/office/orders/{order.id}"))
    assert "To be sent" in page and grouped(only.number) in page
    done = client.post(
        f"/office/orders/{order.id}/dispatches/{only.id}", {"carrier": "Swift", "tracking": "S-1"}
    )
    assert done.status_code == 303
    assert Parcel.objects.get().tracking == "S-1"
    again = client.post(f"/office/orders/{order.id}/dispatches/{only.id}", {"carrier": "Swift"})
    assert again.status_code == 409
    assert Parcel.objects.count() == 1


def test_rejecting_and_cancelling_the_rest(office: Office) -> None:
    order, client = office.order(), office.client()
    refused = client.post(f"/office/orders/{order.id}/reject", {"version": 1, "reason": ""})
    assert refused.status_code == 422 and field_error(refused, "reason") != ""
    assert (
        client.post(f"/office/orders/{order.id}/reject", {"version": 1, "reason": "fraud"}).status_code == 303
    )
    assert _now(order).state == "cancelled"
    assert (
        client.post(f"/office/orders/{order.id}/cancel-rest", {"version": 2, "reason": "x"}).status_code
        == 409
    )


def test_what_waits_counts_and_lists(office: Office) -> None:
    waits, sure = office.order(), office.order()
    unpaid = office.order(payment_method="prepaid")
    approve_order(office.boss, sure.id, version=1)
    client = office.client()
    page = words(client.get("/office/orders/waiting"))
    assert "3 orders are open." in page
    assert grouped(waits.number) in page and grouped(sure.number) not in page
    assert grouped(sure.number) in words(client.get("/office/orders/waiting?queue=warehouse"))
    assert grouped(unpaid.number) in words(client.get("/office/orders/waiting?queue=money"))
    assert client.get("/office/orders/waiting?queue=nonsense&after=x").status_code == 200


def test_an_order_is_split_after_a_look_at_both(office: Office) -> None:
    order, client = office.order(3), office.client()
    line = order.lines.get()
    address = f"/office/orders/{order.id}/split"
    assert client.get(address).status_code == 200
    refused = client.post(address, {f"units-{line.id}": "9", "version": "1", "act": "preview"})
    assert refused.status_code == 422
    assert "Give a quantity from 0 to 3." in words(refused)
    refused = client.post(address, {f"units-{line.id}": "x", "version": "1", "act": "preview"})
    assert "A whole number, 0 or more." in words(refused)
    shown = words(client.post(address, {f"units-{line.id}": "1", "version": "1", "act": "preview"}))
    assert "Both orders" in shown and Order.objects.count() == 1
    body = {f"units-{line.id}": "1", "version": "1", "act": "confirm", "key": "k1"}
    first, second = client.post(address, body), client.post(address, body)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 2


def test_orders_become_one_after_a_look_at_the_whole(office: Office) -> None:
    order, other, client = office.order(), office.order(), office.client()
    address = f"/office/orders/{order.id}/merge"
    assert grouped(other.number) in words(client.get(address))
    shown = words(client.post(address, {"other": str(other.id), "act": "preview"}))
    assert "Make them one order" in shown and _now(other).state == "placed"
    body = {"other": str(other.id), "act": "confirm", "version": "1", "other_version": "1", "key": "k1"}
    assert client.post(address, {**body, "version": "7"}).status_code == 409
    assert client.post(address, {**body, "other": "nonsense", "key": "k2"}).status_code == 404
    assert client.post(address, body).status_code == 303
    assert (_now(other).state, _now(order).lines.count()) == ("cancelled", 2)


def test_warehouses_are_changed_and_must_add_up(office: Office) -> None:
    office.shop.goods("CUP", price=500, west=3, east=3)
    order, client = office.shop.place(("CUP", 2)), office.client()
    line, (west, east) = order.lines.get(), (office.shop.warehouses[code].id for code in ("west", "east"))
    address = f"/office/orders/{order.id}/warehouses"
    assert "3 free" in words(client.get(address))
    refused = client.post(address, {f"at-{line.id}-{west}": "1", f"at-{line.id}-{east}": "2", "version": "1"})
    assert refused.status_code == 422
    assert "Together this has to be 2." in words(refused)
    assert (
        client.post(
            address, {f"at-{line.id}-{west}": "1", f"at-{line.id}-{east}": "1", "version": "1"}
        ).status_code
        == 303
    )
    assert office.shop.stock("CUP") == {"west": (3, 1), "east": (3, 1)}


def test_the_list_of_receivers_and_the_rules(office: Office) -> None:
    client = office.client("supervisor")
    refused = client.post("/office/orders/receivers/add", {"kind": "phone", "value": "12"})
    assert refused.status_code == 422 and field_error(refused, "value") != ""
    body = {"kind": "address", "value": "1 Pine Street, Portland", "note": "empty house"}
    assert client.post("/office/orders/receivers/add", body).status_code == 303
    assert client.post("/office/orders/receivers/add", body).status_code == 409
    assert "empty house" in words(client.get("/office/orders/receivers"))
    wrong = {"large_minor": "12,5", "refusals": "-1", "duplicate_hours": "24", "version": "0"}
    refused = client.post("/office/orders/rules", wrong)
    assert refused.status_code == 422
    assert field_error(refused, "large_minor") != "" and field_error(refused, "refusals") != ""
    good = {
        "large_minor": "５00",
        "refusals": "2",
        "duplicate_hours": "12",
        "version": "0",
        "auto_approve": "1",
    }
    assert client.post("/office/orders/rules", good).status_code == 303
    assert client.post("/office/orders/rules", good).status_code == 409
    assert "500.00" in client.get("/office/orders/rules").content.decode()


def test_the_list_filters_by_tag_doubt_campaign_amount_and_warehouse(office: Office) -> None:
    plain, big = office.order(), office.order(4, campaign="spring")
    set_tags(office.boss, plain.id, ["gift", "gift", "  call  first "])
    set_rules(office.boss, RulesDraft(large_minor=5000), version=0)
    keep_doubts(big)
    client, west = office.client(), office.shop.warehouses["west"].id
    east = office.shop.warehouses["east"].id
    for query, here, gone in (
        ("tag=gift", plain, big), ("doubt=large_amount", big, plain), ("campaign=spring", big, plain),
        ("least=60", big, plain), ("most=60.00", plain, big), ("doubtful=any", big, None),
    ):  # fmt: skip
        said = words(client.get(f"/office/orders?{query}"))
        assert grouped(here.number) in said, query
        assert gone is None or grouped(gone.number) not in said, query
    assert grouped(plain.number) in words(client.get(f"/office/orders?warehouse={west}"))
    assert grouped(plain.number) not in words(client.get(f"/office/orders?warehouse={east}"))
    shown = words(client.get("/office/orders?col=tags&col=doubts&col=campaign"))
    assert "call first" in shown and "Large amount" in shown and "spring" in shown


def test_tags_on_one_order_and_on_many(office: Office) -> None:
    one, two, client = office.order(), office.order(), office.client("agent")
    assert client.post(f"/office/orders/{one.id}/tags", {"tags": "vip，call first"}).status_code == 303
    assert _now(one).tags == ["vip", "call first"]
    refused = client.post(f"/office/orders/{one.id}/tags", {"tags": "x" * 31})
    assert refused.status_code == 422
    client.post("/office/orders/decide", _tick(one, two, act="tag", tags="vip, gift"))
    assert (_now(one).tags, _now(two).tags) == (["vip", "call first", "gift"], ["vip", "gift"])
    client.post("/office/orders/decide", _tick(one, two, act="untag", tags="vip"))
    assert (_now(one).tags, _now(two).tags, _now(one).version) == (["call first", "gift"], ["gift"], 1)
    warehouse = office.client("warehouse")
    assert warehouse.post(f"/office/orders/{one.id}/tags", {"tags": "mine"}).status_code == 403
    assert _now(one).tags == ["call first", "gift"]


def test_a_pasted_address_comes_back_in_fields(office: Office) -> None:
    text = "林小满 13800010001 浙江省杭州市西湖区文三路100号"
    answer = office.client("agent").post("/office/orders/address", {"text": text})
    found = json.loads(answer.content)
    assert (found["name"], found["city"], found["street"], found["doubtful"]) == (
        "林小满",
        "杭州市",
        "文三路100号",
        [],
    )
    assert office.client_for(None).post("/office/orders/address", {"text": text}).status_code == 302


def test_what_is_being_packed_says_so(office: Office) -> None:
    order, client = office.order(), office.client()
    approve_order(office.boss, order.id, version=1)
    move_dispatch(office.boss, open_dispatches(order.id)[0].id, DispatchState.PICKING)
    assert "Being picked" in words(client.get(f"/office/orders/{order.id}"))
