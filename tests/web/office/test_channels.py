"""Lines are set up in the office, their secrets never shown again; what could not go out is seen and sent again."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.fake import FakeChannel
from callcart.contact.messaging.lines import secrets_of
from callcart.contact.messaging.models import Delivery, Line
from callcart.contact.routing.public import add_queue
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.conftest import CHANNELS
from tests.web.office.office import Office


@pytest.fixture(autouse=True)
def _channels(monkeypatch: pytest.MonkeyPatch) -> None:
    web = {"web": "callcart.integrations.webchat.WebChat"}
    monkeypatch.setattr(settings, "CALLCART_CHANNELS", {**CHANNELS, **web})


@pytest.fixture
def queue(office: Office) -> str:
    return str(add_queue(office.boss, "mails", name="Mails").id)


def _post(office: Office, role: str, path: str, data: dict[str, Any] | None = None) -> Any:
    return office.client(role).post(f"/office/{path}", data or {})


def _get(office: Office, role: str, path: str) -> Any:
    return office.client(role).get(f"/office/{path}")


def _add(office: Office, queue: str, **more: str) -> str:
    data = {"name": "Help", "address": "Help@Shop.example", "queue": queue, "password": "hush", **more}
    answer = _post(office, "owner", "lines/new/fake_mail", data)
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return str(answer["Location"])


def test_a_mailbox_is_added_and_its_secret_kept(office: Office, queue: str) -> None:
    place = _add(office, queue)
    line = Line.objects.get()
    assert (line.address, line.values, secrets_of(line)) == ("help@shop.example", {}, {"password": "hush"})
    page = _get(office, "owner", place.removeprefix("/office/")).content.decode()
    assert "hush" not in page and line.sealed not in page
    data = {
        "name": "Helpdesk",
        "address": line.address,
        "queue": queue,
        "version": line.version,
        "host": "imap.example",
    }
    assert _post(office, "owner", f"lines/{line.id}", data).status_code == 303
    line.refresh_from_db()
    assert (line.name, line.values, secrets_of(line)) == (
        "Helpdesk",
        {"host": "imap.example"},
        {"password": "hush"},
    )


def test_two_who_change_one_are_told(office: Office, queue: str) -> None:
    _add(office, queue)
    line = Line.objects.get()
    data = {"name": "A", "address": line.address, "queue": queue, "version": line.version}
    assert _post(office, "owner", f"lines/{line.id}", data).status_code == 303
    assert _post(office, "owner", f"lines/{line.id}", {**data, "name": "B"}).status_code == 409
    assert Line.objects.get().name == "A"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"address": "nobody"}, "address"),
        ({"queue": "x"}, "queue"),
        ({"name": "n" * 200}, "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    office: Office, queue: str, wrong: dict[str, str], field: str
) -> None:
    data = {"name": "Help", "address": "help@shop.example", "queue": queue, **wrong}
    answer = _post(office, "owner", "lines/new/fake_mail", data)
    assert answer.status_code == 422 and f'data-error-for="{field}">' in answer.content.decode()
    assert not Line.objects.exists()


def test_an_address_is_one_lines_alone(office: Office, queue: str) -> None:
    _add(office, queue)
    again = {"name": "Two", "address": "help@shop.example", "queue": queue}
    assert _post(office, "owner", "lines/new/fake_mail", again).status_code == 409
    assert Line.objects.count() == 1


def test_nobody_else_may(office: Office, queue: str) -> None:
    _add(office, queue)
    line = Line.objects.get()
    for path in ("lines", "lines/new/fake_mail", f"lines/{line.id}"):
        assert _get(office, "agent", path).status_code == 403
    for path in (f"lines/{line.id}", f"lines/{line.id}/switch", f"lines/{line.id}/try"):
        assert _post(office, "agent", path, {"name": "X"}).status_code == 403
    with tenant_transaction(office.shop.tenant_id):
        assert Line.objects.get().name == "Help"


def test_a_chat_says_its_line_of_script(office: Office, queue: str) -> None:
    data = {"name": "Chat", "address": "shop", "queue": queue, "origins": "https://blog.example"}
    place = _post(office, "owner", "lines/new/web", data)["Location"]
    page = _get(office, "owner", place.removeprefix("/office/")).content.decode()
    assert (
        f"data-chat=&#34;{Line.objects.get().id}&#34;" in page
        or f'data-chat="{Line.objects.get().id}"' in page
    )
    bad = _post(
        office, "owner", "lines/new/web", {**data, "address": "two", "origins": "http://blog.example"}
    )
    assert bad.status_code == 422


def test_what_did_not_go_out_is_seen_with_its_reason_and_sent_again(office: Office, queue: str) -> None:
    _add(office, queue)
    line = Line.objects.get()
    words = messaging.Words("Your lamp is here.", subject="Lamp")
    message = messaging.write_first(office.boss, line.id, words, to="ann@there.example")
    Delivery.objects.update(state="failed", words="no such mailbox")
    page = _get(office, "owner", "undelivered").content.decode()
    assert "ann@there.example" in page and "no such mailbox" in page and "Your lamp is here." in page
    assert _post(office, "owner", f"undelivered/{message.id}/again").status_code == 303
    assert Delivery.objects.get().state == "waiting"
    assert _post(office, "owner", f"undelivered/{message.id}/again").status_code == 409
    assert _get(office, "agent", "undelivered").status_code == 403
    assert FakeChannel.sent == []


def test_what_an_unknown_kind_is(office: Office, queue: str) -> None:
    assert _get(office, "owner", "lines/new/pigeon").status_code == 404
    assert _get(office, "owner", "lines").status_code == 200
