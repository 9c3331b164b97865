"""The HTTP channel with a provider that does what a test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from callcart.contact.messaging.transport import LineFacts, NotTaken, Outgoing, Refused, Unknown
from callcart.engage.webhooks import guard
from callcart.integrations.sms import http
from callcart.integrations.sms.http import HttpSmsChannel
from tests.environment import free_ports
from tests.integrations.sms.lines import LINE, SHOP, outgoing


class Provider:
    """`answer`: status and body, or a function that ends the connection as it likes. `asked`: what came."""

    def __init__(self) -> None:
        self.answer: Any = (200, b'{"id": "M-1"}')
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.asked.append(
                    (self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                )
                if callable(outer.answer):
                    outer.answer(self)
                    return
                status, content = outer.answer
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET = do_PUT = _any

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setattr(guard, "private_allowed", lambda: True)
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def line(url: str, **values: str) -> LineFacts:
    return LineFacts(LINE, 1, SHOP, "SMS", {"url": url, "secret": "s3cret"} | values)


def send(provider: Provider, message: Outgoing | None = None, **values: str) -> str:
    return HttpSmsChannel().send(line(provider.url, **values), message or outgoing())


def test_what_the_demo_wants_is_sent_where_nothing_is_filled_in(provider: Provider) -> None:
    assert send(provider, outgoing('He said "hi"\n你好')) == "m-1"
    ((method, path, headers, body),) = provider.asked
    assert (method, path, headers["authorization"]) == ("POST", "/send", "Bearer s3cret")
    assert json.loads(body) == {"to": "+12025550100", "from": SHOP, "text": 'He said "hi"\n你好', "key": "k1"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"format": "form", "body": "msisdn={to_digits}&msg={text}&a=1"},
            ("POST", "/send", b"msisdn=12025550100&msg=a%26to%3D1+%7Bkey%7D&a=1"),
        ),
        (
            {"format": "query", "method": "get", "body": "to={to}&text={text}"},
            ("GET", "/send?to=%2B12025550100&text=a%26to%3D1+%7Bkey%7D", b""),
        ),
        (
            {"body": '{"messages": [{"to": ["{to_digits}"], "body": "{text}", "n": 1, "alphabet": "{alphabet}/{parts}"}]}'},
            ("POST", "/send", b'{"messages": [{"to": ["12025550100"], "body": "a&to=1 {key}", "n": 1, "alphabet": "gsm/1"}]}'),
        ),
    ],
)  # fmt: skip
def test_forms_of_requests(
    provider: Provider, values: dict[str, str], expected: tuple[str, str, bytes]
) -> None:
    """What a customer has written stays a value, even where it looks like a field or a placeholder."""
    send(provider, outgoing("a&to=1 {key}"), **values)
    ((method, path, _headers, body),) = provider.asked
    assert (method, path, body) == expected


def test_a_user_and_a_password(provider: Provider) -> None:
    send(provider, user="harbor", headers="Authorization: Basic {basic} | X-Key: {key}")
    headers = provider.asked[0][2]
    assert (headers["authorization"], headers["x-key"]) == ("Basic aGFyYm9yOnMzY3JldA==", "k1")


def test_a_header_cannot_be_broken_out_of(provider: Provider) -> None:
    for key in ("k\r\nX-Evil: 1", "k\n", "ключ"):
        with pytest.raises(NotTaken):
            send(provider, outgoing(key=key), headers="X-Key: {key}")
    assert provider.asked == []


@pytest.mark.parametrize(
    ("answer", "values", "expected"),
    [
        ((200, b'{"messages": [{"id": 42}]}'), {"id_at": "messages.0.id"}, "42"),
        ((201, b"OK 0077\n"), {"id_at": "text"}, "ok 0077"),
        ((202, b""), {}, ""),
        ((200, b'{"code": 0, "id": "x"}'), {"ok_at": "code"}, "x"),
        ((200, b'{"ok": true, "id": "x"}'), {"ok_at": "ok"}, "x"),
        ((200, b'{"code": 7}'), {"ok_at": "code"}, Refused),
        ((200, b"{}"), {"ok_at": "code"}, Refused),
        ((200, b'{"code": "busy"}'), {"ok_at": "code", "busy_words": "full, Busy"}, NotTaken),
        ((400, b"bad number"), {}, Refused),
        ((404, b""), {}, Refused),
        ((422, b""), {}, Refused),
        ((401, b""), {}, NotTaken),
        ((403, b""), {}, NotTaken),
        ((408, b""), {}, NotTaken),
        ((429, b""), {}, NotTaken),
        ((503, b""), {}, NotTaken),
        ((302, b""), {}, NotTaken),
        ((500, b""), {}, Unknown),
        ((502, b""), {}, Unknown),
        ((504, b""), {"once": "yes"}, NotTaken),
        ((200, b"\xff" * 100_000), {}, ""),
    ],
)
def test_answers(provider: Provider, answer: object, values: dict[str, str], expected: object) -> None:
    provider.answer = answer
    if isinstance(expected, str):
        assert send(provider, **values) == expected
    else:
        with pytest.raises(expected):  # type: ignore[call-overload]
            send(provider, **values)
    assert len(provider.asked) == 1


def test_a_connection_that_breaks_leaves_it_in_doubt(provider: Provider) -> None:
    provider.answer = lambda handler: handler.connection.close()
    with pytest.raises(Unknown):
        send(provider)
    with pytest.raises(NotTaken):  # unless the provider takes the same key once
        send(provider, once="yes")


def test_an_answer_that_never_ends(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS", 0.2)
    gate = threading.Event()
    provider.answer = lambda handler: gate.wait(5)
    with pytest.raises(Unknown):
        send(provider)
    gate.set()


def test_nobody_there(provider: Provider) -> None:
    with pytest.raises(NotTaken, match="cannot be reached"):
        HttpSmsChannel().send(line(f"http://127.0.0.1:{free_ports(1)[0]}/"), outgoing())


class TestGuard:
    @pytest.mark.parametrize(
        "url",
        [
            "http://sms.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://localhost:8443/",
            "https://me:pw@sms.example/",
            "ftp://sms.example/",
            "https://sms.example:x/",
            "nothing",
        ],
    )
    def test_addresses_that_are_not_taken(self, url: str) -> None:
        assert HttpSmsChannel().check(line(url)) != ""

    def test_a_name_that_leads_into_our_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = [(2, 1, 6, "", ("10.0.0.7", 443))]
        monkeypatch.setattr(guard.socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(NotTaken, match="private network"):
            HttpSmsChannel().send(line("https://sms.example/"), outgoing())


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"body": "{"}, "JSON"),
        ({"body": '{"to": "{to}"}'}, "{text}"),
        ({"format": "form", "body": "text={text}"}, "{to}"),
        ({"format": "xml"}, "Write one of"),
        ({"headers": "Authorization {secret}"}, "Headers"),
        ({"headers": "Content-Length: 5"}, "Headers"),
        ({"secret": ""}, "Key"),
        ({"sender": "青禾优选"}, "Sender"),
        ({"country": "XX"}, "Country"),
        ({"once": "perhaps"}, "yes or no"),
    ],
)
def test_settings_that_cannot_be(values: dict[str, str], word: str) -> None:
    assert word in HttpSmsChannel().check(line("https://sms.example/send", **values))


def test_settings_that_can_be() -> None:
    assert HttpSmsChannel().check(line("https://sms.example/{user}/send", user="a")) == ""


@pytest.mark.parametrize("message", [outgoing(""), outgoing("x", to="Meadow Post"), outgoing("x", to="+1")])
def test_what_cannot_be_sent(provider: Provider, message: Outgoing) -> None:
    with pytest.raises(Refused):
        send(provider, message)
    assert provider.asked == []


def test_the_modules_default_is_no_other_channel() -> None:
    assert (http.HttpSmsChannel.channel, http.HttpSmsChannel.listens) == ("sms", False)
