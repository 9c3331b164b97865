"""What pages say of an order that was refused in part at the door, and of one whose plan keeps it whole."""

from __future__ import annotations

import pytest

from callcart.commerce.aftersales.models import Case
from tests.commerce.aftersales.counter import Counter
from tests.web.office.office import Office, words


@pytest.mark.parametrize(
    ("language", "back", "nothing"),
    [
        (
            "en",
            "Came back undelivered −$11.67 To be paid $23.33",
            "The carrier collected nothing for these goods",
        ),
        ("zh-hans", "未妥投退回 −$11.67 应付 $23.33", "快递公司未就这些商品代收货款"),
    ],
)
def test_an_order_refused_in_part_asks_for_what_was_delivered(
    office: Office, language: str, back: str, nothing: str
) -> None:
    office.shop.goods("A", price=1000, west=50)
    office.shop.goods("B", price=500, east=50)
    counter = Counter(office.shop)
    order = counter.delivered(("A", 2), ("B", 2), paid=False, state="out_for_delivery")
    by_sku = {line.id: line.sku for line in order.lines.all()}
    for parcel in counter.parcels(order):
        counter.scan(parcel, "delivered" if by_sku[parcel.lines.get().line_id] == "A" else "returned")
    case = counter.inspect(counter.receive(Case.objects.get(), "east"))
    client = office.client("owner", language=language)
    page = words(client.get(f"/office/orders/{order.id}"))
    assert back in page
    assert "23.33" in words(client.get("/office/money/carriers"))
    assert "35.00" not in words(client.get("/office/money/carriers"))
    assert nothing in words(client.get(f"/office/returns/{case.id}"))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "paid in instalments, and its plan runs"), ("zh-hans", "此订单为分期付款")]
)
def test_the_page_says_why_an_order_with_a_plan_stays_one(office: Office, language: str, said: str) -> None:
    order = office.order(2, payment_method="instalments", instalments=2)
    line = order.lines.get()
    answer = office.client("owner", language=language).post(
        f"/office/orders/{order.id}/split", {f"units-{line.id}": "1"}
    )
    assert answer.status_code == 409
    assert said in words(answer)


def test_a_case_of_goods_nobody_paid_is_settled_with_one_press(office: Office) -> None:
    counter = Counter(office.shop)
    office.shop.goods("A", price=1000, west=50)
    office.shop.goods("B", price=500, east=50)
    order = counter.delivered(("A", 2), ("B", 2), paid=False, state="out_for_delivery")
    by_sku = {line.id: line.sku for line in order.lines.all()}
    for parcel in counter.parcels(order):
        counter.scan(parcel, "delivered" if by_sku[parcel.lines.get().line_id] == "A" else "returned")
    case = counter.inspect(counter.receive(Case.objects.get(), "east"))
    client = office.client()
    page = client.get(f"/office/returns/{case.id}")
    assert "Price of these goods $10.00" in words(page)
    assert 'name="fee"' not in page.content.decode()
    answer = client.post(f"/office/returns/{case.id}/settle", {"version": str(case.version)})
    assert answer.status_code == 303
    case.refresh_from_db()
    assert (case.state, case.refund_minor) == ("closed", 0)
