"""Facts go out with the change, reach their handlers at least once, and hold ids only."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest

from callcart.core import events, jobs
from callcart.core.database import raw
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

heard: list[events.Event] = []


@events.handler("test.happened")
def hear(event: events.Event) -> None:
    heard.append(event)


stumbles_at: list[UUID] = []


@events.handler("test.stumbles")
def stumble(event: events.Event) -> None:
    if event.subject_id in stumbles_at:
        raise ValueError
    heard.append(event)


def test_an_event_goes_out_with_its_change_only(fresh_db: str) -> None:
    tenant = Tenant.objects.first()
    assert tenant is not None
    with pytest.raises(ValueError), tenant_transaction(tenant.id):
        events.emit("test.other")
        raise ValueError
    with tenant_transaction(tenant.id):
        assert not Event.objects.exists()


def test_a_handler_gets_the_event_as_it_was_told(tenant: Tenant) -> None:
    heard.clear()
    subject, staff = uuid4(), uuid4()
    event_id = events.emit(
        "test.happened", subject=("thing", subject), staff_id=staff, audience="one", data={"id": subject}
    )
    name = f"{hear.__module__}.{hear.__qualname__}"
    events.run_handler(handler_name=name, event_id=event_id)
    (event,) = heard
    assert (event.tenant_id, event.kind, event.subject_kind, event.subject_id) == (
        tenant.id,
        "test.happened",
        "thing",
        subject,
    )
    assert (event.staff_id, event.audience, event.data) == (staff, "one", {"id": str(subject)})


def test_an_event_past_its_keeping_time_or_a_lost_handler_is_no_error(tenant: Tenant) -> None:
    heard.clear()
    event_id = events.emit("test.happened")
    events.run_handler(handler_name="gone.with.an.upgrade", event_id=event_id)
    events.run_handler(handler_name=f"{hear.__module__}.{hear.__qualname__}", event_id=event_id + 1000)
    assert heard == []


def test_one_job_is_written_for_each_handler(tenant: Tenant) -> None:
    event_id = events.emit("test.happened")
    events.emit("test.unheard")
    rows = raw.all("SELECT queue_name, task_name, args, scheduled_at, status::text FROM procrastinate_jobs")
    name = f"{hear.__module__}.{hear.__qualname__}"
    assert [(*row[:2], json.loads(row[2]), *row[3:]) for row in rows] == [
        (
            "events",
            "callcart.core.events.run_handler",
            {"tenant_id": tenant.id, "handler_name": name, "event_id": event_id},
            None,
            "todo",
        )
    ]


def test_inside_handled_at_once_handlers_run_with_the_change(tenant: Tenant) -> None:
    heard.clear()
    with events.handled_at_once():
        event_id = events.emit("test.happened")
        assert heard == []
    assert [event.id for event in heard] == [event_id]
    assert raw.value("SELECT count(*) FROM procrastinate_jobs") == 0


def test_many_events_are_few_jobs_and_each_is_told(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.clear()
    monkeypatch.setattr(events, "PORTION", 2)
    monkeypatch.setattr(jobs, "defer", lambda *_a, **_k: pytest.fail("a job for one event was written"))
    subjects = [uuid4() for _each in range(5)]
    events.emit_many("test.happened", "thing", subjects)
    name = f"{hear.__module__}.{hear.__qualname__}"
    written = raw.all(
        "SELECT args FROM procrastinate_jobs WHERE args->>'handler_name' = %s ORDER BY id", (name,)
    )
    told = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in written]
    assert [len(each["event_ids"]) for each in told] == [2, 2, 1]
    for each in told:
        assert each.pop("tenant_id") == tenant.id
        events.run_handler_on_many(**each)
    assert [event.subject_id for event in heard] == subjects


def test_one_event_that_fails_keeps_no_other_waiting_and_is_tried_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard.clear()
    subjects = [uuid4() for _each in range(3)]
    events.emit_many("test.stumbles", "thing", subjects)
    ids = list(Event.objects.filter(kind="test.stumbles").order_by("id").values_list("id", flat=True))
    again: list[dict[str, object]] = []
    monkeypatch.setattr(jobs, "defer", lambda function, **arguments: again.append(arguments))
    name = f"{stumble.__module__}.{stumble.__qualname__}"
    stumbles_at.append(subjects[1])
    events.run_handler_on_many(handler_name=name, event_ids=ids)
    assert [event.subject_id for event in heard] == [subjects[0], subjects[2]]
    assert again == [{"handler_name": name, "event_id": ids[1]}]
