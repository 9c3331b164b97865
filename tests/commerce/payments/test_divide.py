"""Splitting what an order owes: captured is the sum of both halves, each half goes back the way the whole came, and limits hold over
both. Any sequence of splits, refunds, voids and edits keeps the sums.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcart.commerce.payments import finance, ledger
from callcart.commerce.payments import stored_value as stored
from callcart.commerce.payments.divide import HasPlan, MoneyUnderWay, PartGivenBack, divide_payment
from callcart.commerce.payments.gateway import EventKind, GatewayEvent, key_of
from callcart.commerce.payments.intent import cancel_payment, change_amount, create_intent
from callcart.commerce.payments.jobs import _refunded
from callcart.commerce.payments.models import (
    Attempt,
    Payment,
    PaymentMethod,
    Receipt,
    Refund,
    RefundState,
    StatementLine,
    StoredAccount,
    StoredEntry,
    TillEntry,
)
from callcart.commerce.payments.refund import TooMuchRefund
from callcart.commerce.payments.webhook import apply_event
from callcart.core.actor import Actor
from callcart.core.errors import AppError, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from callcart.core.money import Money
from callcart.people.approvals.public import NeedsApproval
from callcart.people.tenants.models import Tenant
from tests.commerce.payments.books import Books, lines, usd

CUSTOMER = UUID("01990000-0000-7000-8000-00000000c057")


def capture(payment: Payment, minor: int, *, instalment_id: UUID | None = None) -> Attempt:
    """Money that a payment company reports."""
    attempt = Attempt.objects.create(
        payment=payment, provider="fake", amount_minor=minor, currency="USD", instalment_id=instalment_id
    )
    event = GatewayEvent(
        event_id=str(new_id()), kind=EventKind.CAPTURED, reference=f"ref-{attempt.id}",
        key=key_of(payment.tenant_id, attempt.id), amount=usd(minor),
    )  # fmt: skip
    apply_event("fake", event)
    attempt.refresh_from_db()
    return attempt


def split(actor: Actor, order_id: UUID, moved: int) -> UUID:
    """Split so much of the debt off; the new order's id."""
    payment, new = Payment.objects.get(order_id=order_id), new_id()
    kept = usd(payment.amount_minor - moved)
    divide_payment(actor, order_id, to=(new, f"N{new.hex[-8:]}"), kept=kept, moved=usd(moved))
    return new


def sums(*order_ids: UUID) -> list[tuple[int, int, str]]:
    rows = {row.order_id: row for row in Payment.objects.all()}
    return [(rows[each].amount_minor, rows[each].captured_minor, str(rows[each].state)) for each in order_ids]


def test_what_a_gateway_took_is_halved_and_goes_back_to_the_same_visit(books: Books) -> None:
    payment = books.owe(5000)
    attempt = capture(payment, 5000)
    new = split(books.boss, payment.order_id, 2001)
    assert sums(payment.order_id, new) == [(2999, 2999, "paid"), (2001, 2001, "paid")]
    halves = {row.order_id: row for row in Receipt.objects.all()}
    assert {row.attempt_id for row in halves.values()} == {attempt.id}
    assert (halves[new].method, halves[new].holder, halves[new].reference) == (
        "gateway",
        "fake",
        attempt.reference,
    )
    for order_id, amount in ((payment.order_id, 2999), (new, 2001)):
        (row,) = finance.request_refund(
            books.boss, order_id, amount=usd(amount), reason="x", idempotency_key=f"k{amount}"
        )
        assert (row.way, row.attempt_id, row.amount_minor) == ("gateway", attempt.id, amount)
        _refunded(row.id, row.payment_id, f"back {amount}", "")
        with pytest.raises(TooMuchRefund):
            finance.request_refund(
                books.boss, order_id, amount=usd(1), reason="x", idempotency_key=f"more{amount}"
            )
    assert sum(TillEntry.objects.values_list("amount_minor", flat=True)) == 0
    books.adds_up()


def test_a_message_again_after_the_split_books_nothing_twice(books: Books) -> None:
    payment = books.owe(5000)
    attempt = capture(payment, 5000)
    new = split(books.boss, payment.order_id, 5000)  # the whole receipt goes over
    assert sums(payment.order_id, new) == [(0, 0, "paid"), (5000, 5000, "paid")]
    again = GatewayEvent(
        event_id="late", kind=EventKind.CAPTURED, reference=attempt.reference or "",
        key=key_of(payment.tenant_id, attempt.id), amount=usd(5000),
    )  # fmt: skip
    apply_event("fake", again)
    assert sums(payment.order_id, new) == [(0, 0, "paid"), (5000, 5000, "paid")]
    assert Receipt.objects.count() == 1
    books.adds_up()


def test_a_gift_card_takes_back_both_halves_and_its_sheet_says_which_order_it_paid(books: Books) -> None:
    payment = books.owe(5000)
    account = stored.issue_card(books.boss, amount=usd(3000), idempotency_key="c").account
    stored.spend(books.boss, account.id, order_id=payment.order_id, idempotency_key="s")
    new = split(books.boss, payment.order_id, 2500)
    assert sums(payment.order_id, new) == [(2500, 1500, "part_paid"), (2500, 1500, "part_paid")]
    entries = StoredEntry.objects.filter(account=account, kind="spent").order_by("id")
    assert [(row.order_id, row.amount_minor) for row in entries] == [
        (payment.order_id, -3000), (payment.order_id, 1500), (new, -1500),
    ]  # fmt: skip
    books.adds_up()
    for number, order_id in enumerate((payment.order_id, new), start=1):
        cancel_payment(books.boss, order_id)
        (row,) = Refund.objects.filter(payment__order_id=order_id)
        assert (row.way, row.amount_minor) == ("gift_card", 1500)
        finance.pay_refund(books.boss, row.id)
        assert StoredAccount.objects.get(id=account.id).balance_minor == 1500 * number
    books.adds_up()


def test_limits_count_over_all_halves(books: Books) -> None:
    payment, clerk = books.owe(6000), books.clerk(refund=1000, pay_out=1000)
    for _ in range(3):
        books.receive(payment, 2000)
    first = split(books.boss, payment.order_id, 2000)
    second = split(books.boss, first, 1000)
    assert {row.root for row in Payment.objects.all()} == {payment.id}

    def refund(order_id: UUID, minor: int, key: str) -> Refund:
        (row,) = finance.request_refund(
            clerk, order_id, amount=usd(minor), reason="x", idempotency_key=key, to="cash"
        )
        return row

    rows = [refund(payment.order_id, 400, "a"), refund(first, 400, "b")]
    with pytest.raises(NeedsApproval):
        refund(second, 201, "c")
    rows.append(refund(second, 200, "d"))
    for row in rows:
        finance.finish_refund(clerk, row.id, reference="slip")
    books.adds_up()


def test_a_limit_of_voids_counts_over_both_halves(books: Books) -> None:
    payment, clerk = books.owe(2400), books.clerk(void=1000)
    for _ in range(4):
        books.receive(payment, 600)
    new = split(books.boss, payment.order_id, 1200)
    mine, theirs = (Receipt.objects.filter(order_id=each).earliest("id") for each in (payment.order_id, new))
    finance.void_receipt(clerk, mine.id, reason="x")
    with pytest.raises(PermissionDenied):
        finance.void_receipt(clerk, theirs.id, reason="x")
    theirs.refresh_from_db()
    assert theirs.voided_at is None
    books.adds_up()


def test_a_half_of_a_bank_line_voided_lets_the_line_wait_for_that_half(books: Books) -> None:
    payment = books.owe(5000)
    books.statement(
        lines(f"""
        Date,Amount,Payer,Text
        2026-11-02,50.00,Ada Example,Order {payment.order_number}
        """)
    )
    row = StatementLine.objects.get()
    finance.book_certain(books.boss, row.statement_id)
    new = split(books.boss, payment.order_id, 2000)
    (half,) = Receipt.objects.filter(order_id=new)
    assert (half.source_kind, half.source_id, half.amount_minor) == ("statement_line", row.id, 2000)
    finance.void_receipt(books.boss, half.id, reason="x")
    row.refresh_from_db()
    assert (row.state, row.booked_minor) == ("open", 3000)
    books.adds_up()


def test_a_receipt_that_is_voided_while_its_order_is_split_is_voided_where_it_lies_then(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = books.owe(5000)
    receipt = books.receive(payment, 5000)
    locked, new = ledger.locked, list[UUID]()

    def after_the_split(**wanted: UUID) -> Payment:
        if not new:  # whoever splits was faster to the lock
            new.append(new_id())
            new[0] = split(books.boss, payment.order_id, 5000)
        return locked(**wanted)

    monkeypatch.setattr(ledger, "locked", after_the_split)
    finance.void_receipt(books.boss, receipt.id, reason="x")
    assert sums(payment.order_id, new[0]) == [(0, 0, "paid"), (5000, 0, "due")]
    books.adds_up()


def test_a_plan_that_runs_stays_whole_and_one_paid_off_is_shared(books: Books) -> None:
    payment = books.owe(5000, method="instalments", instalments=2)
    plan = list(payment.instalments.order_by("number"))
    with pytest.raises(HasPlan):
        split(books.boss, payment.order_id, 1000)
    capture(payment, 2500, instalment_id=plan[0].id)
    with pytest.raises(HasPlan):
        split(books.boss, payment.order_id, 1000)
    assert Payment.objects.count() == 1
    capture(payment, 2500, instalment_id=plan[1].id)
    new = split(books.boss, payment.order_id, 1000)
    assert sums(payment.order_id, new) == [(4000, 4000, "paid"), (1000, 1000, "paid")]
    change_amount(books.boss, new, usd(1300))  # what it grows by can be paid, though no plan is left for it
    assert ledger.amount_due_now(Payment.objects.get(order_id=new)) == (300, None)
    capture(Payment.objects.get(order_id=new), 300)
    assert sums(payment.order_id, new) == [(4000, 4000, "paid"), (1300, 1300, "paid")]
    books.adds_up()


def test_money_on_its_way_is_waited_for_and_what_was_given_back_by_kindness_belongs_to_neither(
    books: Books,
) -> None:
    payment = books.owe(5000)
    capture(payment, 5000)
    change_amount(books.boss, payment.order_id, usd(4000))  # 1000 goes back
    (row,) = Refund.objects.all()
    with pytest.raises(MoneyUnderWay):
        split(books.boss, payment.order_id, 1000)
    finance.pay_refund(books.boss, row.id)
    _refunded(row.id, payment.id, "ref", "")
    new = split(books.boss, payment.order_id, 1000)
    assert sums(payment.order_id, new) == [(3000, 4000, "paid"), (1000, 1000, "paid")]
    books.adds_up()
    finance.request_refund(books.boss, new, amount=usd(100), reason="late", idempotency_key="k", to="cash")
    finance.finish_refund(books.boss, Refund.objects.get(amount_minor=100).id, reference="slip")
    with pytest.raises(PartGivenBack):
        split(books.boss, new, 500)
    assert Payment.objects.count() == 2


STEPS = (
    "split", "split", "split", "receive", "capture", "card", "credit", "void", "refund", "provider_says_yes", "finish",
    "pay_again", "change", "cancel",
)  # fmt: skip
step = st.tuples(st.sampled_from(STEPS), st.integers(1, 4000))


@dataclass
class Family:
    """An order and all that is split off it; `owed` is what all of them owe together."""

    tenant_id: int
    orders: list[UUID]
    owed: int = 5000

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def take(self, name: str, number: int) -> None:
        try:
            with transaction.atomic():
                getattr(self, name)(self.orders[number % len(self.orders)], number)
        except AppError:
            return

    def split(self, order_id: UUID, number: int) -> None:
        amount = Payment.objects.get(order_id=order_id).amount_minor
        self.orders.append(split(self.boss, order_id, number % (amount + 1)))

    def receive(self, order_id: UUID, number: int) -> None:
        finance.receive(
            self.boss, order_id=order_id, method=("cash", "cheque")[number % 2], amount=usd(number), reference="r",
            idempotency_key=str(new_id()),
        )  # fmt: skip

    def capture(self, order_id: UUID, number: int) -> None:
        capture(Payment.objects.get(order_id=order_id), number)

    def card(self, order_id: UUID, number: int) -> None:
        account = stored.issue_card(self.boss, amount=usd(number), idempotency_key=str(new_id())).account
        stored.spend(self.boss, account.id, order_id=order_id, idempotency_key="s")

    def credit(self, order_id: UUID, number: int) -> None:
        account = stored.grant_credit(
            self.boss, customer_id=CUSTOMER, amount=usd(number), reason="x", idempotency_key=str(new_id())
        )
        stored.spend(self.boss, account.id, order_id=order_id, idempotency_key=str(new_id()))

    def void(self, order_id: UUID, number: int) -> None:
        rows = list(Receipt.objects.filter(order_id=order_id).order_by("id"))
        if rows:
            finance.void_receipt(self.boss, rows[number % len(rows)].id, reason="x")

    def refund(self, order_id: UUID, number: int) -> None:
        finance.request_refund(
            self.boss, order_id, amount=usd(number), reason="x", idempotency_key=str(new_id())
        )

    def provider_says_yes(self, order_id: UUID, number: int) -> None:
        for row in Refund.objects.filter(
            payment__order_id=order_id, way="gateway", state=RefundState.IN_FLIGHT
        ):
            _refunded(row.id, row.payment_id, "ref", "")

    def finish(self, order_id: UUID, number: int) -> None:
        for row in Refund.objects.filter(
            payment__order_id=order_id, way__in=("cash", "cheque"), state="in_flight"
        ):
            finance.finish_refund(self.boss, row.id, reference="slip")

    def pay_again(self, order_id: UUID, number: int) -> None:
        for row in Refund.objects.filter(payment__order_id=order_id, state="due"):
            finance.pay_refund(self.boss, row.id)

    def change(self, order_id: UUID, number: int) -> None:
        payment = Payment.objects.get(order_id=order_id)
        if payment.state != "cancelled":
            change_amount(self.boss, order_id, usd(number))
            self.owed += number - payment.amount_minor

    def cancel(self, order_id: UUID, number: int) -> None:
        if number % 5 == 0:
            cancel_payment(self.boss, order_id)

    def check(self) -> None:
        payments = list(Payment.objects.filter(order_id__in=self.orders))
        assert sum(row.amount_minor for row in payments) == self.owed
        assert len({row.root for row in payments}) == 1
        valid = Receipt.objects.filter(payment__in=payments, voided_at=None)
        assert sum(row.captured_minor for row in payments) == sum(row.amount_minor for row in valid)
        for row in payments:
            gone = ledger.spoken_for(row, failed=True)
            assert gone <= row.captured_minor
            assert row.captured_minor - gone <= (0 if row.state == "cancelled" else row.amount_minor)
        assert [str(each) for each in find_in("payments")] == []

    def give_all_back(self) -> None:
        """At the end everything goes back, each sum by the way it came."""
        for order_id in self.orders:
            cancel_payment(self.boss, order_id)
            self.pay_again(order_id, 0)
            self.provider_says_yes(order_id, 0)
            self.finish(order_id, 0)
        came, back = Counter[str](), Counter[str]()
        for row in Receipt.objects.filter(order_id__in=self.orders, voided_at=None):
            came[row.method] += row.amount_minor
        for refund in Refund.objects.filter(payment__order_id__in=self.orders, state="done"):
            back[refund.way] += refund.amount_minor
        assert came == back


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(step, min_size=4, max_size=14))
def test_any_sequence_of_splits_keeps_the_sums(tenant: Tenant, steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        family = Family(tenant.id, [new_id()])
        create_intent(
            family.boss, order_id=family.orders[0], order_number="N1", method=PaymentMethod.PREPAID,
            amount=Money(5000, "USD"), customer_id=CUSTOMER,
        )  # fmt: skip
        for name, number in steps:
            family.take(name, number)
            family.check()
        family.give_all_back()
        family.check()
        transaction.set_rollback(True)
