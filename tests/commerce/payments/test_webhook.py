"""A provider's messages in every order the world can bring them: early, twice, at once, forged, late, wrong, never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callcart.commerce.payments.fake import webhook
from callcart.commerce.payments.gateway import (
    EventKind,
    ForgedWebhook,
    GatewayUnreachable,
    SessionRequest,
    key_of,
)
from callcart.commerce.payments.intent import cancel_payment
from callcart.commerce.payments.jobs import GIVEN_UP_AFTER, reconcile_attempt
from callcart.commerce.payments.models import AttemptState, PaymentState, ProviderEvent, RefundState
from callcart.commerce.payments.public import NothingDue, Outcome, apply_webhook, unmatched_events
from callcart.core import clock
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.commerce.payments.till import Till
from tests.commerce.shop import at_once


def _waiting_jobs(name: str) -> int:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return int(ProcrastinateJob.objects.filter(task_name__endswith=name, status="todo").count())


def _reconcile(till: Till, attempt_id: object) -> None:
    with tenant_session(till.tenant_id):
        reconcile_attempt(attempt_id=str(attempt_id))


def test_a_payment_is_booked_once_however_often_it_is_told(till: Till) -> None:
    order = till.owe(5000)
    page = till.start(order)
    event = till.provider.pay(till.key(page))
    assert [till.tell(event) for _ in range(3)] == [Outcome.APPLIED, Outcome.KNOWN, Outcome.KNOWN]
    payment = till.payment(order)
    assert (payment.state, payment.captured_minor) == (PaymentState.PAID, 5000)
    assert payment.reference == event.reference
    with tenant_transaction(till.tenant_id):
        assert ProviderEvent.objects.count() == 1
        assert AuditEntry.objects.filter(action="payments.captured").count() == 1


def test_twins_at_the_same_moment(till: Till) -> None:
    order = till.owe(5000)
    event = till.provider.pay(till.key(till.start(order)))
    found = at_once(till.tenant_id, [lambda: apply_webhook("fake", *webhook(event))] * 8)
    assert sorted(found) == [Outcome.APPLIED] + [Outcome.KNOWN] * 7
    assert till.payment(order).captured_minor == 5000


def test_the_message_overtakes_our_own_commit(till: Till) -> None:
    order = till.owe(5000)

    def pay_at_once(request: SessionRequest) -> None:
        assert till.tell(till.provider.pay(request.key)) is Outcome.APPLIED

    till.provider.during_create = pay_at_once
    page = till.start(order)
    (attempt,) = till.attempts(order)
    assert (attempt.state, attempt.url) == (AttemptState.CAPTURED, page.url)
    assert till.payment(order).state == PaymentState.PAID
    with pytest.raises(NothingDue):
        till.start(order)


@pytest.mark.parametrize("header", ["", "0" * 64, "x"])
def test_a_forged_message_changes_nothing(till: Till, header: str) -> None:
    order = till.owe(5000)
    _, body = webhook(till.provider.pay(till.key(till.start(order))))
    for headers in ({"Fake-Signature": header}, {}):
        with pytest.raises(ForgedWebhook):
            apply_webhook("fake", headers, body)
    assert till.payment(order).captured_minor == 0
    with tenant_transaction(till.tenant_id):
        assert not ProviderEvent.objects.exists()


def test_a_body_changed_on_the_way_is_forged(till: Till) -> None:
    headers, body = webhook(till.provider.pay(till.key(till.start(till.owe(5000)))))
    with pytest.raises(ForgedWebhook):
        apply_webhook("fake", headers, body.replace(b"5000", b"9000"))


def test_refused_then_paid_on_the_same_page(till: Till) -> None:
    order = till.owe(5000)
    key = till.key(till.start(order))
    refused = till.provider.decline(key)
    assert till.tell(refused) is Outcome.APPLIED
    assert till.attempts(order)[0].failure == "declined"
    assert till.tell(till.provider.pay(key)) is Outcome.APPLIED
    assert till.tell(refused) is Outcome.KNOWN
    (attempt,) = till.attempts(order)
    assert (attempt.state, attempt.failure) == (AttemptState.CAPTURED, "")


def test_paid_is_told_before_refused(till: Till) -> None:
    order = till.owe(5000)
    key = till.key(till.start(order))
    refused, paid = till.provider.decline(key), till.provider.pay(key)
    assert till.tell(paid) is Outcome.APPLIED
    assert till.tell(refused) is Outcome.KNOWN
    assert till.attempts(order)[0].state == AttemptState.CAPTURED
    assert till.payment(order).state == PaymentState.PAID


def test_less_than_owed_is_part_of_it(till: Till) -> None:
    order = till.owe(5000)
    till.tell(till.provider.pay(till.key(till.start(order)), amount=Money(2000, "USD")))
    assert till.payment(order).state == PaymentState.PART_PAID
    assert till.start(order).amount == Money(3000, "USD")


def test_more_than_owed_is_given_back(till: Till) -> None:
    order = till.owe(5000)
    till.tell(till.provider.pay(till.key(till.start(order)), amount=Money(5600, "USD")))
    assert till.payment(order).state == PaymentState.PAID
    (refund,) = till.refunds(order)
    assert (refund.amount_minor, refund.state, refund.reason) == (600, RefundState.DUE, "overpaid")


def test_another_currency_is_left_for_people(till: Till) -> None:
    order = till.owe(5000)
    event = till.provider.pay(till.key(till.start(order)), amount=Money(5000, "EUR"))
    assert till.tell(event) is Outcome.UNMATCHED
    assert till.tell(event) is Outcome.KNOWN
    assert till.payment(order).captured_minor == 0
    with tenant_transaction(till.tenant_id):
        (found,) = unmatched_events()
    assert (found.event_id, found.currency, found.amount_minor) == (event.event_id, "EUR", 5000)


def test_a_key_of_nobody_is_left_for_people(till: Till) -> None:
    order = till.owe(5000)
    event = till.provider.pay(till.key(till.start(order)))
    unknown = replace(event, key=key_of(till.tenant_id, new_id()), event_id="another")
    assert till.tell(unknown) is Outcome.UNMATCHED
    for key in ("", "nonsense", "1", "1.", f"x.{new_id()}", f"99999999999999999999.{new_id()}"):
        assert till.tell(replace(event, key=key)) is Outcome.UNMATCHED
    assert till.payment(order).captured_minor == 0
    with tenant_transaction(till.tenant_id):
        assert [each.event_id for each in unmatched_events()] == ["another"]


def test_another_tenants_key_does_not_reach_our_attempt(till: Till) -> None:
    order = till.owe(5000)
    event = till.provider.pay(till.key(till.start(order)))
    other = Tenant.objects.get(slug="qinghe").id
    crossed = replace(event, key=key_of(other, till.attempts(order)[0].id))
    assert till.tell(crossed) is Outcome.UNMATCHED
    assert till.payment(order).captured_minor == 0


def test_never_told_so_we_ask(till: Till) -> None:
    order = till.owe(5000)
    page = till.start(order)
    assert _waiting_jobs("reconcile_attempt") == 1
    _reconcile(till, page.attempt_id)  # still open there: asked again later
    assert _waiting_jobs("reconcile_attempt") == 2
    event = till.provider.pay(till.key(page))
    _reconcile(till, page.attempt_id)
    assert till.payment(order).state == PaymentState.PAID
    _reconcile(till, page.attempt_id)
    assert _waiting_jobs("reconcile_attempt") == 2
    assert till.tell(event) is Outcome.KNOWN  # and then the message comes after all


def test_we_go_on_asking_while_nobody_answers(till: Till) -> None:
    order = till.owe(5000)
    page = till.start(order)
    till.provider.down = True
    with clock.frozen(clock.now() + GIVEN_UP_AFTER * 2):
        _reconcile(till, page.attempt_id)
    assert till.attempts(order)[0].state == AttemptState.OPEN
    assert _waiting_jobs("reconcile_attempt") == 2


def test_a_payment_after_we_gave_up_is_booked(till: Till) -> None:
    order = till.owe(5000)
    page = till.start(order)
    with clock.frozen(clock.now() + GIVEN_UP_AFTER + timedelta(minutes=1)):
        _reconcile(till, page.attempt_id)
    assert till.attempts(order)[0].state == AttemptState.EXPIRED
    assert till.payment(order).state == PaymentState.DUE
    assert till.tell(till.provider.pay(till.key(page))) is Outcome.APPLIED
    assert till.payment(order).state == PaymentState.PAID


def test_a_payment_for_a_cancelled_order_is_given_back(till: Till) -> None:
    order = till.owe(5000)
    page = till.start(order)
    with tenant_transaction(till.tenant_id):
        cancel_payment(till.boss, order)
    assert till.tell(till.provider.pay(till.key(page))) is Outcome.APPLIED
    payment = till.payment(order)
    assert (payment.state, payment.captured_minor) == (PaymentState.CANCELLED, 5000)
    assert [(each.amount_minor, each.reason) for each in till.refunds(order)] == [(5000, "cancelled")]


def test_an_expired_page_is_told(till: Till) -> None:
    order = till.owe(5000)
    event = till.provider.decline(till.key(till.start(order)))
    assert till.tell(replace(event, kind=EventKind.EXPIRED)) is Outcome.APPLIED
    assert till.attempts(order)[0].state == AttemptState.EXPIRED


def test_a_provider_that_is_down_leaves_the_attempt_to_try_again(till: Till) -> None:
    order = till.owe(5000)
    till.provider.down = True
    with pytest.raises(GatewayUnreachable):
        till.start(order)
    assert [each.state for each in till.attempts(order)] == [AttemptState.INTENDED]
    till.provider.down = False
    page = till.start(order)
    assert [(each.id, each.state) for each in till.attempts(order)] == [(page.attempt_id, AttemptState.OPEN)]


def test_two_starts_at_once_are_one_page(till: Till) -> None:
    order = till.owe(5000)
    found = at_once(till.tenant_id, [lambda: _start_alone(till, order)] * 6)
    assert len(set(found)) == 1
    assert len(till.attempts(order)) == 1
    assert len(till.provider.sessions) == 1


def _start_alone(till: Till, order: object) -> str:
    """Outside of the transaction that `at_once` opens, as a request to pay is: in a thread of its own."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def work() -> str:
        try:
            return till.start(order).url  # type: ignore[arg-type]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(60)


def test_two_pages_both_paid_give_one_back(till: Till) -> None:
    order = till.owe(5000)
    first = till.start(order)
    with clock.frozen(clock.now() + timedelta(minutes=11)):  # the first page is too old to be used again
        second = till.start(order)
    assert first.attempt_id != second.attempt_id
    for page in (second, first):
        till.tell(till.provider.pay(till.key(page)))
    assert till.payment(order).captured_minor == 10_000
    assert sum(each.amount_minor for each in till.refunds(order)) == 5000
