"""Tasks: one for each kind and subject, one person's once taken, seen by those who may, ended once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tasks import kinds
from callcart.people.tasks import public as tasks
from callcart.people.tasks.models import Task
from callcart.people.tasks.public import TaskFilters
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import at_once


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    before = dict(kinds._kinds)
    tasks.declare("look", label="Look", sentence="Look at %(what)s", link="office:order")
    tasks.declare("call", label="Call", calls=True)
    tasks.declare("count", label="Count", permission="inventory.adjust")
    yield
    kinds._kinds.clear()
    kinds._kinds.update(before)


def worker(tenant: Tenant, name: str, *permissions: str) -> Actor:
    held = {each: Grant() for each in ("tasks.work", *permissions)}
    return Actor(tenant.id, ActorKind.STAFF, id=new_id(), name=name, grants=held)


def opened(kind: str = "look", subject: UUID | None = None, **more: object) -> Task:
    return tasks.open_task(kind, subject=("order", subject or new_id()), **more)  # type: ignore[arg-type]


def test_one_open_task_for_each_kind_and_subject(tenant: Tenant) -> None:
    order = new_id()
    first = opened(subject=order, data={"what": "it"})
    assert opened(subject=order, data={"what": "something else"}).id == first.id
    assert opened("count", subject=order).id != first.id
    assert Event.objects.filter(kind="tasks.opened").count() == 2
    assert tasks.close_tasks("look", ("order", order), outcome="moved_on") == 1
    assert tasks.close_tasks("look", ("order", order)) == 0
    again = opened(subject=order)
    assert again.id != first.id
    ended = Task.objects.get(id=first.id)
    assert (ended.state, ended.outcome, ended.ended_by) == ("done", "moved_on", None)


def test_words_of_a_task(tenant: Tenant) -> None:
    assert tasks.sentence("look", {"what": "100 % of it"}) == "Look at 100 % of it"
    assert tasks.sentence("look", {}) == "Look"
    assert (tasks.sentence("gone", {}), tasks.label("gone"), tasks.link("gone")) == ("gone", "gone", "")
    with pytest.raises(LookupError):
        opened("gone")


def test_once_taken_it_is_one_persons(tenant: Tenant) -> None:
    amy, bob, boss = worker(tenant, "Amy"), worker(tenant, "Bob"), worker(tenant, "Boss", "tasks.manage")
    task = opened()
    tasks.take(amy, task.id)
    for verb in (tasks.take, tasks.give_back, tasks.done):
        with pytest.raises(tasks.TaskTaken) as refused:
            verb(bob, task.id)
        assert refused.value.message == "Amy is working on this."
    assert Task.objects.get(id=task.id).taken_by == amy.id
    tasks.give_back(amy, task.id)
    tasks.take(bob, task.id)
    assert tasks.take(boss, task.id).taken_by_name == "Boss"


def test_a_task_ends_once(tenant: Tenant) -> None:
    amy, task = worker(tenant, "Amy"), opened()
    tasks.done(amy, task.id, outcome="reached", note="Comes on Monday")
    row = Task.objects.get(id=task.id)
    assert (row.state, row.outcome, row.note, row.ended_by_name) == (
        "done",
        "reached",
        "Comes on Monday",
        "Amy",
    )
    assert AuditEntry.objects.get(action="tasks.done").subject_id == task.subject_id
    for verb in (tasks.take, tasks.done):
        with pytest.raises(tasks.TaskEnded):
            verb(amy, task.id)


def test_dropping_takes_a_right_and_a_reason(tenant: Tenant) -> None:
    task = opened()
    with pytest.raises(PermissionDenied):
        tasks.drop(worker(tenant, "Amy"), task.id, reason="Not needed")
    boss = worker(tenant, "Boss", "tasks.manage")
    with pytest.raises(Invalid) as refused:
        tasks.drop(boss, task.id, reason=" ")
    assert set(refused.value.fields) == {"reason"}
    assert tasks.drop(boss, task.id, reason="Not needed").state == "dropped"


def test_a_tasks_own_permission_is_asked_for(tenant: Tenant) -> None:
    amy, ware = worker(tenant, "Amy"), worker(tenant, "Ware", "inventory.adjust")
    task = opened("count")
    with pytest.raises(PermissionDenied):
        tasks.done(amy, task.id)
    with pytest.raises(PermissionDenied):
        tasks.done(Actor(tenant.id, ActorKind.STAFF, id=new_id()), task.id)
    with pytest.raises(NotFound):
        tasks.get_task(amy, task.id)
    assert (tasks.count_waiting(amy), tasks.count_waiting(ware)) == (0, 1)
    assert Task.objects.get(id=task.id).state == "open"


def test_putting_off(tenant: Tenant) -> None:
    amy, task = worker(tenant, "Amy"), opened()
    with pytest.raises(Invalid) as refused:
        tasks.put_off(amy, task.id, until=now() - timedelta(seconds=1))
    assert set(refused.value.fields) == {"until"}
    later = now() + timedelta(hours=3)
    tasks.put_off(amy, task.id, until=later, note="Nobody answers")
    assert tasks.count_waiting(amy) == 0
    with clock.frozen(later):
        assert tasks.count_waiting(amy) == 1
        assert [t.id for t in tasks.list_tasks(amy, TaskFilters(overdue=True)).rows] == [task.id]


def test_the_list_goes_by_due_and_pages_without_gaps(tenant: Tenant) -> None:
    amy = worker(tenant, "Amy", "inventory.adjust")
    start = now()
    made = [opened(due_at=start + timedelta(hours=hour)) for hour in (5, 1, 3, 1, 2)]
    seen, after = [], None
    while True:
        found = tasks.list_tasks(amy, after=after, size=2)
        seen += [row.id for row in found.rows]
        after = found.after
        if after is None:
            break
    assert seen == [row.id for row in sorted(made, key=lambda t: (t.sort_at, t.id))]


def test_filters(tenant: Tenant) -> None:
    amy = worker(tenant, "Amy", "inventory.adjust")
    customer = new_id()
    look, count = opened(), opened("count")
    call = opened("call", customer_id=customer)
    tasks.take(amy, count.id)

    def ids(**wanted: object) -> set[UUID]:
        return {row.id for row in tasks.list_tasks(amy, TaskFilters(**wanted)).rows}  # type: ignore[arg-type]

    assert ids(kind="look") == {look.id}
    assert ids(mine=True) == {count.id}
    assert ids(free=True) == {look.id, call.id}
    assert ids(calls=True) == ids(customer_id=customer) == {call.id}
    tasks.done(amy, look.id)
    assert ids(ended=True) == {look.id}
    assert [row.id for row in tasks.tasks_of_customer(amy, customer)] == [call.id]
    assert tasks.tasks_about(("order", look.subject_id)) == []


def test_a_call_without_a_customer_is_none(tenant: Tenant) -> None:
    assert opened("call").calls is False


def test_one_of_another_shop_is_not_there(tenant: Tenant, other_tenant: Tenant) -> None:
    task = opened()
    with tenant_transaction(other_tenant.id), pytest.raises(NotFound):
        tasks.take(worker(other_tenant, "Eve"), task.id)


def test_two_take_and_two_open_at_once(fresh_db: str) -> None:
    tenant, order = Tenant.objects.get(slug="harbor"), new_id()
    people = [worker(tenant, name) for name in ("Amy", "Bob")]
    made = at_once(tenant.id, [lambda: opened(subject=order) for _each in range(4)])
    assert len({task.id for task in made}) == 1
    found = at_once(tenant.id, [lambda who=who: tasks.take(who, made[0].id) for who in people])
    assert sorted(type(each).__name__ for each in found) == ["Task", "TaskTaken"]
