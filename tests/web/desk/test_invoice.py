"""An order's invoice is sent while its customer is on the line."""

from __future__ import annotations

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders.public import Order, confirm_order
from callcart.core.models import Event
from tests.commerce.invoicing.conftest import DRAFT
from tests.web.desk.stage import Stage


def test_sent_from_the_desk_or_said_that_there_is_none(desk: Stage) -> None:
    order = desk.order()
    none = desk.send(f"order/{order.id}/invoice", {})
    assert none.status_code == 204 and "no invoice yet" in none["HX-Trigger"]
    with desk.transaction():
        assert not Event.objects.filter(kind="invoicing.send_wanted").exists()
        if not invoicing.seller().version:
            invoicing.save_seller(desk.boss, DRAFT, version=0)
        found = Order.objects.get(id=order.id)
        if found.state == "placed":
            confirm_order(desk.boss, found.id, version=found.version)
        made = invoicing.issue_invoice(desk.boss, order.id, idempotency_key="k")
    sent = desk.send(f"order/{order.id}/invoice", {})
    assert sent.status_code == 204 and made.number in sent["HX-Trigger"]
    with desk.transaction():
        assert Event.objects.filter(kind="invoicing.send_wanted").count() == 1
