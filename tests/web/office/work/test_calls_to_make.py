"""Customers to be called stand beside the inbox, and are done from there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.people.tasks import kinds
from callcart.people.tasks import public as tasks
from callcart.people.tasks.models import Task
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import open_shop
from tests.web.office.office import Office, hire, words


@pytest.fixture
def office(tenant: Tenant, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    tasks.declare("call", label="Call", sentence="Ask about order %(number)s", calls=True)
    return Office(open_shop(tenant), hire(tenant.id), client_for)


def opened(office: Office, **more: object) -> Task:
    subject = ("order", new_id())
    return tasks.open_task(
        "call", subject=subject, customer_id=office.customer().id, data={"number": "7"}, **more
    )  # type: ignore[arg-type]


def test_a_call_opens_the_customer_and_is_done_from_the_inbox(office: Office) -> None:
    task, agent = opened(office), office.client("agent")
    page = agent.get("/desk/inbox")
    assert "Calls to make Ada Example Ask about order 7" in words(page)
    assert f'data-customer="{task.customer_id}"' in page.content.decode()
    assert agent.post(f"/desk/tasks/{task.id}/done").json()["done"] is True
    assert Task.objects.get(id=task.id).ended_by == office.staff["agent"].id
    assert "Calls to make" not in words(agent.get("/desk/inbox"))


def test_later_ones_and_those_of_others_wait(office: Office) -> None:
    opened(office, due_at=now() + timedelta(hours=1))
    agent = office.client("agent")
    assert "Calls to make" not in words(agent.get("/desk/inbox"))


def test_what_a_colleague_works_on_is_not_done_twice(office: Office) -> None:
    task = opened(office)
    office.client("supervisor").post(f"/office/work/tasks/{task.id}/take")
    agent = office.client("agent")
    assert "Calls to make" not in words(agent.get("/desk/inbox"))
    assert agent.post(f"/desk/tasks/{task.id}/done").status_code == 409
    assert Task.objects.get(id=task.id).state == "open"
