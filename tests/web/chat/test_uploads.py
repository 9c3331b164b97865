"""What is too much is refused by the length it says it has, before one byte of it is on the disk; and one line's network is one visitor."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from callcart.contact.messaging.public import File, visitors
from callcart.core.tenancy import tenant_transaction
from callcart.web.uploads import OF_STAFF, OF_VISITORS, ROOM, UploadMiddleware, length_of
from tests.web.chat.conftest import Chat


class Untouched:
    """A body that nobody may read."""

    def read(self, *_size: Any) -> bytes:
        raise AssertionError("it was read")

    readline = read


def test_a_file_that_is_too_large_is_not_even_read(chat: Chat) -> None:
    client, token, _told = chat.begin()
    answer = client.post(
        chat.url("say"), data=b"", content_type="multipart/form-data; boundary=b", headers={"X-Chat-Token": token},
        CONTENT_LENGTH=str(visitors.MOST_FILE + ROOM + 1), **{"wsgi.input": Untouched()},
    )  # fmt: skip
    assert answer.status_code == 422 and answer.json()["fields"] == {"file": "At most 10 MB, please."}


@pytest.mark.parametrize(("signed_in", "most"), [(False, OF_VISITORS), (True, OF_STAFF)])
def test_so_much_at_once_and_no_more(signed_in: bool, most: int) -> None:
    seen: list[HttpRequest] = []

    def after(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse("fine")

    for length, fits in ((most, True), (most + 1, False)):
        request = RequestFactory().post("/office/import", HTTP_ACCEPT="application/json")
        request.META["CONTENT_LENGTH"] = str(length)
        request.actor = object() if signed_in else None  # type: ignore[attr-defined]
        assert UploadMiddleware(after)(request).status_code == (200 if fits else 413)
        assert len(seen) == 1


@pytest.mark.parametrize("path", ["/login", "/returns/none", "/desk/dial", "/chat/none"])
def test_no_address_takes_more_from_a_visitor(chat: Chat, path: str) -> None:
    client = Client(HTTP_HOST=chat.host, REMOTE_ADDR=next(chat.addresses), enforce_csrf_checks=True)
    answer = client.post(
        path, data=b"", content_type="multipart/form-data; boundary=b", CONTENT_LENGTH=str(OF_VISITORS + 1),
        **{"wsgi.input": Untouched()},
    )  # fmt: skip
    assert answer.status_code == 413


@pytest.mark.parametrize(("said", "length"), [("", 0), ("12", 12), ("x", 0), ("-5", -5)])
def test_a_length_that_is_none(said: str, length: int) -> None:
    request = RequestFactory().post("/")
    request.META["CONTENT_LENGTH"] = said
    assert length_of(request) == length


def test_a_network_of_ipv6_begins_as_many_chats_as_one_address(chat: Chat) -> None:
    answers = []
    for number in range(visitors.NEW_AN_HOUR + 1):
        client = Client(
            HTTP_HOST=chat.host, REMOTE_ADDR=f"2001:db8:5:5::{number:x}", enforce_csrf_checks=True
        )
        answers.append(
            chat.post(client, "begin", {"text": "Hi", "key": chat.key()}, f"{number:043d}").status_code
        )
    assert answers == [200] * visitors.NEW_AN_HOUR + [429]


def test_of_one_network_only_so_many_files_are_kept(chat: Chat) -> None:
    """Twenty chats begun by one of thirty files each would be six gigabytes an hour."""
    address, answers = "203.0.113.77", []
    with tenant_transaction(chat.floor.tenant_id):
        line = visitors.chat_line(chat.line_id)
        guests = [
            visitors.begin(line, token=f"{number:043d}", name="", email="", language="en", address="") for number in range(900, 905)
        ]  # fmt: skip
    for number in range(visitors.FILES_OF_NETWORK + 2):
        try:
            with tenant_transaction(chat.floor.tenant_id):
                guest = guests[number // 28]
                visitors.says(
                    guest, "", key=f"f{number}", file=File("a.txt", "text/plain", b"x"), address=address
                )
            answers.append("kept")
        except visitors.Flood:
            answers.append("flood")
    assert answers == ["kept"] * visitors.FILES_OF_NETWORK + ["flood"] * 2


@pytest.mark.parametrize(
    "body", ["[" * 60_000, '{"a":' * 10_000, "1" * 5000, "[1]", "\x00", '{"text": "' + "x" * 70_000]
)
def test_what_is_no_small_object_is_refused_in_words(chat: Chat, body: str) -> None:
    answer = chat.client().post(
        chat.url("begin"), body, content_type="application/json", headers={"X-Chat-Token": "t" * 43}
    )
    assert answer.status_code == 422 and answer.json()["fields"] == {"body": "JSON"}
