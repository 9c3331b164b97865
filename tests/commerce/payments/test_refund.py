"""Money back: never more than came in, whoever asks at once; sent once; cash by its own steps."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.commerce.payments.cash import NotCash, record_collected, record_remitted
from callcart.commerce.payments.intent import cancel_payment
from callcart.commerce.payments.jobs import send_refund
from callcart.commerce.payments.models import PaymentMethod, PaymentState, Refund, RefundState
from callcart.commerce.payments.public import (
    NothingDue,
    RefundNotOpen,
    RefundWay,
    TooMuchRefund,
    finish_refund,
    pay_refund,
    payment_of,
    request_refund,
)
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.people.approvals.public import NeedsApproval
from tests.commerce.payments.till import Till
from tests.commerce.shop import at_once


@pytest.fixture
def paid(till: Till) -> UUID:
    order = till.owe(5000)
    till.tell(till.provider.pay(till.key(till.start(order))))
    return order


def _ask(till: Till, order: UUID, minor: int, *, key: str = "", actor: Actor | None = None) -> list[Refund]:
    return request_refund(
        actor or till.boss,
        order,
        amount=Money(minor, "USD"),
        reason="broken",
        idempotency_key=key or str(new_id()),
    )


def _send(till: Till, refund: Refund) -> None:
    with tenant_session(till.tenant_id):
        send_refund(refund_id=str(refund.id))


def test_many_clerks_at_once_give_back_no_more_than_came(till: Till, paid: UUID) -> None:
    found = at_once(till.tenant_id, [lambda: _ask(till, paid, 1500)] * 8)
    given = [each for each in found if isinstance(each, list)]
    assert len(given) == 3
    assert {type(each) for each in found if not isinstance(each, list)} == {TooMuchRefund}
    assert sum(each.amount_minor for each in till.refunds(paid)) == 4500


def test_one_click_twice_is_one_refund(till: Till, paid: UUID) -> None:
    found = at_once(till.tenant_id, [lambda: _ask(till, paid, 1000, key="click")] * 4)
    assert {row.id for rows in found for row in rows} == {row.id for row in till.refunds(paid)}
    assert len(till.refunds(paid)) == 1
    with tenant_transaction(till.tenant_id), pytest.raises(KeyReused):
        _ask(till, paid, 1001, key="click")


def test_a_refund_is_sent_once_however_often_its_job_runs(till: Till, paid: UUID) -> None:
    with tenant_transaction(till.tenant_id):
        (row,) = _ask(till, paid, 2000)
    assert row.state == RefundState.IN_FLIGHT
    for _ in range(3):
        _send(till, row)
    (row,) = till.refunds(paid)
    assert (row.state, bool(row.reference)) == (RefundState.DONE, True)
    assert [each.amount.minor for each in till.provider.refunds.values()] == [2000]
    with tenant_transaction(till.tenant_id):
        detail = payment_of(paid)
    assert detail is not None and detail.refundable == Money(3000, "USD")


def test_an_unreachable_provider_keeps_it_in_flight(till: Till, paid: UUID) -> None:
    with tenant_transaction(till.tenant_id):
        (row,) = _ask(till, paid, 5000)
    till.provider.down = True
    _send(till, row)
    assert till.refunds(paid)[0].state == RefundState.IN_FLIGHT
    with tenant_transaction(till.tenant_id), pytest.raises(TooMuchRefund):
        _ask(till, paid, 1)
    till.provider.down = False
    _send(till, row)
    assert till.refunds(paid)[0].state == RefundState.DONE


def test_a_refused_refund_may_be_sent_again_but_not_beside_another(till: Till, paid: UUID) -> None:
    with tenant_transaction(till.tenant_id):
        (row,) = _ask(till, paid, 3000)
    till.provider.declines = True
    _send(till, row)
    assert till.refunds(paid)[0].state == RefundState.FAILED
    till.provider.declines = False
    with tenant_transaction(till.tenant_id):
        _ask(till, paid, 4000)  # meanwhile somebody gave most of it back in another way
    with tenant_transaction(till.tenant_id), pytest.raises(TooMuchRefund):
        pay_refund(till.boss, row.id)
    assert till.refunds(paid)[0].state == RefundState.FAILED


def test_an_owed_refund_is_paid_once(till: Till, paid: UUID) -> None:
    with tenant_transaction(till.tenant_id):
        cancel_payment(till.boss, paid)
    (row,) = till.refunds(paid)
    found = at_once(till.tenant_id, [lambda: pay_refund(till.boss, row.id)] * 4)
    assert sum(isinstance(each, Refund) for each in found) == 1
    assert sum(isinstance(each, RefundNotOpen) for each in found) == 3


def test_a_clerk_gives_back_no_more_than_they_may(till: Till, paid: UUID) -> None:
    grants = {"payments.refund": Grant(limit=1000)}
    clerk = Actor(till.tenant_id, ActorKind.STAFF, id=new_id(), name="Clerk", grants=grants)
    for actor, minor in ((clerk, 1001), (Actor(till.tenant_id, ActorKind.STAFF, id=new_id()), 1)):
        with tenant_transaction(till.tenant_id), pytest.raises(PermissionDenied):
            _ask(till, paid, minor, actor=actor)
    with tenant_transaction(till.tenant_id), pytest.raises(Invalid) as refused:
        _ask(till, paid, 0, actor=clerk)
    assert list(refused.value.fields) == ["amount"]
    assert till.refunds(paid) == []
    with tenant_transaction(till.tenant_id):
        _ask(till, paid, 1000, actor=clerk)


def test_another_currency_is_refused(till: Till, paid: UUID) -> None:
    with tenant_transaction(till.tenant_id), pytest.raises(TooMuchRefund):
        request_refund(till.boss, paid, amount=Money(1, "EUR"), reason="x", idempotency_key="eur")


def test_cash_goes_its_own_way(till: Till) -> None:
    order = till.owe(4200, method=PaymentMethod.COD)
    assert till.payment(order).state == PaymentState.DUE_ON_DELIVERY
    with pytest.raises(NothingDue):
        till.start(order)
    with tenant_transaction(till.tenant_id), pytest.raises(NotCash):
        record_remitted(till.boss, order)
    with tenant_transaction(till.tenant_id):
        record_collected(till.boss, order)
    assert (till.payment(order).state, till.payment(order).captured_minor) == (PaymentState.COLLECTED, 0)
    with tenant_transaction(till.tenant_id), pytest.raises(TooMuchRefund):
        _ask(till, order, 1)
    with tenant_transaction(till.tenant_id), pytest.raises(NotCash):
        record_collected(till.boss, order)
    with tenant_transaction(till.tenant_id):
        record_remitted(till.boss, order, reference="statement 7")
    payment = till.payment(order)
    assert (payment.state, payment.captured_minor, payment.reference) == (
        PaymentState.REMITTED,
        4200,
        "statement 7",
    )
    with tenant_transaction(till.tenant_id):
        (row,) = _ask(till, order, 4200)
    assert (row.state, row.way, row.attempt_id) == (RefundState.IN_FLIGHT, RefundWay.BANK_TRANSFER, None)
    with tenant_transaction(till.tenant_id):
        row = finish_refund(till.boss, row.id, reference="transfer 12")
    assert (row.state, row.reference) == (RefundState.DONE, "transfer 12")


def test_cash_is_remitted_once(till: Till) -> None:
    order = till.owe(4200, method=PaymentMethod.COD)
    with tenant_transaction(till.tenant_id):
        record_collected(till.boss, order)
    found = at_once(till.tenant_id, [lambda: record_remitted(till.boss, order)] * 4)
    assert sum(isinstance(each, NotCash) for each in found) == 3
    assert till.payment(order).captured_minor == 4200


def test_a_paid_order_is_not_cash(till: Till, paid: UUID) -> None:
    with tenant_transaction(till.tenant_id), pytest.raises(NotCash):
        record_collected(till.boss, paid)


def test_a_worker_killed_after_the_provider_paid_gives_back_once(
    till: Till, paid: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_transaction(till.tenant_id):
        (row,) = _ask(till, paid, 2000)

    def killed(*_arguments: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("callcart.commerce.payments.jobs._refunded", killed)
        with pytest.raises(SystemExit):
            _send(till, row)
    assert till.refunds(paid)[0].state == RefundState.IN_FLIGHT
    with tenant_transaction(till.tenant_id), pytest.raises(TooMuchRefund):
        _ask(till, paid, 3001)
    for _ in range(2):  # the job is given to another worker
        _send(till, row)
    (row,) = till.refunds(paid)
    assert row.state == RefundState.DONE
    assert [each.amount.minor for each in till.provider.refunds.values()] == [2000]


def test_many_small_refunds_pass_no_limit(till: Till, paid: UUID) -> None:
    clerk = Actor(
        till.tenant_id,
        ActorKind.STAFF,
        id=new_id(),
        name="Clerk",
        grants={"payments.refund": Grant(limit=2000)},
    )
    with tenant_transaction(till.tenant_id):
        _ask(till, paid, 1500, key="first", actor=clerk)
    with tenant_transaction(till.tenant_id), pytest.raises(NeedsApproval):
        _ask(till, paid, 501, actor=clerk)
    with tenant_transaction(till.tenant_id):
        cancel_payment(till.boss, paid)  # the rest is owed back now
    due = next(row for row in till.refunds(paid) if row.state == RefundState.DUE)
    with tenant_transaction(till.tenant_id), pytest.raises(PermissionDenied):
        pay_refund(clerk, due.id)
    assert sorted((row.amount_minor, row.state) for row in till.refunds(paid)) == [
        (1500, RefundState.IN_FLIGHT), (3500, RefundState.DUE)
    ]  # fmt: skip
    with tenant_transaction(till.tenant_id):  # the same click again is still the same refund
        assert [row.amount_minor for row in _ask(till, paid, 1500, key="first", actor=clerk)] == [1500]


def test_the_rest_of_a_limit_may_be_given(till: Till, paid: UUID) -> None:
    clerk = Actor(
        till.tenant_id,
        ActorKind.STAFF,
        id=new_id(),
        name="Clerk",
        grants={"payments.refund": Grant(limit=2000)},
    )
    with tenant_transaction(till.tenant_id):
        _ask(till, paid, 1500, actor=till.boss)  # somebody else's counts for them alone
        _ask(till, paid, 1500, actor=clerk)
        _ask(till, paid, 500, actor=clerk)
    assert sum(row.amount_minor for row in till.refunds(paid)) == 3500
