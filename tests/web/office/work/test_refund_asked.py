"""A refund above one's limit: the dialog offers to ask, the request reaches who may, approving sends the money, once."""

from __future__ import annotations

import pytest

from callcart.commerce.orders.models import Order
from callcart.commerce.payments.models import Payment, Refund
from callcart.people.approvals.models import Approval
from tests.web.office.office import Office, words


@pytest.fixture
def paid(office: Office) -> Order:
    """An order over 500.00 that is paid."""
    from callcart.commerce.payments.public import receive

    office.shop.goods("GOLD", price=50_000, west=5)
    order = office.order(sku="GOLD", payment_method="prepaid")
    from callcart.core.money import Money

    receive(
        office.boss, order_id=order.id, method="bank_transfer", amount=Money(order.total_minor, "USD"), reference="T1",
        payer="Ada", idempotency_key="k",
    )  # fmt: skip
    return order


def form(amount: str = "400.00", **more: str) -> dict[str, str]:
    return {"amount": amount, "reason": "Came broken", "key": "one", **more}


def test_from_the_dialog_to_the_money(office: Office, paid: Order) -> None:
    supervisor = office.client("supervisor")
    refused = supervisor.post(f"/office/orders/{paid.id}/refunds", form())
    page = refused.content.decode()
    assert refused.status_code == 403 and '<dialog id="refund"' in page and 'name="ask"' in page
    assert page.count("data-now") == 1 and "above your limit" in words(refused)
    assert not Refund.objects.exists() and not Approval.objects.exists()
    asked = supervisor.post(f"/office/orders/{paid.id}/refunds", form(ask="1"))
    assert asked.status_code == 303
    request = Approval.objects.get()
    assert (request.measure, request.subject_id, request.state) == (40_000, paid.id, "waiting")
    assert "Supervisor Example asked for approval" in words(supervisor.get(f"/office/orders/{paid.id}"))
    done = office.client("finance").post(f"/office/work/approvals/{request.id}/approve")
    assert done.status_code == 303
    assert [row.amount_minor for row in Refund.objects.all()] == [40_000]
    again = office.client("owner").post(f"/office/work/approvals/{request.id}/approve")
    assert again.status_code == 409 and Refund.objects.count() == 1


def test_more_than_was_paid_is_not_asked_for(office: Office, paid: Order) -> None:
    refused = office.client("supervisor").post(f"/office/orders/{paid.id}/refunds", form("900.00", ask="1"))
    assert refused.status_code == 409 and not Approval.objects.exists()


def test_given_back_meanwhile_the_approval_says_so_and_waits(office: Office, paid: Order) -> None:
    office.client("supervisor").post(f"/office/orders/{paid.id}/refunds", form(ask="1"))
    office.client("owner").post(f"/office/orders/{paid.id}/refunds", form("300.00", key="two"))
    request = Approval.objects.get()
    refused = office.client("finance").post(f"/office/work/approvals/{request.id}/approve")
    assert refused.status_code == 409 and "can be given back" in words(refused)
    assert Approval.objects.get().state == "waiting"
    assert sum(row.amount_minor for row in Refund.objects.all()) == 30_000
    assert Payment.objects.get(order_id=paid.id).captured_minor == paid.total_minor
