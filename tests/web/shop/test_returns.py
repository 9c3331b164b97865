"""Returns in the shop: asked for from one's order in both languages, followed, withdrawn; nobody else's."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Case
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import approve_order, hand_over
from callcart.commerce.shipping.public import Parcel, ParcelState, open_dispatches, set_parcel_state
from callcart.core import events
from tests.web.shop.visitor import Shop, Visitor


def delivered(shop: Shop, visitor: Visitor, sku: str) -> Order:
    """An order placed in the shop by this visitor, at the door by now."""
    visitor.add(sku)
    order = visitor.order(sku)
    with shop.acting(), events.handled_at_once():
        order.refresh_from_db()
        if order.state == "placed":
            approve_order(shop.boss, order.id, version=order.version)
        for each in open_dispatches(order.id):
            hand_over(shop.boss, each.id)
        for parcel in Parcel.objects.filter(order_id=order.id):
            set_parcel_state(shop.boss, parcel.id, ParcelState.DELIVERED, reference="door")
    return order


def a_picture() -> io.BytesIO:
    """A photo as a form sends it."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "JPEG")
    out.seek(0)
    out.name = "x.jpg"
    return out


@pytest.mark.parametrize("slug", ["harbor", "qinghe"])
def test_asked_for_followed_and_withdrawn(request: pytest.FixtureRequest, slug: str) -> None:
    shop: Shop = request.getfixturevalue(slug)
    visitor = shop.visitor(language="zh-hans" if slug == "qinghe" else "en")
    client = visitor.client
    order = delivered(shop, visitor, shop.goods(stock=5))
    assert f"/order/{order.number}/return" in client.get(f"/order/{order.number}").content.decode()
    with shop.acting():
        line = order.lines.get()
    page = client.get(f"/order/{order.number}/return")
    assert page.status_code == 200
    form = {
        "kind": "return",
        "key": f"k-{slug}",
        "reason": "does_not_fit",
        f"units-{line.id}": "1",
        "pictures": [a_picture()],
    }
    answer = client.post(f"/order/{order.number}/return", form)
    assert answer.status_code == 303
    with shop.acting():
        case = Case.objects.get(order=order)
        assert (case.channel, case.state, case.pictures.count()) == ("shop", "asked", 1)
        picture = case.pictures.get().id
    assert answer["Location"] == f"/return/{case.number}"
    assert client.get(f"/return/{case.number}").status_code == 200
    assert client.get(f"/return/{case.number}/pictures/{picture}")["Cache-Control"] == "private, no-store"
    too_many = client.post(
        f"/order/{order.number}/return", {**form, "key": "more", f"units-{line.id}": "2", "pictures": []}
    )
    assert too_many.status_code == 422
    with shop.acting():
        aftersales.approve(shop.boss, case.id, version=1)
    assert client.get(f"/return/{case.number}/slip")["Content-Type"] == "application/pdf"
    assert client.post(f"/return/{case.number}/sent", {"carrier": "Post", "tracking": ""}).status_code == 422
    assert (
        client.post(f"/return/{case.number}/sent", {"carrier": "Post", "tracking": "RR1"}).status_code == 303
    )
    assert client.post(f"/return/{case.number}/cancel", {"version": "1"}).status_code == 409
    with shop.acting():
        case.refresh_from_db()
    assert client.post(f"/return/{case.number}/cancel", {"version": case.version}).status_code == 303
    page = client.get(f"/return/{case.number}")
    assert page.status_code == 200
    stranger = shop.visitor().client
    for address in (f"/return/{case.number}", f"/return/{case.number}/slip", f"/order/{order.number}/return"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/return/{case.number}/cancel", {"version": "9"}).status_code == 404
