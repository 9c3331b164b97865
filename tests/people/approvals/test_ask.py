"""A request reaches those who may, is asked for once, and says at once where nobody could approve it."""

from __future__ import annotations

import pytest

from callcart.core.actor import Actor
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.approvals.models import Approval
from callcart.people.staff.public import deactivate_staff
from tests.people.approvals.office import PERMISSION, Office


def test_above_the_limit_a_verb_says_that_it_needs_approval(office: Office) -> None:
    assert approvals.require(office["small"], PERMISSION, amount=Money(1000, "USD")).limit == 1000
    with pytest.raises(approvals.NeedsApproval) as refused:
        approvals.require(office["small"], PERMISSION, amount=Money(1001, "USD"))
    assert refused.value.details == {
        "permission": PERMISSION, "limit": 1000, "amount": Money(1001, "USD"), "percent": None,
    }  # fmt: skip
    assert refused.value.status == 403
    assert approvals.require(office["all"], PERMISSION, amount=Money(10**9, "USD"))


def test_percentages_have_limits_too(office: Office) -> None:
    with pytest.raises(approvals.NeedsApproval):
        approvals.require(office["small"], PERMISSION, percent=1001)
    asked = office.ask(amount=None, percent=15)
    assert (asked.percent, asked.amount) == (15, None)


def test_without_the_permission_there_is_nothing_to_ask_for(office: Office) -> None:
    with pytest.raises(PermissionDenied) as refused:
        approvals.require(office["none"], PERMISSION, amount=Money(1, "USD"))
    assert not isinstance(refused.value, approvals.NeedsApproval)
    with pytest.raises(PermissionDenied):
        office.ask(by="none")
    assert not Approval.objects.exists()


def test_it_waits_for_those_whose_limit_suffices(office: Office) -> None:
    asked = office.ask(5000)
    waiting = {name: approvals.count_decidable(actor) for name, actor in office.people.items()}
    assert waiting == {"small": 0, "large": 1, "all": 1, "none": 0}
    larger = office.ask(10_001)
    assert approvals.count_decidable(office["large"]) == 1
    page = approvals.list_approvals(office["all"], part=approvals.Part.WAITING)
    assert [row.id for row in page.rows] == [asked.id, larger.id]
    assert [row.id for row in approvals.list_approvals(office["small"], part=approvals.Part.MINE).rows] == [
        larger.id, asked.id,
    ]  # fmt: skip


def test_ones_own_request_does_not_wait_for_oneself(office: Office) -> None:
    office.ask(5000, by="all")
    assert approvals.count_decidable(office["all"]) == 0
    assert approvals.count_decidable(office["large"]) == 1


def test_nobody_can_is_said_at_once(office: Office) -> None:
    boss = Actor.system(office.tenant_id)
    deactivate_staff(boss, office["all"].id or new_id())
    with pytest.raises(approvals.NobodyCanApprove):
        office.ask(10_001)
    with pytest.raises(approvals.NobodyCanApprove):
        office.ask(10_000, by="large")
    assert not Approval.objects.exists()
    assert not Event.objects.filter(kind__startswith="approvals.").exists()


def test_a_grant_for_ones_own_things_reaches_nobody_elses(office: Office) -> None:
    boss = Actor.system(office.tenant_id)
    deactivate_staff(boss, office["all"].id or new_id())
    own = office.hire("own", limit=None, permission="recordings.listen", scope="own")
    office.hire("asks", limit=None, permission="recordings.listen", scope="own")
    with pytest.raises(approvals.NobodyCanApprove):
        office.ask(by="asks", permission="recordings.listen", amount=None)
    office.hire("reach", limit=None, permission="recordings.listen")
    office.ask(by="asks", permission="recordings.listen", amount=None)
    assert approvals.count_decidable(own) == 0
    assert approvals.count_decidable(office["reach"]) == 1


def test_pressing_twice_asks_once(office: Office) -> None:
    order = new_id()
    assert office.ask(about=order).id == office.ask(about=order).id
    assert Event.objects.filter(kind="approvals.asked").count() == 1


def test_one_request_waits_for_each_action_and_subject(office: Office) -> None:
    order = new_id()
    first = office.ask(5000, about=order)
    with pytest.raises(approvals.AlreadyAsked) as refused:
        office.ask(6000, about=order)
    assert refused.value.message == "Small has already asked for this, and it is not decided yet."
    with pytest.raises(approvals.AlreadyAsked):
        office.ask(5000, about=order, by="large")
    approvals.withdraw(office["small"], first.id)
    assert office.ask(6000, about=order).id != first.id


def test_a_request_for_something_else_of_the_same_subject_is_not_the_same(office: Office) -> None:
    order = new_id()
    office.ask(about=order, payload={"line": "first"})
    with pytest.raises(approvals.AlreadyAsked):
        office.ask(about=order, payload={"line": "second"})


def test_a_reason_is_required(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.ask(reason="  ")
    assert set(refused.value.fields) == {"reason"}


def test_an_action_nobody_registered_is_a_mistake_of_ours(office: Office) -> None:
    with pytest.raises(LookupError):
        office.ask(action="test.unheard_of")


def test_asking_leaves_a_trace_and_tells(office: Office) -> None:
    asked = office.ask(5000)
    entry = AuditEntry.objects.get(action="approvals.ask")
    assert (entry.subject_id, entry.reason, entry.actor_name) == (asked.subject_id, "Came broken", "Small")
    kinds = {(e.kind, e.audience) for e in Event.objects.filter(kind__startswith="approvals.")}
    assert kinds == {("approvals.changed", "staff"), ("approvals.asked", "one")}


def test_only_whoever_asked_takes_it_back(office: Office) -> None:
    asked = office.ask()
    with pytest.raises(approvals.NotYours):
        approvals.withdraw(office["all"], asked.id)
    approvals.withdraw(office["small"], asked.id)
    assert approvals.count_decidable(office["all"]) == 0
    with pytest.raises(approvals.AlreadyDecided):
        approvals.withdraw(office["small"], asked.id)
