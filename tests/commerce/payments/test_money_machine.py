"""Any sequence of intents, captures, receipts, voids, refunds, messages late and twice, edits and cancellations: what was captured
is the sum of the receipts, no more goes back than came, and the order's payment axis is what the sums say."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcart.commerce.orders.states import MoneyFacts, PaymentAxis, derive_payment
from callcart.commerce.payments import finance, ledger
from callcart.commerce.payments.gateway import EventKind, GatewayEvent, key_of
from callcart.commerce.payments.intent import cancel_payment, change_amount, create_intent
from callcart.commerce.payments.jobs import _refunded
from callcart.commerce.payments.models import Attempt, Payment, PaymentMethod, Receipt, Refund
from callcart.commerce.payments.queries import sums_of
from callcart.commerce.payments.states import SPOKEN_FOR
from callcart.commerce.payments.webhook import apply_event
from callcart.core.actor import Actor
from callcart.core.errors import AppError
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from callcart.core.money import Money
from callcart.people.tenants.models import Tenant

STEPS = (
    "receive", "receive", "void", "capture", "message_again", "refund", "refund_other_way", "provider_says_yes",
    "provider_says_no", "pay_again", "finish", "change", "cancel",
)  # fmt: skip
step = st.tuples(st.sampled_from(STEPS), st.integers(1, 6000))


@dataclass
class Machine:
    tenant_id: int
    order_id: UUID
    events: list[GatewayEvent] = field(default_factory=list)

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    @property
    def payment(self) -> Payment:
        return Payment.objects.get(order_id=self.order_id)

    def take(self, name: str, number: int) -> None:
        try:
            with transaction.atomic():
                getattr(self, name)(number)
        except AppError:
            return

    def receive(self, number: int) -> None:
        method = ("cash", "bank_transfer", "cheque")[number % 3]
        finance.receive(
            self.boss, order_id=self.order_id, method=method, amount=Money(number, "USD"), reference="r",
            idempotency_key=str(new_id()),
        )  # fmt: skip

    def void(self, number: int) -> None:
        rows = list(Receipt.objects.filter(order_id=self.order_id).order_by("id"))
        if rows:
            finance.void_receipt(self.boss, rows[number % len(rows)].id, reason="x")

    def capture(self, number: int) -> None:
        attempt = Attempt.objects.create(
            payment=self.payment, provider="fake", amount_minor=number, currency="USD"
        )
        self.events.append(
            GatewayEvent(
                event_id=str(new_id()), kind=EventKind.CAPTURED, reference=str(new_id()),
                key=key_of(self.tenant_id, attempt.id), amount=Money(number, "USD"),
            )
        )  # fmt: skip
        if number % 2:  # else it comes late
            apply_event("fake", self.events[-1])

    def message_again(self, number: int) -> None:
        if self.events:
            apply_event("fake", self.events[number % len(self.events)])

    def refund(self, number: int, to: str = "") -> None:
        finance.request_refund(
            self.boss, self.order_id, amount=Money(number, "USD"), reason="x", idempotency_key=str(new_id()), to=to
        )  # fmt: skip

    def refund_other_way(self, number: int) -> None:
        self.refund(number, to="bank_transfer")

    def _refund(self, number: int) -> Refund | None:
        rows = list(Refund.objects.filter(payment=self.payment).order_by("id"))
        return rows[number % len(rows)] if rows else None

    def provider_says_yes(self, number: int) -> None:
        row = self._refund(number)
        if row is not None and row.way == "gateway":
            _refunded(row.id, row.payment_id, "ref", "")

    def provider_says_no(self, number: int) -> None:
        row = self._refund(number)
        if row is not None and row.way == "gateway":
            _refunded(row.id, row.payment_id, "", "account closed")

    def pay_again(self, number: int) -> None:
        row = self._refund(number)
        if row is not None:
            finance.pay_refund(self.boss, row.id, to="cash" if number % 2 else "")

    def finish(self, number: int) -> None:
        row = self._refund(number)
        if row is not None:
            finance.finish_refund(self.boss, row.id, reference="slip")

    def change(self, number: int) -> None:
        if self.payment.state != "cancelled":
            change_amount(self.boss, self.order_id, Money(number, "USD"))

    def cancel(self, number: int) -> None:
        if number % 4 == 0:
            cancel_payment(self.boss, self.order_id)

    def check(self) -> None:
        payment = self.payment
        valid = Receipt.objects.filter(payment=payment, voided_at=None)
        assert payment.captured_minor == sum(valid.values_list("amount_minor", flat=True))
        gone = ledger.spoken_for(payment)
        assert gone <= payment.captured_minor
        for receipt in valid:
            assert ledger.left_on(receipt) >= 0
        assert not Refund.objects.filter(receipt__voided_at__isnull=False, state__in=SPOKEN_FOR).exists()
        kept = payment.captured_minor - ledger.spoken_for(payment, failed=True)
        assert kept <= (
            0 if payment.state == "cancelled" else payment.amount_minor
        )  # what is too much is owed back
        self._check_axis(payment)

    def _check_axis(self, payment: Payment) -> None:
        sums = sums_of([self.order_id])[self.order_id]
        axis = derive_payment(
            MoneyFacts(
                owed=sums.owed, captured=sums.captured, refund_open=sums.refund_open, refunded=sums.refunded,
                on_delivery=sums.on_delivery, collected=sums.collected, cancelled=sums.cancelled,
            )
        )  # fmt: skip
        if sums.refund_open:
            assert axis == PaymentAxis.REFUND_DUE
        elif axis == PaymentAxis.PAID:
            assert payment.captured_minor - sums.refunded >= payment.amount_minor
        elif axis == PaymentAxis.DUE:
            assert payment.captured_minor == sums.refunded


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(step, min_size=4, max_size=15))
def test_money_always_adds_up(tenant: Tenant, steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        machine = Machine(tenant.id, new_id())
        create_intent(
            machine.boss,
            order_id=machine.order_id,
            order_number=f"N{machine.order_id.hex[-8:]}",
            method=PaymentMethod.PREPAID,
            amount=Money(5000, "USD"),
        )
        for name, number in steps:
            machine.take(name, number)
            machine.check()
        assert [str(each) for each in find_in("payments")] == []
        transaction.set_rollback(True)
