"""A line of the order form that is out: the buyer is asked, the customer is put on the list, and what is wrong is said."""

from __future__ import annotations

from uuid import uuid4

from callcart.commerce.inventory.models import Stock
from callcart.commerce.supply.models import ArrivalNotice, ReplenishmentRequest
from tests.web.desk.stage import Stage


def test_a_line_that_is_out_offers_both_and_does_them(desk: Stage) -> None:
    variant, customer = str(desk.variant("LA01")), str(desk.customer())
    with desk.transaction():
        free = sum(max(row.available, 0) for row in Stock.objects.filter(variant_id=variant))
    lines = [{"variant_id": variant, "quantity": str(free + 1)}]
    body = {"customer_id": customer, "lines": lines, "key": str(uuid4()), "channel": "phone"}
    page = desk.send("order/summary", body).content.decode()
    assert 'data-short="request"' in page and 'data-short="notice"' in page
    lines[0]["quantity"] = "1"
    assert "data-short" not in desk.send("order/summary", body).content.decode()

    asked = {"act": "request", "variant_id": variant, "customer_id": customer, "quantity": "7"}
    assert desk.send("order/short", asked).json() == {
        "said": "Asked for: you hear of it when the buyer answers."
    }
    refused = desk.send("order/short", {**asked, "act": "notice", "channel": "sms"})
    assert (refused.status_code, refused.json()["code"]) == (409, "supply.in_stock")
    wrong = desk.send("order/short", {**asked, "quantity": "x"})
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"quantity"})
    with desk.transaction():
        found = ReplenishmentRequest.objects.get()
        assert (str(found.variant_id), str(found.customer_id), found.quantity) == (variant, customer, 7)
        assert not ArrivalNotice.objects.exists()
        found.delete()
    assert desk.send("order/short", {"act": "request"}).status_code == 404
