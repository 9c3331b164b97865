"""The pages of approvals: a request reaches those who may, is decided there, and its asker reads what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.people.approvals import actions
from callcart.people.approvals import public as approvals
from callcart.people.approvals.models import Approval
from callcart.people.staff.public import actor_of, get_staff
from tests.web.office.office import Office, field_error, words

done: list[str] = []


class Spent(Conflict):
    """There is nothing left to give."""

    code = "test.spent"


@pytest.fixture(autouse=True)
def give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_actions", dict(actions._actions))
    done.clear()

    @approvals.action("test.give", label="Give money", link="office:order")
    def give(actor: Actor, payload: Mapping[str, Any]) -> None:
        if payload.get("spent"):
            raise Spent
        done.append(actor.name)


def asked(office: Office, minor: int = 50_000, **payload: Any) -> Approval:
    return approvals.ask(
        actor_of(get_staff(office.staff["supervisor"].id)),
        action="test.give",
        permission="payments.refund",
        subject=("order", new_id()),
        label="Order 1042 7",
        amount=Money(minor, "USD"),
        payload=payload,
        reason="Came broken",
    )


def test_it_reaches_finance_and_is_approved_there(office: Office) -> None:
    request, finance = asked(office), office.client("finance")
    listed = finance.get("/office/work/approvals")
    assert "Give money Order 1042 7 $500.00 Supervisor Example Came broken" in words(listed)
    assert 'id="count-approvals">1<' in listed.content.decode()
    page = words(finance.get(f"/office/work/approvals/{request.id}"))
    assert "Refund money" in page and "Finance Example, Owner Example" in page
    answer = finance.post(f"/office/work/approvals/{request.id}/approve", {"note": ""})
    assert answer.status_code == 303 and done == ["Finance Example"]
    past = words(office.client("supervisor").get(f"/office/work/approvals/{request.id}"))
    assert "Approved" in past and "Finance Example" in past


def test_the_asker_sees_it_and_cannot_decide_it(office: Office) -> None:
    request, asker = asked(office), office.client("supervisor")
    assert "Nothing waits for you" in words(asker.get("/office/work/approvals"))
    assert "Give money" in words(asker.get("/office/work/approvals?part=mine"))
    page = asker.get(f"/office/work/approvals/{request.id}").content.decode()
    assert 'data-open="approve"' not in page and "withdraw" in page
    refused = asker.post(f"/office/work/approvals/{request.id}/approve")
    assert refused.status_code == 403 and done == []
    assert asker.post(f"/office/work/approvals/{request.id}/withdraw").status_code == 303
    assert Approval.objects.get(id=request.id).state == "withdrawn"


def test_others_do_not_see_it(office: Office) -> None:
    request, agent = asked(office), office.client("agent")
    assert agent.get(f"/office/work/approvals/{request.id}").status_code == 404
    assert agent.post(f"/office/work/approvals/{request.id}/approve").status_code == 404
    assert done == []


def test_what_fails_says_why_and_waits_on(office: Office) -> None:
    request = asked(office, spent=True)
    refused = office.client("finance").post(f"/office/work/approvals/{request.id}/approve")
    assert refused.status_code == 409 and "There is nothing left to give." in words(refused)
    assert Approval.objects.get(id=request.id).state == "waiting"


def test_refusing_without_a_reason_opens_the_dialog_again(office: Office) -> None:
    request, finance = asked(office), office.client("finance")
    refused = finance.post(f"/office/work/approvals/{request.id}/refuse", {"reason": ""})
    assert refused.status_code == 422 and field_error(refused, "reason") != ""
    assert (
        finance.post(f"/office/work/approvals/{request.id}/refuse", {"reason": "Too much"}).status_code == 303
    )
    assert "Too much" in words(office.client("supervisor").get(f"/office/work/approvals/{request.id}"))
    assert done == []


def test_how_long_a_request_waits_is_a_setting(office: Office) -> None:
    page = office.client().get("/office/settings").content.decode()
    assert 'name="approval_hours" value="24"' in page
