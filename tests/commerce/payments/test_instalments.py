"""Instalments: the first brings the mandate, the others are charged on their day by exactly one worker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from callcart.commerce.payments.dunning import CHARGES
from callcart.commerce.payments.gateway import ChargeRequest, GatewayEvent, GatewayRefused, GatewayUnreachable
from callcart.commerce.payments.intent import cancel_payment, change_amount
from callcart.commerce.payments.jobs import charge_instalment, claim_instalment, reconcile_attempt
from callcart.commerce.payments.models import AttemptState, InstalmentState, PaymentMethod, PaymentState
from callcart.core.models import Event
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction
from tests.commerce.payments.till import Till


@pytest.fixture
def plan(till: Till) -> UUID:
    """An order of 100.01 in three parts, the first of them paid."""
    order = till.owe(10_001, method=PaymentMethod.INSTALMENTS, instalments=3)
    page = till.start(order)
    assert page.amount == Money(3334, "USD")
    assert till.provider.sessions[till.key(page)].keep_mandate
    till.tell(till.provider.pay(till.key(page)))
    return order


def _charge(till: Till, instalment_id: UUID) -> None:
    with tenant_session(till.tenant_id):
        charge_instalment(instalment_id=str(instalment_id))


def _reconcile(till: Till, attempt_id: UUID) -> None:
    with tenant_session(till.tenant_id):
        reconcile_attempt(attempt_id=str(attempt_id))


def _threads(count: int, work: Callable[[], None]) -> None:
    """Each with connections of its own."""

    def run(_: int) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def test_the_first_part_schedules_the_others(till: Till, plan: UUID) -> None:
    rows = till.instalments(plan)
    assert [(row.number, row.amount_minor, row.state) for row in rows] == [
        (1, 3334, InstalmentState.PAID),
        (2, 3334, InstalmentState.SCHEDULED),
        (3, 3333, InstalmentState.SCHEDULED),
    ]
    assert till.payment(plan).state == PaymentState.PART_PAID
    assert till.payment(plan).mandate
    assert rows[0].next_at is None
    nine = [row.next_at.astimezone(ZoneInfo("America/New_York")) for row in rows[1:] if row.next_at]
    assert [(each.date(), each.hour) for each in nine] == [
        (row.due_on - timedelta(days=3), 9) for row in rows[1:]
    ]


def test_all_parts_make_the_whole(till: Till, plan: UUID) -> None:
    for row in till.instalments(plan)[1:]:
        _charge(till, row.id)
    payment = till.payment(plan)
    assert (payment.state, payment.captured_minor) == (PaymentState.PAID, 10_001)
    assert {row.state for row in till.instalments(plan)} == {InstalmentState.PAID}
    assert till.refunds(plan) == []


def test_many_workers_charge_once(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    _threads(8, lambda: _charge(till, second.id))
    assert [each.amount.minor for each in till.provider.charges] == [3334]
    assert till.payment(plan).captured_minor == 6668
    assert len(till.attempts(plan)) == 2
    assert till.instalments(plan)[1].tries == 1


def test_the_answer_and_the_message_are_one(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    _charge(till, second.id)
    (event,) = [each for each in till.provider.results.values() if each.amount.minor == 3334][1:]
    till.tell(event)
    assert till.payment(plan).captured_minor == 6668


def test_a_worker_that_dies_after_its_claim_is_taken_over_under_the_same_key(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    with tenant_transaction(till.tenant_id):
        claimed = claim_instalment(second.id)
    assert claimed is not None
    _charge(till, second.id)  # another worker finds it claimed
    assert till.provider.charges == []
    _threads(4, lambda: _reconcile(till, claimed[0].id))
    assert {each.key for each in till.provider.charges} == {f"{till.tenant_id}.{claimed[0].id}"}
    assert till.payment(plan).captured_minor == 6668


def test_a_provider_out_of_reach_is_asked_again_and_charges_once(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    till.provider.down = True
    with pytest.raises(GatewayUnreachable):
        _charge(till, second.id)
    attempt = till.attempts(plan)[-1]
    _reconcile(till, attempt.id)
    assert till.instalments(plan)[1].state == InstalmentState.CLAIMED
    till.provider.down = False
    _reconcile(till, attempt.id)
    assert till.payment(plan).captured_minor == 6668
    assert len(till.provider.charges) == 1


def test_the_answer_was_lost_but_the_money_taken(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    real = till.provider.charge

    def lose_the_answer(request: ChargeRequest) -> GatewayEvent:
        real(request)
        raise GatewayUnreachable

    till.provider.charge = lose_the_answer  # type: ignore[method-assign]
    with pytest.raises(GatewayUnreachable):
        _charge(till, second.id)
    till.provider.charge = real  # type: ignore[method-assign]
    _reconcile(till, till.attempts(plan)[-1].id)
    assert till.payment(plan).captured_minor == 6668
    assert len(till.provider.charges) == 1


def test_a_declined_part_is_overdue_told_of_and_tried_a_few_times_at_most(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    till.provider.declines = True
    for tried in range(1, CHARGES + 2):
        _charge(till, second.id)
        row = till.instalments(plan)[1]
        assert (row.state, row.failure) == (InstalmentState.OVERDUE, "declined")
        assert row.tries == min(tried, CHARGES)
    assert len(till.provider.charges) == CHARGES
    with tenant_transaction(till.tenant_id):
        told = Event.objects.filter(kind="payments.instalment_failed")
        assert [each.data["instalment_id"] for each in told] == [str(second.id)] * CHARGES
    assert till.start(plan).amount == Money(3334, "USD")  # the customer may pay it by hand


def test_a_refused_charge_frees_the_part(till: Till, plan: UUID) -> None:
    def refuse(_: ChargeRequest) -> GatewayEvent:
        raise GatewayRefused

    till.provider.charge = refuse  # type: ignore[method-assign]
    _charge(till, till.instalments(plan)[1].id)
    assert till.instalments(plan)[1].state == InstalmentState.OVERDUE
    assert till.attempts(plan)[-1].state == AttemptState.FAILED


def test_an_old_page_of_a_part_does_not_free_or_charge_what_a_worker_has_claimed(
    till: Till, plan: UUID
) -> None:
    second = till.instalments(plan)[1]
    page = till.start(plan)
    with tenant_transaction(till.tenant_id):
        claimed = claim_instalment(second.id)
    assert claimed is not None
    till.tell(till.provider.decline(till.key(page)))
    assert till.instalments(plan)[1].state == InstalmentState.CLAIMED
    _reconcile(till, page.attempt_id)
    assert till.provider.charges == []


def test_a_part_paid_twice_leaves_less_for_the_last(till: Till, plan: UUID) -> None:
    _, second, third = till.instalments(plan)
    page = till.start(plan)
    _charge(till, second.id)
    till.tell(till.provider.pay(till.key(page)))  # the customer had the page open
    assert till.payment(plan).captured_minor == 10_002
    assert [each.amount_minor for each in till.refunds(plan)] == [1]
    _charge(till, third.id)
    assert till.payment(plan).captured_minor == 10_002


def test_nothing_is_charged_for_a_cancelled_order(till: Till, plan: UUID) -> None:
    second = till.instalments(plan)[1]
    with tenant_transaction(till.tenant_id):
        cancel_payment(till.boss, plan)
    _charge(till, second.id)
    assert till.provider.charges == []
    assert [each.amount_minor for each in till.refunds(plan)] == [3334]
    assert [row.state for row in till.instalments(plan)][1:] == [InstalmentState.CANCELLED] * 2


def test_a_dearer_order_shares_the_rest_anew(till: Till, plan: UUID) -> None:
    with tenant_transaction(till.tenant_id):
        change_amount(till.boss, plan, Money(12_001, "USD"))
    rows = till.instalments(plan)
    assert [row.amount_minor for row in rows] == [3334, 4334, 4333]
    assert sum(row.amount_minor for row in rows) == 12_001


def test_without_a_mandate_nothing_is_charged(till: Till) -> None:
    order = till.owe(9000, method=PaymentMethod.INSTALMENTS, instalments=3)
    event = till.provider.pay(till.key(till.start(order)))
    till.tell(replace(event, mandate=""))
    _charge(till, till.instalments(order)[1].id)
    assert till.provider.charges == []
