"""Credit notes: of units, of amounts, of all that is left; never more than was invoiced; by themselves for what goes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcart.commerce.invoicing import handlers
from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.invoicing.content import Part
from callcart.commerce.invoicing.credit import Left, _all, _some
from callcart.commerce.invoicing.models import Document
from callcart.commerce.orders import public as orders
from callcart.commerce.payments import finance
from callcart.commerce.payments import public as payments
from callcart.commerce.shipping import public as shipping
from callcart.core.actor import Grant
from callcart.core.clock import now
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.events import Event
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from tests.commerce.invoicing.conftest import changed
from tests.commerce.invoicing.test_issue import confirmed, issue, rate
from tests.commerce.shop import Shop


def credit(shop: Shop, invoice: Document, **what: Any) -> Document:
    return invoicing.credit_invoice(
        shop.boss, invoice.id, reason="came back", idempotency_key=f"c-{new_id()}", **what
    )


@pytest.fixture
def invoice(shop: Shop, seller: invoicing.Seller) -> Document:
    """Three of A for 10.00, one of B for 3.01, delivery 5.00; 13 % of tax in the goods."""
    rate(shop, "standard", 130_000, default=True)
    shop.goods("A", price=1000, west=20)
    shop.goods("B", price=301, west=20)
    return issue(shop, confirmed(shop, ("A", 3), ("B", 1)))


def test_units_take_their_share_and_the_last_takes_the_rest(shop: Shop, invoice: Document) -> None:
    notes = [credit(shop, invoice, units={1: 1}) for _ in range(3)]
    assert [(each.net_minor, each.tax_minor) for each in notes] == [(885, 115), (885, 115), (885, 115)]
    assert [each.refers_to_id for each in notes] == [invoice.id] * 3
    with pytest.raises(Invalid) as refused:
        credit(shop, invoice, units={1: 1, 2: 2, 9: 1})
    assert set(refused.value.fields) == {"units_1", "units_2", "units_9"}
    rest = credit(shop, invoice)
    invoice.refresh_from_db()
    assert rest.total_minor == 801 and invoice.credited_minor == invoice.total_minor == 3801
    assert invoice.closed_at is not None and invoice.tax_minor == sum(n.tax_minor for n in [*notes, rest])
    with pytest.raises(invoicing.NothingLeft):
        credit(shop, invoice)
    assert find_in("invoicing") == []


def test_an_amount_never_passes_what_is_left(shop: Shop, invoice: Document) -> None:
    note = credit(shop, invoice, amount=Money(1234, "USD"))
    assert note.total_minor == 1234 and sum(t["net"] + t["tax"] for t in note.content["taxes"]) == 1234
    for wrong in (Money(3801 - 1234 + 1, "USD"), Money(0, "USD"), Money(-5, "USD"), Money(5, "CNY")):
        with pytest.raises(Invalid):
            credit(shop, invoice, amount=wrong)
    invoice.refresh_from_db()
    assert invoice.credited_minor == 1234
    assert credit(shop, invoice, units={1: 3}).total_minor == 3000 - 974
    assert find_in("invoicing") == []


def test_the_same_key_credits_once(shop: Shop, invoice: Document) -> None:
    once = [
        invoicing.credit_invoice(shop.boss, invoice.id, reason="r", idempotency_key="k", units={1: 1})
        for _ in range(2)
    ]
    assert once[0].id == once[1].id and Document.objects.filter(kind="credit_note").count() == 1


def test_many_small_credit_notes_of_an_order_are_a_large_one(shop: Shop, invoice: Document) -> None:
    clerk = shop.staff("orders.view", "invoicing.view", invoicing__credit=Grant(limit=1000))

    def credit(minor: int, key: str) -> None:
        invoicing.credit_invoice(
            clerk, invoice.id, reason="r", idempotency_key=key, amount=Money(minor, invoice.currency)
        )

    credit(600, "k1")
    with pytest.raises(approvals.NeedsApproval):
        credit(401, "k2")
    credit(600, "k1")  # the same again
    credit(400, "k3")
    assert sorted(Document.objects.filter(kind="credit_note").values_list("total_minor", flat=True)) == [
        400,
        600,
    ]


def test_above_the_limit_somebody_is_asked(shop: Shop, invoice: Document) -> None:
    clerk = shop.staff("orders.view", "invoicing.view", invoicing__credit=Grant(limit=1000))
    arguments: dict[str, Any] = {"reason": "r", "idempotency_key": "k", "units": {1: 2}}
    with pytest.raises(approvals.NeedsApproval):
        invoicing.credit_invoice(clerk, invoice.id, **arguments)
    with pytest.raises(PermissionDenied):
        invoicing.credit_invoice(shop.staff("orders.view", "invoicing.view"), invoice.id, **arguments)
    with pytest.raises(PermissionDenied):
        invoicing.correct_invoice(clerk, invoice.id, reason="r", idempotency_key="k")
    with pytest.raises(Invalid):
        invoicing.credit_invoice(clerk, invoice.id, reason=" ", idempotency_key="k", units={1: 1})
    invoice.refresh_from_db()
    assert invoice.credited_minor == 0 and not Document.objects.filter(kind="credit_note").exists()
    assert (
        invoicing.credit_invoice(clerk, invoice.id, reason="r", idempotency_key="k", units={1: 1}).total_minor
        == 1000
    )


def test_a_correction_is_a_credit_note_and_a_new_invoice(shop: Shop, invoice: Document) -> None:
    buyer = invoicing.BuyerDraft(kind="company", title="Acme Ltd", tax_number="US 77")
    new = invoicing.correct_invoice(shop.boss, invoice.id, reason="name", idempotency_key="k", buyer=buyer)
    again = invoicing.correct_invoice(shop.boss, invoice.id, reason="name", idempotency_key="k", buyer=buyer)
    invoice.refresh_from_db()
    assert again.id == new.id and new.buyer_title == "Acme Ltd" and new.total_minor == invoice.total_minor
    assert invoice.closed_at is not None and invoice.buyer_title == "Ada Example"
    assert [each.kind for each in invoicing.documents_of_order(shop.boss, invoice.order_id)] == [
        "invoice", "credit_note", "invoice",
    ]  # fmt: skip


def event(kind: str, order_id: object, **data: object) -> Event:
    return Event(1, 1, now(), kind, "order", None, None, "staff", {"order_id": str(order_id), **data})


@pytest.fixture
def paid(shop: Shop, seller: invoicing.Seller) -> orders.Order:
    """An order of 25.00, paid in cash at the counter."""
    shop.goods("A", price=1000, west=20)
    order = shop.place(("A", 2), payment_method="prepaid")
    finance.receive(
        shop.boss, order_id=order.id, method="cash", amount=Money(2500, "USD"), idempotency_key="pay"
    )
    return orders.confirm_order(shop.boss, order.id, version=order.version)


def give_back(shop: Shop, order: orders.Order, minor: int) -> None:
    payments.request_refund(
        shop.boss, order.id, amount=Money(minor, "USD"), reason="r", idempotency_key=f"r-{new_id()}"
    )
    for refund in payments.Refund.objects.filter(payment__order_id=order.id, state="in_flight"):
        finance.finish_refund(shop.boss, refund.id, reference="cash")


def test_what_goes_back_is_credited_once(shop: Shop, paid: orders.Order) -> None:
    invoice = issue(shop, paid)
    give_back(shop, paid, 700)
    for _ in range(3):  # the same fact may be told again
        handlers.on_refund_done(event("payments.refund_done", paid.id))
    invoice.refresh_from_db()
    assert invoice.credited_minor == 700
    credit(shop, invoice, units={1: 1})  # by hand, and then the money goes back for it
    handlers.on_refund_done(event("payments.refund_done", paid.id))
    give_back(shop, paid, 500)
    handlers.on_refund_done(event("payments.refund_done", paid.id))
    kept = 2500 - 1200
    invoice.refresh_from_db()
    assert invoice.left.minor == min(
        kept, 2500 - 700 - Document.objects.get(number__endswith="2", kind="credit_note").total_minor
    )
    assert find_in("invoicing") == []


def test_what_went_back_before_is_credited_with_the_invoice(shop: Shop, paid: orders.Order) -> None:
    give_back(shop, paid, 700)
    invoice = issue(shop, paid)
    invoice.refresh_from_db()
    assert (invoice.total_minor, invoice.credited_minor) == (2500, 700)
    new = invoicing.correct_invoice(shop.boss, invoice.id, reason="name", idempotency_key="k")
    new.refresh_from_db()
    assert (new.total_minor, new.credited_minor) == (2500, 700)


def test_a_cancelled_order_has_its_invoice_credited(shop: Shop, paid: orders.Order) -> None:
    invoice = issue(shop, paid)
    found = orders.Order.objects.get(id=paid.id)
    orders.cancel_order(shop.boss, paid.id, reason="changed my mind", version=found.version)
    for _ in range(2):
        handlers.on_order_changed(event("order.changed", paid.id, state="cancelled"))
        handlers.on_refund_done(event("payments.refund_done", paid.id))
    note = Document.objects.get(refers_to=invoice)
    assert (note.total_minor, note.reason) == (2500, "changed my mind")


def test_invoices_come_by_themselves_where_the_shop_says_so(shop: Shop, paid: orders.Order) -> None:
    handlers.on_payment_changed(event("payment.changed", paid.id))
    assert not Document.objects.exists()
    changed(shop, issue_at="payment")
    owing = confirmed(shop, ("A", 1))
    for order in (paid, paid, owing):
        handlers.on_payment_changed(event("payment.changed", order.id))
    assert [each.order_id for each in Document.objects.all()] == [paid.id]

    changed(shop, issue_at="dispatch")
    handlers.on_dispatched(event("dispatch.changed", owing.id, state="handed_over"))
    assert Document.objects.count() == 1  # nothing has left yet
    orders.hand_over(shop.boss, shipping.open_dispatches(owing.id)[0].id, carrier="Swift", tracking="S1")
    for _ in range(2):
        handlers.on_dispatched(event("dispatch.changed", owing.id, state="handed_over"))
    assert Document.objects.filter(order_id=owing.id).count() == 1

    credit(shop, Document.objects.get(order_id=owing.id))
    handlers.on_dispatched(event("dispatch.changed", owing.id, state="handed_over"))
    assert Document.objects.filter(order_id=owing.id, kind="invoice").count() == 1  # never a second by itself


def test_orders_of_the_past_get_none(shop: Shop, paid: orders.Order) -> None:
    changed(shop, issue_at="payment")
    orders.Order.objects.filter(id=paid.id).update(channel="import")
    handlers.on_payment_changed(event("payment.changed", paid.id))
    assert not Document.objects.exists()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    units=st.integers(1, 50),
    net=st.integers(0, 10**7),
    tax=st.integers(0, 10**6),
    added=st.booleans(),
    data=st.data(),
)
def test_shares_add_up_whatever_their_order(
    units: int, net: int, tax: int, added: bool, data: st.DataObject
) -> None:
    part = Part(1, "goods", "A", "", "A", units, (net + tax) // units + 1, 0, net, tax, 0)
    left, found = Left(part, units, net, tax), []
    while left.units:
        count = data.draw(st.integers(1, left.units))
        share = _all(left, added=added) if count == left.units else _some(left, count, added=added)
        assert 0 <= share.net <= left.net and 0 <= share.tax <= left.tax
        found.append(share)
        left = Left(part, left.units - count, left.net - share.net, left.tax - share.tax)
    assert (left.net, left.tax) == (0, 0)
    assert sum(each.quantity for each in found) == units
