"""The agent's own state, two agents at once, what a colleague may not do, and the supervisor's hand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Offer
from callcart.core.clock import now
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant
from tests.web.desk.stage import STRANGER, Stage


def test_ready_pause_and_leave(desk: Stage) -> None:
    assert desk.send("state", {"state": "ready"}).json()["state"] == "ready"
    answer = desk.send("state", {"state": "paused", "reason": "break"}).json()
    assert answer["state"] == "paused"
    assert "Break" in answer["html"]
    assert desk.send("state", {"state": "offline"}).json()["state"] == "offline"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"state": "asleep"}, "state"), ({}, "state"), ({"state": "paused", "reason": "nap"}, "reason")],
)
def test_a_state_that_is_none_changes_nothing(desk: Stage, body: dict[str, str], field: str) -> None:
    desk.send("state", {"state": "ready"})
    answer = desk.send("state", body)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [field]
    assert desk.state().state == "ready"


def test_who_is_no_agent_cannot_get_ready(desk: Stage) -> None:
    answer = desk.send("state", {"state": "ready"}, login="owner")
    assert answer.status_code == 404
    assert answer.json()["code"] == "routing.not_an_agent"
    assert desk.client("owner").get("/desk/").status_code == 200


def test_who_missed_a_call_reads_why_he_is_paused(desk: Stage) -> None:
    talk = desk.ringing()
    routing.unoffer(_offer(desk), "timed_out", tenant_id=desk.tenant_id)
    assert desk.record(talk).state == "waiting"
    assert desk.state().state == "paused"
    assert "Paused: call missed" in desk.client().get("/desk/").content.decode()
    board = desk.client("super").get("/desk/board").content.decode()
    assert "Paused: call missed" in board


def test_a_call_of_yesterday_says_its_day(desk: Stage) -> None:
    talk = desk.wrapping()
    routing.agent_wrap_done(desk.boss, desk.staff["amy"].id)
    began = now() - timedelta(hours=30)
    with desk.transaction():
        Conversation.objects.filter(id=talk).update(started_at=began)
        Conversation.objects.exclude(id=talk).update(
            started_at=began - timedelta(hours=1)
        )  # no newer one above it
        zone = ZoneInfo(Tenant.objects.get(id=desk.tenant_id).timezone)
    inbox = desk.client().get("/desk/inbox").content.decode()
    item = inbox.partition(str(talk))[2].partition("</button>")[0]
    day = began.astimezone(zone)
    assert f"{day:%b} {day.day}<" in item


def _offer(desk: Stage) -> UUID:
    with desk.transaction():
        return Offer.objects.get(state="live").id


def test_two_agents_have_their_own_calls(desk: Stage) -> None:
    hers, his = desk.talking(login="amy"), desk.talking(STRANGER, login="ben")
    for login, mine, theirs in (("amy", hers, his), ("ben", his, hers)):
        client = desk.client(login)
        assert client.get("/desk/now").json()["conversation"] == str(mine)
        inbox = client.get("/desk/inbox").content.decode()
        assert (str(mine) in inbox, str(theirs) in inbox) == (True, False)
        page = client.get(f"/desk/c/{theirs}").content.decode()
        assert 'data-call="hangup"' not in page
        assert "data-wrap=" not in page


@pytest.mark.parametrize("verb", ["hangup", "hold", "unhold", "rejoin"])
def test_a_colleagues_call_is_not_touched(desk: Stage, verb: str) -> None:
    talk = desk.talking(login="ben")
    answer = desk.send(f"c/{talk}/call/{verb}")
    assert answer.status_code == 409
    assert answer.json()["code"] == "desk.not_your_call"
    assert desk.record(talk).state == "active"


def test_a_call_that_is_over_is_not_touched(desk: Stage) -> None:
    talk = desk.wrapping()
    assert desk.send(f"c/{talk}/call/hold").status_code == 409


def test_declining_pauses_the_agent_and_keeps_the_customers_place(desk: Stage) -> None:
    talk = desk.ringing()
    offer = desk.state().offer_id
    assert desk.send(f"c/{talk}/decline", {"offer": str(uuid4())}).status_code == 404
    assert desk.send(f"c/{talk}/decline", {"offer": str(offer)}, login="ben").status_code == 404
    assert desk.record(talk).state == "offered"
    answer = desk.send(f"c/{talk}/decline", {"offer": str(offer)})
    assert answer.status_code == 200
    assert desk.record(talk).state == "waiting"
    assert (desk.state().state, desk.state().reason) == ("paused", "rejected")
    assert "Paused: call declined" in desk.client().get("/desk/").content.decode()


def test_a_new_customer_of_a_hidden_caller(desk: Stage) -> None:
    talk = desk.talking("")
    refused = desk.send(f"c/{talk}/new-customer", {"name": ""})
    assert refused.status_code == 422
    assert "name" in refused.json()["fields"]
    wrong = desk.send(f"c/{talk}/new-customer", {"name": "Pia Novak", "phone": "12"})
    assert wrong.status_code == 422
    assert "phone" in wrong.json()["fields"]
    assert desk.record(talk).customer_id is None
    made = desk.send(f"c/{talk}/new-customer", {"name": "Pia Novak", "phone": "", "language": "en"})
    assert made.status_code == 200, made.content.decode()[:300]
    assert str(desk.record(talk).customer_id) == made.json()["customer"]


def test_a_new_customer_gets_the_callers_number_unseen(desk: Stage) -> None:
    from callcart.people.customers.models import Phone

    number = f"+1202555{uuid4().int % 9000 + 1000}"
    talk = desk.talking(number)
    made = desk.send(f"c/{talk}/new-customer", {"name": "Uma Tester", "phone": ""})
    with desk.transaction():
        assert Phone.objects.get(customer_id=made.json()["customer"]).e164 == number


def test_numbers_in_full_are_for_whoever_may_and_are_written_down(desk: Stage) -> None:
    customer = desk.customer()
    assert desk.send(f"reveal/{customer}").status_code == 403
    answer = desk.send(f"reveal/{customer}", login="super")
    assert list(answer.json()["phones"].values()) == ["(202) 555-0123"]
    with desk.transaction():
        seen = AuditEntry.objects.filter(action="customers.see_phone", subject_id=customer)
        assert [row.actor_id for row in seen] == [desk.staff["super"].id]


def test_signing_in_again_in_place(desk: Stage) -> None:
    client = desk.client()
    client.cookies.clear()
    form = {"email": "amy@harbor.example", "password": "wrong"}
    refused = client.post("/desk/sign-in", form, headers={"accept": "application/json"})
    assert refused.status_code in (401, 403, 422)
    assert "staff" not in client.cookies
    answer = client.post("/desk/sign-in", {**form, "password": "callcart-demo"})
    assert answer.json()["staff"] == str(desk.staff["amy"].id)
    assert client.get("/desk/now").status_code == 200


@pytest.mark.parametrize(
    ("language", "held", "talking"), [("en", "On hold", "Connected"), ("zh-hans", "保持中", "通话中")]
)
def test_a_call_on_hold_stands_so_in_the_inbox(desk: Stage, language: str, held: str, talking: str) -> None:
    talk = desk.talking()

    def item() -> str:
        inbox = desk.client(language=language).get("/desk/inbox").content.decode()
        return str(inbox.partition(str(talk))[2].partition("</button>")[0])

    assert talking in item()
    desk.put_on_hold(talk)
    with desk.transaction():
        since = conversations.held_since(talk)
    assert since is not None
    assert held in item() and talking not in item() and since.isoformat() in item()
    desk.take_back(talk)
    assert talking in item() and held not in item()
