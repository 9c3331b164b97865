"""A mailbox on a real IMAP server: everything in it is kept, once, in order, whatever happens to the way there."""

from __future__ import annotations

import dataclasses
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from callcart.contact.messaging.transport import Heard, LineFacts
from callcart.integrations.mail import cutting, listening, servers
from callcart.integrations.mail.channel import MailChannel
from callcart.integrations.mail.reading import read

from .letters import LINE, got, mail
from .servers import PASSWORD, USER, Imap, Spoken

Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


def line_of(server: Imap, cursor: str = "", **values: str) -> LineFacts:
    plain = {"imap_host": "127.0.0.1", "imap_port": str(server.port), "imap_tls": server.tls, "imap_user": USER, "imap_password": PASSWORD, "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_tls": "none"}  # fmt: skip
    return dataclasses.replace(LINE, values={**plain, **values}, cursor=cursor)


def letter(number: int, body: str = "x") -> bytes:
    return mail(body, head=f"X-Number: {number}\n").replace(b"<a1@", f"<a{number}@".encode())


@contextmanager
def listening_to(
    line: LineFacts, sink: Any, context: ssl.SSLContext | None = None
) -> Iterator[list[BaseException]]:
    """The channel at work in a thread; what it raised."""
    stop, raised = threading.Event(), []

    def run() -> None:
        try:
            MailChannel(context).listen(line, sink, stop)
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield raised
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def until(done: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PAUSES", (0.02,) * 6 + (0.05, 0.05))
    monkeypatch.setattr(listening, "_LOOK_SECONDS", 0.1)


def names(sink: Heard) -> list[str]:
    return [name for name, _content in sink.raws]


def test_from_now_on_and_at_once(imap: Callable[..., Imap]) -> None:
    server, sink = imap(), Heard()
    server.put(letter(1))
    with listening_to(line_of(server), sink):
        until(lambda: sink.cursor != "")
        assert sink.raws == []  # what was there before is not ours
        server.put(letter(2), letter(3))
        until(lambda: len(sink.raws) == 2)
    assert names(sink) == ["<a2@example.com>", "<a3@example.com>"]
    assert sink.raws[0][1] == letter(2)
    assert sink.states == ["up"]
    with server.client() as client:
        client.select_folder("INBOX")
        assert sorted(client.search(["UNSEEN"])) == [101, 102, 103]  # nothing was marked, nothing deleted


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_secured_and_with_a_password_in_any_letters(
    imap: Callable[..., Imap], certificate: Contexts, tls: str
) -> None:
    server, sink = imap(tls), Heard()
    server.put(letter(1), trusting=certificate[1])
    with listening_to(line_of(server, days_back="3"), sink, certificate[1]):
        until(lambda: bool(sink.cursor) and len(sink.raws) == 1)


def test_after_a_restart_it_goes_on_where_it_was(imap: Callable[..., Imap]) -> None:
    server, sink = imap(), Heard()
    server.put(letter(1), letter(2))
    with listening_to(line_of(server, days_back="1"), sink):
        until(lambda: len(sink.raws) == 2 and listening.place_of(sink.cursor).number == 102)  # type: ignore[union-attr]
    server.put(letter(3))
    again = Heard()
    with listening_to(line_of(server, sink.cursor), again):
        until(lambda: len(again.raws) == 1)
    assert names(again) == ["<a3@example.com>"]


class Full(Heard):
    """A sink whose disk is full for a while."""

    full = True

    def raw(self, external_id: str, content: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super().raw(external_id, content)


def test_the_place_moves_only_past_what_was_kept(imap: Callable[..., Imap]) -> None:
    server, sink = imap(), Full()
    server.put(letter(1))
    with listening_to(line_of(server, days_back="1"), sink) as raised:
        until(lambda: bool(raised))
    assert (
        isinstance(raised[0], OSError) and sink.cursor == "" and sink.states == ["up"]
    )  # not the line's fault
    sink.full = False
    with listening_to(line_of(server, sink.cursor, days_back="1"), sink):
        until(lambda: len(sink.raws) == 1)


def test_a_way_that_breaks_is_found_again(imap: Callable[..., Imap]) -> None:
    server, sink = imap(), Heard()
    with listening_to(line_of(server), sink):
        until(lambda: sink.cursor != "")
        server.cut()
        server.put(letter(1))
        until(lambda: len(sink.raws) == 1)
        server.shut()
        until(lambda: sink.states[-1].startswith("Nothing answers"))
        before = server.connections
        server.reopen()
        server.put(letter(2))
        until(lambda: len(sink.raws) == 2)
    assert names(sink) == ["<a1@example.com>", "<a2@example.com>"]
    assert sink.states[-1] == "up"
    assert server.connections - before <= 3


def test_a_server_that_hangs_up_at_once_is_not_asked_without_end(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, sink = imap(), Heard()
    pauses: list[float] = []
    stop = threading.Event()

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 12:
            stop.set()
        return True

    monkeypatch.setattr(listening, "PAUSES", (1, 2, 5, 15, 30, 60, 120, 300))
    monkeypatch.setattr(stop, "wait", wait)
    server.shut()
    MailChannel().listen(line_of(server), sink, stop)
    assert pauses == [2, 5, 15, 30, 60, 120, 300, 300, 300, 300, 300, 300]
    assert set(sink.states) == {f"Nothing answers at 127.0.0.1:{server.port}."}


def test_a_wrong_password_is_said_and_tried_seldom(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, sink = imap(), Heard()
    pauses: list[float] = []
    stop = threading.Event()
    monkeypatch.setattr(listening, "PAUSES", (1, 2, 5, 15, 30, 60, 120, 300))
    monkeypatch.setattr(stop, "wait", lambda seconds: pauses.append(seconds) or stop.set())
    MailChannel().listen(line_of(server, imap_password="wrong"), sink, stop)
    assert pauses == [120]
    assert "b'" not in sink.states[0]
    assert sink.states[0].startswith(
        f"127.0.0.1:{server.port} does not accept the user name and password. It says: "
    )
    assert sink.raws == []


def test_a_folder_made_anew_is_read_again(imap: Callable[..., Imap]) -> None:
    server, sink = imap(), Heard()
    with server.client() as client:
        client.create_folder("Support")
    with listening_to(line_of(server, imap_folder="Support"), sink):
        until(lambda: sink.cursor != "")
        server.put(letter(1), letter(2), folder="Support")
        until(lambda: len(sink.raws) == 2)
    old = sink.cursor
    with server.client() as client:
        client.delete_folder("Support")
        client.create_folder("Support")
    server.put(letter(2), letter(3), letter(4), folder="Support")
    again = Heard(raws=list(sink.raws))
    with listening_to(line_of(server, old, imap_folder="Support"), again):
        until(lambda: len(again.raws) == 4)
    assert names(again) == [f"<a{number}@example.com>" for number in (1, 2, 3, 4)]
    assert again.cursor.partition(":")[0] != old.partition(":")[0]


def test_a_mail_told_of_with_the_answer_to_something_else_is_not_waited_for(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, sink, done = imap(), Heard(), threading.Event()
    search = servers._Client.search

    def searching(self: Any, criteria: Any) -> Any:
        found = search(self, criteria)
        if not done.is_set():
            done.set()
            server.put(letter(1))
            self._command_and_check("NOOP")
        return found

    monkeypatch.setattr(servers._Client, "search", searching)
    with listening_to(line_of(server), sink):
        until(lambda: len(sink.raws) == 1, 3)
    assert sink.states == ["up"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"* 1 EXISTS\r\n", b""), (b"", b"* 1 EXI"), (b"", b"* 1 EXISTS\r\n* OK still here\r\n")],
)
def test_however_it_is_told_while_it_waits(before: bytes, after: bytes) -> None:
    """Before the server agrees to IDLE, together with that, or in half a line."""
    server, sink = Spoken(before, after), Heard()
    with listening_to(dataclasses.replace(LINE, values=server.values), sink):
        until(lambda: len(sink.raws) == 1, 5)
    assert (names(sink), sink.states, server.connections) == (["<a1@example.com>"], ["up"], 1)
    server.close()


def test_without_idle_it_asks_now_and_then(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(
        "imapclient.IMAPClient.has_capability", lambda _self, name: name not in {"IDLE", "ID"}
    )
    server, sink = imap(), Heard()
    with listening_to(line_of(server), sink):
        until(lambda: sink.cursor != "")
        server.put(letter(1))
        until(lambda: len(sink.raws) == 1)


def large(size: int) -> bytes:
    """A mail whose file alone is too large."""
    head = b'Subject: Large\r\nFrom: ada@example.com\r\nMessage-ID: <large@example.com>\r\nX-Callcart-Cut: 1\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    text = b'--b\r\nContent-Type: multipart/alternative; boundary="i"\r\n\r\n--i\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6w6Os1eLKx9XVxqw=\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>hi</p>\r\n--i--\r\n'
    file = (
        b'--b\r\nContent-Type: application/zip; name="all my photos.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + (b"QUJD" * 19 + b"\r\n") * (size // 78)
        + b"--b--\r\n"
    )
    return head + text + file


def test_a_mail_of_40_mb_is_not_taken_whole(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, sink = imap(), Heard()
    asked: list[int] = []
    reads = servers._Wire.read
    monkeypatch.setattr(servers._Wire, "read", lambda self, size: asked.append(size) or reads(self, size))
    with listening_to(line_of(server), sink):
        until(lambda: sink.cursor != "")
        server.put(large(40 * 2**20), letter(2))
        until(lambda: len(sink.raws) == 2, 30)
    ((name, content), _next) = sink.raws
    assert name == "<large@example.com>"
    assert len(content) < 2000 and max(asked) < 100_000
    found = got(content)
    assert (found.text, found.html, found.subject, found.external_id) == (
        "你好，这是照片",
        "<p>hi</p>\n",
        "Large",
        name,
    )
    assert found.files == ()
    assert found.notes == (
        "This mail of 40 MB was too large to be taken whole; only its text is here. The rest is in the mailbox.",
        "Left out: all my photos.zip (40 MB)",
    )


def test_nobody_can_write_that_something_was_left_out() -> None:
    forged = b"X-Callcart-Cut: 99999999\r\nX-Callcart-Left-Out: 1 61\r\n" + mail()
    kept = cutting.whole(forged)
    assert read(LINE, kept).notes == ()  # type: ignore[union-attr]
    assert cutting.whole(mail()) == mail()
    assert b"X-Callcart-Cut: 5\r\n" not in cutting.made(
        b"From: a@b.example\r\nX-Callcart-Cut: 5\r\n\r\n", [], [], 7
    )


def test_a_mail_its_server_stumbles_over_holds_up_nothing(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, sink = imap(), Heard()
    fetch = servers._Client.fetch

    def stumbling(self: Any, numbers: Any, what: Any) -> Any:
        if numbers == [101] and any("BODY" in each for each in what):
            raise listening.IMAPClientError("NO [SERVERBUG]")
        return fetch(self, numbers, what)

    monkeypatch.setattr(servers._Client, "fetch", stumbling)
    server.put(letter(1), letter(2))
    with listening_to(line_of(server, days_back="1"), sink):
        until(lambda: len(sink.raws) == 2)
    assert names(sink)[0].endswith(".101@unreadable.invalid>") and names(sink)[1] == "<a2@example.com>"
    with pytest.raises(ValueError, match="who sent it"):
        read(LINE, sink.raws[0][1])


def test_a_server_that_sends_more_than_was_asked_for_is_not_listened_to(
    monkeypatch: pytest.MonkeyPatch, imap: Callable[..., Imap]
) -> None:
    monkeypatch.setattr(cutting, "MOST", 1000)
    monkeypatch.setattr(listening, "_MARGIN", 0)
    monkeypatch.setattr(
        listening,
        "_of",
        lambda found, number, what: 10 if what == b"RFC822.SIZE" else found.get(number, {}).get(what),
    )
    server, sink = imap(), Heard()
    server.put(letter(1, "x" * 5000))
    with listening_to(line_of(server, days_back="1"), sink):
        until(lambda: any("more than it was asked for" in state for state in sink.states))
    assert sink.raws == []


def test_a_folder_of_half_a_million_mails_is_no_fault(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their numbers come on one line of megabytes."""
    server, sink = imap(), Heard()
    server.put(letter(1))
    monkeypatch.setattr("imaplib._MAXLINE", 10)
    with listening_to(line_of(server, days_back="1"), sink):
        until(lambda: len(sink.raws) == 1)
    assert sink.states == ["up"]


def test_check_says_what_is_wrong(imap: Callable[..., Imap], mail_server: Any, certificate: Contexts) -> None:
    server, secured = imap(), imap("tls")
    _received, port = mail_server()
    channel = MailChannel(certificate[1])
    sends = {"smtp_port": str(port), "smtp_user": "x"}
    assert channel.check(line_of(server, **sends)) == ""
    assert channel.check(line_of(secured, **sends)) == ""
    assert channel.check(line_of(server, imap_password="no", **sends)).startswith(
        f"127.0.0.1:{server.port} does not accept the user name and password."
    )
    assert "has no such folder: Nowhere" in channel.check(line_of(server, imap_folder="Nowhere", **sends))
    assert (
        MailChannel()
        .check(line_of(secured, **sends))
        .startswith(f"The certificate of 127.0.0.1:{secured.port} is not to be trusted")
    )
    both = channel.check(line_of(server, imap_port="1"))
    assert both == "Nothing answers at 127.0.0.1:1. Nothing answers at 127.0.0.1:1."
    assert (
        channel.check(line_of(server, imap_host="not a host"))
        == "Write the server's name, like imap.example.com."
    )
    assert "secure connection" in channel.check(line_of(server, imap_tls="starttls", **sends))
    assert "secure connection" in channel.check(line_of(server, imap_tls="tls", **sends))


def test_a_password_goes_over_tls_only_and_into_no_private_network(
    imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = imap()
    monkeypatch.setattr(servers, "is_loopback", lambda _host: False)
    assert "offers no secure connection, so it was not told the password" in MailChannel().check(
        line_of(server)
    )
    monkeypatch.undo()
    from callcart.config import config

    monkeypatch.setattr(servers, "config", lambda: config().model_copy(update={"demo": False}))
    assert "lies in a private network" in MailChannel().check(line_of(server))
    monkeypatch.setattr(
        listening.servers, "config", lambda: config().model_copy(update={"demo": False, "mail_private": True})
    )
    assert "private" not in MailChannel().check(line_of(server))
