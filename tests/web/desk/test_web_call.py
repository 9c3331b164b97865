"""A chat at the desk that may become a call: the button, what the visitor wants, the way from the chat to the call and back, and who may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callcart.contact.messaging import public as messaging
from callcart.contact.routing import public as routing
from callcart.contact.webcalls.models import WebCall
from tests.web.desk.chats import Guest, chats_of
from tests.web.desk.stage import Stage


@pytest.fixture
def guest(desk: Stage) -> Iterator[Guest]:
    """Ann, whose chat Amy has taken up."""
    chats = chats_of(desk)
    with desk.transaction():
        line = messaging.line_by_id(chats.line)
        messaging.change_line(
            desk.boss, line.id, version=line.version, name=line.name, address=line.address, queue_id=line.queue_id,
            values={**line.values, "calls": "on"},
        )  # fmt: skip
    yield chats.taken()
    routing.agent_offline(desk.boss, desk.staff["amy"].id)


def strip(desk: Stage, guest: Guest, login: str = "amy") -> str:
    return desk.client(login).get(f"/desk/c/{guest.talk.id}").content.decode()


def test_the_agent_invites_and_takes_it_back(desk: Stage, guest: Guest) -> None:
    client, path = desk.client("amy"), f"/desk/c/{guest.talk.id}/web-call"
    assert f'data-web-call="{path}"' in strip(desk, guest)
    assert client.post(path).json() == {"state": "invited", "conversation": ""}
    page = strip(desk, guest)
    assert 'data-web-call-state="invited"' in page and f'data-web-call-no="{path}/decline"' in page
    assert "The visitor was invited to a call" in page
    assert client.post(f"{path}/decline").status_code == 200
    assert "No call: it was taken back" in strip(desk, guest)


def test_the_visitor_asks_and_chat_and_call_lead_to_each_other(desk: Stage, guest: Guest) -> None:
    client, path = desk.client("amy"), f"/desk/c/{guest.talk.id}/web-call"
    assert guest.ask("call", "{}").status_code == 200
    assert 'data-web-call-state="asked"' in strip(desk, guest)
    call = client.post(path).json()["conversation"]
    shown = client.get(f"/desk/c/{call}").content.decode()
    assert f'data-conversation="{guest.talk.id}"' in shown and "Ann" in shown
    assert "Came of a chat" in shown and "cannot be dialled" not in shown
    assert f'data-conversation="{call}"' in strip(desk, guest)
    assert client.post(path).json()["conversation"] == call  # pressed twice


def test_a_colleague_sees_no_button_and_is_refused(desk: Stage, guest: Guest) -> None:
    path = f"/desk/c/{guest.talk.id}/web-call"
    assert "data-web-call" not in strip(desk, guest, "super")
    assert desk.client("super").post(path).status_code in (403, 404)
    assert desk.client("ben").post(path).status_code == 404
    with desk.transaction():
        assert not WebCall.objects.filter(chat_id=guest.talk.id).exists()


def test_one_who_is_not_free_is_told_so(desk: Stage, guest: Guest) -> None:
    routing.agent_offline(desk.boss, desk.staff["amy"].id)
    refused = desk.client("amy").post(f"/desk/c/{guest.talk.id}/web-call")
    assert refused.status_code == 409 and "You can talk when you are at work" in refused.content.decode()
    with desk.transaction():
        assert not WebCall.objects.filter(chat_id=guest.talk.id).exists()
