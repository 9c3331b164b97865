"""Signing in by a token: asked for once, shown as servers want it, asked for anew when one is not accepted; never where others could read it."""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from callcart.contact.messaging.transport import LineFacts, NotTaken, Outgoing
from callcart.integrations.mail import oauth, servers
from callcart.integrations.mail.access import access, token_url
from callcart.integrations.mail.channel import MailChannel

from .letters import LINE
from .servers import Received, Spoken

USER = "help@shop.example"
SHOWN = base64.b64encode(f"user={USER}\1auth=Bearer t-1\1\1".encode())


class Provider(BaseHTTPRequestHandler):
    """Gives token after token: t-1, t-2 …"""

    asked: ClassVar[list[dict[str, list[str]]]] = []
    answer: ClassVar[tuple[int, Any]] = (200, None)

    def do_POST(self) -> None:
        self.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        status, given = self.answer
        given = given if given is not None else {"access_token": f"t-{len(self.asked)}", "expires_in": 3600}
        content = given if isinstance(given, bytes) else json.dumps(given).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    """The address of a provider."""
    Provider.asked.clear()
    Provider.answer = (200, None)
    oauth._kept.clear()
    oauth._newest.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token"
    server.shutdown()
    server.server_close()


def line(url: str, **values: str) -> LineFacts:
    plain = {
        "imap_host": "127.0.0.1", "imap_port": "1", "imap_tls": "none", "imap_user": USER, "smtp_host": "127.0.0.1", "smtp_port": "1",
        "smtp_tls": "none", "oauth_url": url, "oauth_client_id": "app", "oauth_client_secret": "s3", "oauth_scope": "mail",
    }  # fmt: skip
    return dataclasses.replace(LINE, values={**plain, **values})


class Mailbox(Spoken):
    """An IMAP server that takes what it is shown."""

    shown = b""

    def _answer(self, tag: bytes, command: bytes) -> bytes:
        if command == b"AUTHENTICATE XOAUTH2":
            self._waiting = tag
            return b"+ \r\n"
        if not command:
            self.shown = tag
            return self._waiting + b" OK done\r\n"
        return super()._answer(tag, command)


class Post(Received):
    """A mail server that accepts one token."""

    accepts = "t-1"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        told = base64.b64decode(args[1]).decode()
        if told == oauth.shown(USER, self.accepts):
            return AuthResult(success=True, auth_data=told)
        await server.push("334 " + base64.b64encode(b'{"status":"400"}').decode())
        assert server._reader is not None
        assert (await server._reader.readline()).strip() == b""
        return AuthResult(success=False, handled=False)


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    received = Post()

    class OnAnyPort(Controller):
        def factory(self) -> SMTP:
            return SMTP(self.handler, hostname="mail.test", auth_require_tls=False, auth_required=True)

        def _trigger_server(self) -> None:
            assert self.server is not None
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    server = OnAnyPort(received, hostname="127.0.0.1", port=0)
    server.start()
    yield received, server.port
    server.stop()


def sends(port: int, url: str, **values: str) -> None:
    mail = Outgoing(key="k", to="ada@example.com", text="Hello", subject="Hi", token="1-a")
    MailChannel().send(line(url, smtp_port=str(port), **values), mail)


def test_the_application_asks_once_and_the_mailbox_takes_the_token(provider: str) -> None:
    server = Mailbox(b"", b"")
    try:
        for _each in range(2):
            settings = access(line(provider, imap_port=server.values["imap_port"]))
            servers.hang_up(servers.imap(settings.imap, MailChannel()._context, most=1024))
            assert server.shown == SHOWN
    finally:
        server.close()
    assert Provider.asked == [
        {
            "client_id": ["app"],
            "client_secret": ["s3"],
            "grant_type": ["client_credentials"],
            "scope": ["mail"],
        }
    ]


def test_mail_leaves_by_the_same_token_and_a_refresh_token_is_used_where_there_is_one(
    provider: str, post: tuple[Post, int]
) -> None:
    received, port = post
    sends(port, provider, oauth_refresh_token="r-1")
    assert len(received.mails) == 1
    assert Provider.asked[0]["grant_type"] == ["refresh_token"] and Provider.asked[0]["refresh_token"] == [
        "r-1"
    ]


def test_a_refresh_token_that_comes_takes_the_place_of_the_one_that_was_used(provider: str) -> None:
    kept: list[tuple[str, tuple[str, ...], str]] = []
    facts = dataclasses.replace(
        line(provider, oauth_refresh_token="r-1"),
        renew=lambda name, olds, new: kept.append((name, tuple(olds), new)),
    )
    asking = access(facts).imap.oauth
    assert asking is not None
    for number in (2, 3, 3):
        Provider.answer = (200, {"access_token": f"t-{number}", "refresh_token": f"r-{number}"})
        oauth.forget(asking)
        assert oauth.token(asking) == f"t-{number}"
    assert [each["refresh_token"] for each in Provider.asked] == [["r-1"], ["r-2"], ["r-3"]]
    # one that could not be kept in its time is kept with the next one
    assert kept == [
        ("oauth_refresh_token", ("r-1", "r-1"), "r-2"),
        ("oauth_refresh_token", ("r-2", "r-1"), "r-3"),
    ]


@pytest.mark.parametrize("given", [7, "", "a\nb", "é", "x" * 9000])
def test_what_is_no_refresh_token_replaces_none(provider: str, given: object) -> None:
    kept: list[str] = []
    facts = dataclasses.replace(
        line(provider, oauth_refresh_token="r-1"), renew=lambda name, olds, new: kept.append(new)
    )
    asking = access(facts).imap.oauth
    assert asking is not None
    Provider.answer = (200, {"access_token": "t", "refresh_token": given})
    assert oauth.token(asking) == "t"
    assert kept == []


def test_a_token_that_is_not_accepted_is_not_shown_again(provider: str, post: tuple[Post, int]) -> None:
    received, port = post
    received.accepts = "t-2"  # the first one was taken back
    with pytest.raises(NotTaken, match="does not accept"):
        sends(port, provider)
    sends(port, provider)
    assert (len(Provider.asked), len(received.mails)) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((400, {"error": "invalid_client", "error_description": "no such application"}), "gives no token: no such application"),
        ((500, b"<html>"), "gives no token: 500"),
        ((200, {"access_token": "a b\r\nX: y"}), "gives no token: 200"),
        ((200, [1]), "gives no token: 200"),
    ],
)  # fmt: skip
def test_a_provider_that_gives_none(
    provider: str, post: tuple[Post, int], answer: tuple[int, Any], words: str
) -> None:
    Provider.answer = answer
    with pytest.raises(NotTaken, match=words):
        sends(post[1], provider)
    assert post[0].mails == []


def test_nobody_at_the_address_and_one_in_a_private_network(
    provider: str, post: tuple[Post, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotTaken, match="does not answer"):
        sends(post[1], "http://127.0.0.1:1/token")
    monkeypatch.setattr(oauth, "_may_be_private", lambda _host, _port: False)
    with pytest.raises(NotTaken, match="does not answer"):
        sends(post[1], provider)
    assert Provider.asked == []


def test_a_token_goes_over_tls_only(
    provider: str, post: tuple[Post, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "is_loopback", lambda _host: False)
    with pytest.raises(NotTaken, match="no secure connection"):
        sends(post[1], provider)


@pytest.mark.parametrize(
    "url", ["http://login.example/token", "ftp://x/", "https://u:p@login.example/", "https://", "token"]
)
def test_tokens_are_asked_for_over_tls(url: str) -> None:
    with pytest.raises(ValueError):
        token_url(url)


def test_a_password_that_is_given_is_the_one_that_is_used(provider: str) -> None:
    with pytest.raises(ValueError, match="application's id"):
        access(line(provider, oauth_client_id=""))
    assert access(line(provider, imap_password="p")).imap.oauth is None, (
        "a password that is given is the one that is used"
    )
