"""The pages of tasks: who sees which, what can be done from the list and from one task's page, and the number in the menu."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.people.tasks import kinds
from callcart.people.tasks import public as tasks
from callcart.people.tasks.models import Task
from tests.web.office.office import Office, field_error, words


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    tasks.declare("look", label="Look", sentence="Look at order %(number)s", link="office:order")
    tasks.declare("count", label="Count", permission="inventory.adjust")


def opened(office: Office, kind: str = "look", **more: object) -> Task:
    return tasks.open_task(kind, subject=("order", new_id()), data={"number": "1042 7"}, **more)  # type: ignore[arg-type]


def test_the_list_says_what_and_where_it_leads(office: Office) -> None:
    customer = office.customer()
    task = opened(office, customer_id=customer.id, due_at=now() - timedelta(hours=1))
    answer = office.client("supervisor").get("/office/work/tasks")
    said = words(answer)
    assert "Look at order 1042 7" in said and "overdue" in said and "Ada Example" in said
    assert f"/office/customers/{customer.id}" in answer.content.decode()
    assert (
        f"/office/orders/{task.subject_id}"
        in office.client().get(f"/office/work/tasks/{task.id}").content.decode()
    )


def test_people_see_what_they_may_work_on(office: Office) -> None:
    task = opened(office, "count")
    assert "Count" in words(office.client("warehouse").get("/office/work/tasks"))
    agent = office.client("agent")
    assert "Nothing to do" in words(agent.get("/office/work/tasks"))
    assert agent.get(f"/office/work/tasks/{task.id}").status_code == 404
    assert agent.post(f"/office/work/tasks/{task.id}/done").status_code in (403, 404)
    assert office.client("marketing").get("/office/work/tasks").status_code == 403
    assert Task.objects.get(id=task.id).state == "open"


def test_take_and_done_from_the_list_lead_back_to_it(office: Office) -> None:
    task, client = opened(office), office.client("agent")
    here = "/office/work/tasks?only=free"
    taken = client.post(f"/office/work/tasks/{task.id}/take", {"next": here})
    assert (taken.status_code, taken["Location"]) == (303, here)
    assert Task.objects.get(id=task.id).taken_by == office.staff["agent"].id
    done = client.post(f"/office/work/tasks/{task.id}/done", {"note": "They know", "next": "//evil.example"})
    assert done["Location"] == "/office/work/tasks"
    row = Task.objects.get(id=task.id)
    assert (row.state, row.note) == ("done", "They know")
    assert "Look at order" in words(client.get("/office/work/tasks?state=ended"))


def test_somebody_elses_says_whose_it_is(office: Office) -> None:
    task = opened(office)
    office.client("supervisor").post(f"/office/work/tasks/{task.id}/take")
    refused = office.client("agent").post(f"/office/work/tasks/{task.id}/done")
    assert refused.status_code == 409 and "Supervisor Example is working on this." in words(refused)
    assert Task.objects.get(id=task.id).state == "open"


@pytest.mark.parametrize(("step", "field"), [("drop", "reason"), ("put-off", "until")])
def test_what_is_missing_is_said_at_its_field(office: Office, step: str, field: str) -> None:
    task = opened(office)
    refused = office.client().post(f"/office/work/tasks/{task.id}/{step}", {field: " "})
    assert refused.status_code == 422 and field_error(refused, field) != ""
    assert f'<dialog id="{step}"' in refused.content.decode()
    assert Task.objects.get(id=task.id).state == "open"


def test_putting_off_goes_by_the_readers_clock(office: Office) -> None:
    task = opened(office)
    office.client().post(f"/office/work/tasks/{task.id}/put-off", {"until": "2040-01-02T09:30"})
    due = Task.objects.get(id=task.id).due_at
    assert due is not None and due.isoformat() == "2040-01-02T14:30:00+00:00"  # New York


def test_only_who_manages_tasks_drops_them(office: Office) -> None:
    task = opened(office)
    assert (
        office.client("agent").post(f"/office/work/tasks/{task.id}/drop", {"reason": "x"}).status_code == 403
    )
    assert Task.objects.get(id=task.id).state == "open"


def test_the_menu_counts_what_is_due(office: Office) -> None:
    opened(office)
    opened(office, due_at=now() + timedelta(days=1))
    page = office.client("agent").get("/office/work/tasks").content.decode()
    assert 'id="count-tasks">1<' in page
    assert (
        'id="count-tasks" hx-swap-oob="true">1<'
        in office.client("agent").get("/office/work/counts").content.decode()
    )
    assert 'id="count-tasks"' not in office.client("marketing").get("/office/products").content.decode()


def test_a_page_of_many_leads_on(office: Office) -> None:
    for _each in range(52):
        opened(office)
    client = office.client("agent")
    first = client.get("/office/work/tasks").content.decode()
    assert first.count("row-link") == 50
    after = first.split('rel="next" href="')[1].split('"')[0]
    assert client.get(f"/office/work/tasks{after}").content.decode().count("row-link") == 2
