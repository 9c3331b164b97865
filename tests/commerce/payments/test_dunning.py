"""Around an instalment's day: notices, charges by mandate, the charge again, a person; early payoff; other days and plans."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from callcart.commerce.payments import dunning
from callcart.commerce.payments.change_plan import (
    InstalmentClosed,
    PlanUnderWay,
    move_due,
    replace_plan,
)
from callcart.commerce.payments.dunning import CHARGES, DUNNING, TASK, Act, dun, dun_shop, moment_of
from callcart.commerce.payments.intent import cancel_payment
from callcart.commerce.payments.jobs import charge_instalment
from callcart.commerce.payments.models import (
    InstalmentState,
    PaymentMethod,
    PaymentState,
    ReceiptMethod,
)
from callcart.commerce.payments.plan import Plan
from callcart.commerce.payments.receipts import receive
from callcart.commerce.payments.start import NothingDue, start_payment
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.people.tasks.public import Task, TaskState
from callcart.people.tenants.public import Tenant
from tests.commerce.payments import till as tills
from tests.commerce.payments.till import NOTIFY, RETURN, Till


@pytest.fixture
def quick(tenant: Tenant, fake_gateway: None) -> Till:
    """In the test's own transaction, which is rolled back."""
    return Till(tenant.id, tills.start_anew())


def _plan(till: Till, *, minor: int = 10_001, paid: bool = True) -> UUID:
    order = till.owe(minor, method=PaymentMethod.INSTALMENTS, instalments=3)
    if paid:
        till.tell(till.provider.pay(till.key(till.start(order))))
    return order


def _charge_waiting(till: Till) -> None:
    """What a worker does with the charges that were deferred."""
    with tenant_transaction(till.tenant_id):
        found = list(ProcrastinateJob.objects.filter(task_name__endswith="charge_instalment", status="todo"))
    for job in found:
        with tenant_transaction(till.tenant_id):
            charge_instalment(instalment_id=job.args["instalment_id"])
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%%charge_instalment'")


def _sweep(till: Till) -> None:
    with tenant_session(till.tenant_id):
        dun_shop()
    _charge_waiting(till)


def _events(till: Till, kind: str) -> list[dict[str, object]]:
    with tenant_transaction(till.tenant_id):
        return [dict(each.data) for each in Event.objects.filter(kind=kind).order_by("id")]


def _tasks(till: Till) -> list[Task]:
    with tenant_transaction(till.tenant_id):
        return list(Task.objects.filter(kind=TASK))


def _steps(till: Till, due_on: date) -> Iterator[Act]:
    """Each step's moment in turn, the clock standing at it."""
    for step in DUNNING:
        with tenant_transaction(till.tenant_id):
            moment = moment_of(due_on, step)
        with clock.frozen(moment - timedelta(minutes=1)):
            _sweep(till)  # a minute early: nothing
        with clock.frozen(moment + timedelta(minutes=1)):
            _sweep(till)
            yield step.act


def test_the_whole_schedule_of_a_card_that_is_refused(quick: Till) -> None:
    order = _plan(quick)
    second = quick.instalments(order)[1]
    quick.provider.declines = True
    charged = []
    for _act in _steps(quick, second.due_on):
        charged.append(len(quick.provider.charges))
    assert charged == [0, 1, 2, 3, 4, 4]
    assert _events(quick, "payments.instalment_due") == [
        {"order_id": str(order), "instalment_id": str(second.id), "days": 3}
    ]
    assert len(_events(quick, "payments.instalment_failed")) == CHARGES
    assert len(_events(quick, "payments.instalment_overdue")) == 1
    (task,) = _tasks(quick)
    assert (task.subject_id, task.state, task.data) == (
        order, TaskState.OPEN, {"number": quick.payment(order).order_number}
    )  # fmt: skip
    assert quick.payment(order).arrears_since is not None
    assert quick.instalments(order)[1].state == InstalmentState.OVERDUE


def test_a_customer_who_pays_by_the_link_is_let_be(quick: Till) -> None:
    order = _plan(quick)
    second = quick.instalments(order)[1]
    quick.provider.declines = True
    for _act in _steps(quick, second.due_on):
        pass
    quick.provider.declines = False
    page = quick.start(order)
    assert page.amount == Money(3334, "USD")
    quick.tell(quick.provider.pay(quick.key(page)))
    assert [row.state for row in quick.instalments(order)] == [
        InstalmentState.PAID, InstalmentState.PAID, InstalmentState.SCHEDULED
    ]  # fmt: skip
    assert quick.payment(order).arrears_since is None
    assert [task.state for task in _tasks(quick)] == [TaskState.DONE]
    assert len(_events(quick, "payments.instalment_paid")) == 2


def test_money_by_hand_ends_the_dunning_too(quick: Till) -> None:
    order = _plan(quick)
    quick.provider.declines = True
    for _act in _steps(quick, quick.instalments(order)[1].due_on):
        pass
    with tenant_transaction(quick.tenant_id):
        receive(
            quick.boss, order_id=order, method=ReceiptMethod.CASH, amount=Money(6667, "USD"), idempotency_key="till",
        )  # fmt: skip
    assert quick.payment(order).state == PaymentState.PAID
    assert quick.payment(order).arrears_since is None
    with clock.frozen(clock.now() + timedelta(days=200)):
        _sweep(quick)
    assert len(quick.provider.charges) == CHARGES


def test_a_good_card_is_charged_once_on_its_day(quick: Till) -> None:
    order = _plan(quick)
    for row in quick.instalments(order)[1:]:
        for _act in _steps(quick, row.due_on):
            pass
    assert [each.amount.minor for each in quick.provider.charges] == [3334, 3333]
    assert quick.payment(order).state == PaymentState.PAID
    assert _tasks(quick) == []


def test_without_a_mandate_the_customer_is_asked_and_then_a_person_is(quick: Till) -> None:
    order = _plan(quick)
    with tenant_transaction(quick.tenant_id):
        payment = quick.payment(order)
        payment.mandate = ""
        payment.save(update_fields=["mandate"])
    for _act in _steps(quick, quick.instalments(order)[1].due_on):
        pass
    assert quick.provider.charges == []
    assert [each["days"] for each in _events(quick, "payments.instalment_due")] == [3, 0]
    assert [each["reason"] for each in _events(quick, "payments.instalment_failed")] == ["unpaid"] * 3
    assert len(_tasks(quick)) == 1


def test_a_worker_that_was_down_does_not_charge_all_tries_at_once(quick: Till) -> None:
    order = _plan(quick)
    quick.provider.declines = True
    due = quick.instalments(order)[1].due_on
    with tenant_transaction(quick.tenant_id):
        late = moment_of(due, DUNNING[-1])
    with clock.frozen(late):
        for _ in range(4):
            _sweep(quick)  # one charge, and no more before tomorrow
    assert len(quick.provider.charges) == 1
    assert _events(quick, "payments.instalment_due") == []
    with clock.frozen(late + timedelta(days=1)):
        for _ in range(4):
            _sweep(quick)
    assert len(quick.provider.charges) == 2


def test_a_cancelled_order_is_dunned_no_more(quick: Till) -> None:
    order = _plan(quick)
    quick.provider.declines = True
    due = quick.instalments(order)[1].due_on
    for act in _steps(quick, due):
        if act is Act.PERSON:
            break
    with tenant_transaction(quick.tenant_id):
        cancel_payment(quick.boss, order)
    assert [task.state for task in _tasks(quick)] == [TaskState.DONE]
    with clock.frozen(clock.now() + timedelta(days=200)):
        _sweep(quick)
    assert len(quick.provider.charges) == CHARGES
    assert [each.amount_minor for each in quick.refunds(order)] == [3334]


def test_everything_paid_early(quick: Till) -> None:
    order = _plan(quick)
    with tenant_session(quick.tenant_id):
        page = start_payment(order, return_url=RETURN, notify_url=NOTIFY, all_of_it=True)
    assert page.amount == Money(6667, "USD")
    assert not quick.provider.sessions[quick.key(page)].keep_mandate
    quick.tell(quick.provider.pay(quick.key(page)))
    assert quick.payment(order).state == PaymentState.PAID
    assert {row.state for row in quick.instalments(order)} == {InstalmentState.PAID}
    with clock.frozen(clock.now() + timedelta(days=200)):
        _sweep(quick)
    assert quick.provider.charges == []
    with tenant_session(quick.tenant_id), pytest.raises(NothingDue):
        start_payment(order, return_url=RETURN, notify_url=NOTIFY, all_of_it=True)


def _staff(till: Till, *permissions: str) -> Actor:
    grants = {name: Grant() for name in permissions}
    return Actor(till.tenant_id, ActorKind.STAFF, id=new_id(), name="Sam Staff", grants=grants)


def test_another_day_begins_anew(quick: Till) -> None:
    order = _plan(quick)
    second, third = quick.instalments(order)[1:]
    quick.provider.declines = True
    for _act in _steps(quick, second.due_on):
        pass
    quick.provider.declines = False
    with clock.frozen(clock.now() + timedelta(days=45)):
        agreed = clock.now().date() + timedelta(days=10)
        with tenant_transaction(quick.tenant_id):
            move_due(
                _staff(quick, "payments.change_plan"), second.id, due_on=agreed, reason="agreed by phone"
            )
        row = quick.instalments(order)[1]
        assert (row.due_on, row.state, row.tries, row.step) == (agreed, InstalmentState.SCHEDULED, 0, 0)
        assert quick.payment(order).arrears_since is None
    for _act in _steps(quick, agreed):
        pass
    assert quick.instalments(order)[1].state == InstalmentState.PAID
    assert third.due_on == quick.instalments(order)[2].due_on


def test_days_that_cannot_be_agreed_on(quick: Till) -> None:
    order = _plan(quick)
    first, second, third = quick.instalments(order)
    boss = _staff(quick, "payments.change_plan")
    day = clock.now().date()
    for due_on in (
        None,
        day - timedelta(days=2),
        day + timedelta(days=800),
        third.due_on + timedelta(days=1),
    ):
        with tenant_transaction(quick.tenant_id), pytest.raises(Invalid) as refused:
            move_due(boss, second.id, due_on=due_on, reason="")
        assert set(refused.value.fields) == {"due_on", "reason"}
    with tenant_transaction(quick.tenant_id):
        with pytest.raises(InstalmentClosed):
            move_due(boss, first.id, due_on=day, reason="x")
        with pytest.raises(PermissionDenied):
            move_due(_staff(quick, "payments.view"), second.id, due_on=day + timedelta(days=9), reason="x")
    assert [row.due_on for row in quick.instalments(order)] == [first.due_on, second.due_on, third.due_on]


def test_another_plan_while_nothing_is_paid(quick: Till) -> None:
    order = _plan(quick, paid=False)
    page = quick.start(order)  # a visit to the provider hangs on the old first instalment
    boss = _staff(quick, "payments.change_plan")
    first = clock.now().date() + timedelta(days=20)
    with tenant_transaction(quick.tenant_id):
        replace_plan(boss, order, plan=Plan(2, first, deposit_minor=3001), reason="wants a deposit")
    live = [row for row in quick.instalments(order) if row.state == InstalmentState.SCHEDULED]
    assert [row.amount_minor for row in live] == [3001, 3500, 3500]
    assert live[1].due_on == first
    assert quick.start(order).amount == Money(3001, "USD")
    quick.tell(quick.provider.pay(quick.key(page)))  # and the old page is paid after all: its money counts
    assert quick.payment(order).captured_minor == 3334
    with tenant_transaction(quick.tenant_id):
        with pytest.raises(PlanUnderWay):
            replace_plan(boss, order, plan=Plan(2, first), reason="again")
        with pytest.raises(PermissionDenied):
            replace_plan(_staff(quick), order, plan=Plan(2, first), reason="again")


def test_a_plan_that_makes_no_sense(quick: Till) -> None:
    order = _plan(quick, paid=False)
    before = [(row.number, row.amount_minor) for row in quick.instalments(order)]
    odd = Plan(1, date(2020, 1, 1), days=400, deposit_minor=10_001)
    with tenant_transaction(quick.tenant_id), pytest.raises(Invalid) as refused:
        replace_plan(_staff(quick, "payments.change_plan"), order, plan=odd, reason=" ")
    assert set(refused.value.fields) == {"count", "first_due", "days", "deposit", "reason"}
    assert [(row.number, row.amount_minor) for row in quick.instalments(order)] == before


def test_many_workers_and_one_that_dies_charge_each_instalment_once(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [_plan(till) for _ in range(3)]
    due = till.instalments(orders[0])[1].due_on
    with tenant_transaction(till.tenant_id):
        moment = moment_of(due, DUNNING[1]) + timedelta(minutes=1)
    real, taken = dunning.take_step, []

    def die_in_the_middle(instalment_id: UUID) -> Act | None:
        found = real(instalment_id)
        taken.append(found)
        if len(taken) == 2:
            raise SystemExit("killed")  # before its commit
        return found

    def work() -> None:
        try:
            with clock.frozen(moment), tenant_session(till.tenant_id):
                dun_shop()
        finally:
            connections.close_all()

    with clock.frozen(moment - timedelta(days=3)):
        _sweep(till)  # the notices
    with clock.frozen(moment):
        dun()
    with tenant_transaction(till.tenant_id):
        assert ProcrastinateJob.objects.filter(task_name__endswith="dun_shop").count() == 1
    with monkeypatch.context() as patched:
        patched.setattr(dunning, "take_step", die_in_the_middle)
        with pytest.raises(SystemExit):
            work()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: work(), range(4)))
    with tenant_transaction(till.tenant_id):
        waiting = [job.args["instalment_id"] for job in ProcrastinateJob.objects.filter(
            task_name__endswith="charge_instalment")]  # fmt: skip
    assert sorted(waiting) == sorted(str(till.instalments(order)[1].id) for order in orders)
    _charge_waiting(till)
    assert [each.amount.minor for each in till.provider.charges] == [3334] * 3
