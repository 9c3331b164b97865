"""Approving does what was asked for, once, as the approver; what fails leaves the request waiting; nobody decides his own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.approvals import public as approvals
from callcart.people.approvals.jobs import expire
from callcart.people.approvals.models import Approval, ApprovalState
from callcart.people.tenants.public import Tenant, get_tenant, update_tenant
from tests.commerce.shop import at_once
from tests.people.approvals.office import Office, Spent, open_office


def state_of(request: Approval) -> str:
    return Approval.objects.get(id=request.id).state


def test_approving_does_it_as_the_approver(office: Office) -> None:
    asked = office.ask(5000)
    approvals.approve(office["large"], asked.id, note="fine")
    assert office.done == [("Large", {"amount_minor": 5000})]
    row = Approval.objects.get(id=asked.id)
    assert (row.state, row.decided_by_name, row.decision_reason) == ("approved", "Large", "fine")
    entry = AuditEntry.objects.get(action="approvals.approve")
    assert (entry.actor_name, entry.after["asked_by"]) == ("Large", "Small")
    told = Event.objects.get(kind="approvals.approved")
    assert (told.audience, told.staff_id) == ("one", office["small"].id)


def test_the_approvers_own_limit_counts(office: Office) -> None:
    asked = office.ask(10_001)
    with pytest.raises(PermissionDenied):
        approvals.approve(office["large"], asked.id)
    with pytest.raises(PermissionDenied):
        approvals.approve(office["none"], asked.id)
    assert (office.done, state_of(asked)) == ([], "waiting")


def test_nobody_approves_his_own(office: Office) -> None:
    asked = office.ask(5000, by="all")
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(office["all"], asked.id)
    with pytest.raises(approvals.OwnRequest):
        approvals.refuse(office["all"], asked.id, reason="no")
    assert (office.done, state_of(asked)) == ([], "waiting")


def test_what_fails_leaves_it_waiting_and_says_why(office: Office) -> None:
    asked = office.ask()
    office.refusal = Spent()
    with pytest.raises(Spent):
        approvals.approve(office["all"], asked.id)
    assert state_of(asked) == "waiting"
    assert not AuditEntry.objects.filter(action="approvals.approve").exists()
    office.refusal = None
    approvals.approve(office["all"], asked.id)
    assert state_of(asked) == "approved"


def test_refusing_needs_a_reason_and_does_nothing(office: Office) -> None:
    asked = office.ask()
    with pytest.raises(Invalid) as refused:
        approvals.refuse(office["all"], asked.id, reason=" ")
    assert set(refused.value.fields) == {"reason"}
    approvals.refuse(office["all"], asked.id, reason="Too much")
    assert (office.done, state_of(asked)) == ([], "refused")
    for late in (approvals.approve, lambda a, i: approvals.refuse(a, i, reason="again")):
        with pytest.raises(approvals.AlreadyDecided):
            late(office["large"], asked.id)


def test_one_of_another_shop_is_not_there(office: Office, other_tenant: Tenant) -> None:
    asked = office.ask()
    with tenant_transaction(other_tenant.id), pytest.raises(NotFound):
        approvals.approve(Actor.system(other_tenant.id), asked.id)
    assert state_of(asked) == "waiting"


def test_its_time_runs_out(office: Office) -> None:
    tenant = get_tenant()
    update_tenant(Actor.system(tenant.id), settings={"approval_hours": 2})
    asked = office.ask()
    assert asked.expires_at - asked.asked_at == timedelta(hours=2)
    expire(approval_id=str(asked.id))
    assert state_of(asked) == "waiting"
    with clock.frozen(asked.expires_at):
        assert approvals.count_decidable(office["all"]) == 0
        with pytest.raises(approvals.AlreadyDecided):
            approvals.approve(office["all"], asked.id)
        expire(approval_id=str(asked.id))
        expire(approval_id=str(asked.id))
    assert (office.done, state_of(asked)) == ([], "expired")
    assert Event.objects.filter(kind="approvals.expired", staff_id=office["small"].id).count() == 1


def test_after_its_time_one_may_ask_again(office: Office) -> None:
    order = new_id()
    asked = office.ask(about=order)
    with clock.frozen(asked.expires_at + timedelta(minutes=1)):  # the job has not run
        again = office.ask(about=order)
    assert again.id != asked.id
    assert (state_of(asked), state_of(again)) == (ApprovalState.EXPIRED, ApprovalState.WAITING)


def test_two_approvers_at_once_do_it_once(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        office = open_office(tenant)
        asked = office.ask(5000)
    found = at_once(
        tenant.id,
        [lambda who=who: approvals.approve(office[who], asked.id) for who in ("large", "all")],
    )
    assert sorted(type(each).__name__ for each in found) == ["AlreadyDecided", "Approval"]
    assert len(office.done) == 1


def test_two_ask_at_once_and_one_request_waits(fresh_db: str) -> None:
    tenant, order = Tenant.objects.get(slug="harbor"), new_id()
    with tenant_transaction(tenant.id):
        office = open_office(tenant)
    found = at_once(
        tenant.id, [lambda who=who: office.ask(about=order, by=who) for who in ("small", "large", "small")]
    )
    with tenant_transaction(tenant.id):
        assert Approval.objects.count() == 1
    assert {type(each).__name__ for each in found} == {"AlreadyAsked", "Approval"}
