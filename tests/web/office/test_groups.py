"""Groups of agents and how queues widen, set up in the office."""

from __future__ import annotations

from typing import Any

import pytest

from callcart.contact.routing.models import Profile, Queue
from callcart.contact.routing.public import Capacity, add_queue
from tests.web.office.office import Office

GOOD = {
    "name": "Sellers", "name_zh": "销售组", "cap_voice": "1", "cap_chat": "4", "cap_mail": "10", "cap_sms": "0",
    "call_blocks": "1",
}  # fmt: skip


@pytest.fixture
def queue(office: Office) -> Queue:
    return add_queue(office.boss, "sales", name="Sales")


def _post(office: Office, path: str, data: dict[str, Any], role: str = "owner") -> Any:
    return office.client(role).post(f"/office/{path}", data)


def test_a_group_is_made_and_changed(office: Office, queue: Queue) -> None:
    assert _post(office, "groups/new", {**GOOD, f"level-{queue.id}": "2"}).status_code == 303
    group = Profile.objects.get(code="sellers")
    assert [(each.queue_id, each.level) for each in group.serves.all()] == [(queue.id, 2)]
    rule = Capacity(chat=4, mail=10, sms=0, call_blocks=True, chat_blocks_calls=False)
    assert Capacity.of(group) == rule
    page = office.client().get(f"/office/groups/{group.id}").content.decode()
    assert 'value="10"' in page and "Sellers" in page
    assert _post(office, f"groups/{group.id}", {**GOOD, "name": "Sales team"}).status_code == 303
    group.refresh_from_db()
    assert (group.name, group.code, group.serves.count()) == ("Sales team", "sellers", 0)


def test_a_new_group_of_the_same_name_is_another_one(office: Office, queue: Queue) -> None:
    for _time in range(2):
        assert _post(office, "groups/new", GOOD).status_code == 303
    assert sorted(Profile.objects.filter(name="Sellers").values_list("code", flat=True)) == [
        "sellers",
        "sellers-2",
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": " "}, "name"), ({"cap_chat": "x"}, "cap_chat"), ({"cap_voice": "2"}, "cap_voice")],
)
def test_what_is_wrong_is_said_at_its_field(office: Office, wrong: dict[str, str], field: str) -> None:
    answer = _post(office, "groups/new", {**GOOD, **wrong})
    assert answer.status_code == 422 and f'data-error-for="{field}">' in answer.content.decode()
    assert not Profile.objects.filter(code="sellers").exists()


def test_a_queue_overflows_to_another(office: Office, queue: Queue) -> None:
    other = add_queue(office.boss, "returns", name="Returns")
    data = {
        "name": "Sales", "name_zh": "", "priority": "100", "ring_s": "20", "wrap_s": "60", "sticky_s": "20",
        "target_s": "20", "relax_s": "", "is_active": "1", "overflow_queue": str(other.id), "overflow_s": "45",
    }  # fmt: skip
    assert _post(office, f"queues/{queue.id}", data).status_code == 303
    queue.refresh_from_db()
    assert (queue.overflow_queue_id, queue.overflow_s, queue.relax_s) == (other.id, 45, None)
    assert _post(office, f"queues/{queue.id}", {**data, "overflow_s": "0"}).status_code == 422
    assert _post(office, f"queues/{queue.id}", {**data, "overflow_queue": str(queue.id)}).status_code == 422
    assert (
        _post(office, f"queues/{queue.id}", {**data, "overflow_queue": "", "overflow_s": ""}).status_code
        == 303
    )
    queue.refresh_from_db()
    assert (queue.overflow_queue_id, queue.overflow_s) == (None, None)


def test_nobody_else_may(office: Office, queue: Queue) -> None:
    assert _post(office, "groups/new", GOOD, role="agent").status_code == 403
    assert office.client("agent").get("/office/groups/new").status_code == 403
    assert not Profile.objects.filter(code="sellers").exists()
