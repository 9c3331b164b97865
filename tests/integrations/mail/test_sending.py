"""Handing over to a real mail server, and to one that fails at each step: it is always known who has the mail."""

from __future__ import annotations

import dataclasses
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from callcart.contact.messaging.transport import LineFacts, NotTaken, Outgoing, Refused, Unknown
from callcart.integrations.mail import sending, servers
from callcart.integrations.mail.channel import MailChannel

from .letters import LINE
from .servers import Received, Script

Servers = Callable[..., tuple[Received, int]]
Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
MAIL = Outgoing(
    key="0199-abc", to="ada@example.com", text="Hello\n.\n..two\nlast", subject="Hi", token="10427-abcdefgh"
)


def line_to(port: int, **values: str) -> LineFacts:
    plain = {
        "imap_host": "127.0.0.1",
        "imap_user": "",
        "imap_password": "",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(port),
        "smtp_tls": "none",
    }
    return dataclasses.replace(LINE, values={**plain, **values})


def send(port: int, mail: Outgoing = MAIL, context: ssl.SSLContext | None = None, **values: str) -> str:
    return MailChannel(context).send(line_to(port, **values), mail)


def test_it_arrives_as_it_was_written(mail_server: Servers) -> None:
    received, port = mail_server()
    assert send(port, dataclasses.replace(MAIL, copies=("bob@example.com",))) == "<0199-abc@shop.example>"
    (envelope,) = received.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "help@shop.example",
        ["ada@example.com", "bob@example.com"],
    )
    assert isinstance(envelope.content, bytes)
    assert envelope.content.endswith(b"\r\n\r\nHello\r\n=2E\r\n..two\r\nlast\r\n")
    assert b"Subject: Hi [#10427-abcdefgh]\r\n" in envelope.content


def authenticator(accepted: str) -> Callable[..., AuthResult]:
    return lambda _server, _session, _envelope, _mechanism, data: AuthResult(
        success=data.password.decode() == accepted, handled=False
    )


def test_secured_and_signed_in(mail_server: Servers, certificate: Contexts) -> None:
    server, client = certificate
    starttls, port = mail_server(
        tls_context=server, require_starttls=True, authenticator=authenticator("sécret")
    )
    send(port, context=client, smtp_tls="starttls", smtp_user="u", smtp_password="sécret")
    implicit, secured = mail_server(implicit=server, authenticator=authenticator("x"), auth_require_tls=False)
    send(secured, context=client, smtp_tls="tls", imap_user="u", imap_password="x")  # those for reading
    assert len(starttls.mails) == len(implicit.mails) == 1


def test_a_relay_that_asks_for_no_sign_in_gets_none_of_the_mailboxs(mail_server: Servers) -> None:
    received, port = mail_server()
    send(port, imap_user="u", imap_password="x")
    assert len(received.mails) == 1
    with pytest.raises(NotTaken, match="takes no user name and password over this connection"):
        send(port, smtp_user="u", smtp_password="x")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"smtp_user": "u", "smtp_password": "wrong"}, "does not accept the user name and password"),
        ({}, "530"),
    ],
)
def test_what_is_ours_to_mend_is_not_taken(
    mail_server: Servers, certificate: Contexts, values: dict[str, str], words: str
) -> None:
    server, client = certificate
    received, port = mail_server(tls_context=server, authenticator=authenticator("right"), auth_required=True)
    with pytest.raises(NotTaken, match=words):
        send(port, context=client, smtp_tls="starttls", **values)
    assert received.mails == []


def test_a_password_goes_over_tls_only(mail_server: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    received, port = mail_server(
        authenticator=lambda *all_: asked.append(all_) or AuthResult(success=True), auth_require_tls=False
    )
    with pytest.raises(NotTaken, match="offers no secure connection, so it was not told the password"):
        send(port, smtp_tls="starttls", smtp_user="u", smtp_password="p")
    monkeypatch.setattr(servers, "is_loopback", lambda _host: False)
    with pytest.raises(NotTaken, match="offers no secure connection, so it was not told the password"):
        send(port, smtp_user="u", smtp_password="p")
    assert (asked, received.mails) == ([], [])


def test_a_certificate_nobody_vouches_for(mail_server: Servers, certificate: Contexts) -> None:
    received, port = mail_server(tls_context=certificate[0])
    with pytest.raises(NotTaken, match="is not to be trusted: self"):
        send(port, smtp_tls="starttls")
    assert received.mails == []


@pytest.mark.parametrize(
    ("name", "refusal", "words"),
    [("nobody", Refused, "550 5.1.1"), ("full", NotTaken, "452 4.2.2"), ("auth", NotTaken, "530")],
)
def test_a_recipient_it_does_not_take(
    mail_server: Servers, name: str, refusal: type[Exception], words: str
) -> None:
    received, port = mail_server()
    with pytest.raises(refusal, match=words):
        send(port, dataclasses.replace(MAIL, to=f"{name}@example.com"))
    # One of several: nobody gets it, and it is said which.
    with pytest.raises(refusal, match=f"{name}@example.com: {words}"):
        send(port, dataclasses.replace(MAIL, copies=(f"{name}@example.com",)))
    assert received.mails == []


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [("554 5.7.1 spam", Refused), ("451 4.7.1 later", NotTaken), ("250 OK", None), ("299 fine", None)],
)
def test_the_answer_to_the_dot(mail_server: Servers, answer: str, refusal: type[Exception] | None) -> None:
    received, port = mail_server()
    received.answer = answer
    if refusal is None:
        assert send(port) == "<0199-abc@shop.example>"
    else:
        with pytest.raises(refusal, match=answer[:9]):
            send(port)


def test_a_mail_larger_than_it_takes_is_refused_before_it_leaves(mail_server: Servers) -> None:
    received, port = mail_server(data_size_limit=2**21)
    with pytest.raises(Refused, match="takes mails of 2 MB at most; this one has 4"):
        send(port, dataclasses.replace(MAIL, text="x" * 3 * 2**20 + "文"))
    assert received.mails == []


def test_addresses_in_other_letters(mail_server: Servers) -> None:
    received, port = mail_server(enable_SMTPUTF8=True)
    send(port, dataclasses.replace(MAIL, to="用户@例子.中国"))
    assert received.mails[0].rcpt_tos == ["用户@xn--fsqu00a.xn--fiqs8s"]
    plain, other = mail_server()
    with pytest.raises(Refused, match="only addresses in Latin letters"):
        send(other, dataclasses.replace(MAIL, to="用户@例子.中国"))
    send(other, dataclasses.replace(MAIL, to="ada@例子.中国"))
    assert plain.mails[0].rcpt_tos == ["ada@xn--fsqu00a.xn--fiqs8s"]


def test_an_address_that_is_none_and_settings_that_are_none() -> None:
    with pytest.raises(Refused, match="not a mail address"):
        send(1, dataclasses.replace(MAIL, to="a\r\nRCPT TO:<b@c.de>"))
    with pytest.raises(NotTaken, match="Write the server's name"):
        send(1, smtp_host="")


HELLO = ((b"", b"220 x\r\n"), (b"\r\n", b"250-x\r\n250 DSN\r\n"))
MAIL_FROM, RCPT, DATA = (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n"), (b"DATA", b"354 go\r\n")


@pytest.mark.parametrize(
    ("steps", "outcome", "words"),
    [
        ([], NotTaken, "ended the connection"),
        ([(b"", b"554 no\r\n")], NotTaken, "says: 554 no"),
        ([(b"", b"nonsense\r\n")], NotTaken, "says"),
        ([(b"", b"220 x\r\n"), (b"EHLO", b"421 too busy\r\n"), (b"HELO", b"421 too busy\r\n")], NotTaken, "421 too busy"),
        ([*HELLO], NotTaken, "ended the connection"),
        ([*HELLO, (b"MAIL", b"550 not you\r\n")], Refused, "550 not you"),
        ([*HELLO, (b"MAIL", b"450 later\r\n")], NotTaken, "450 later"),
        ([*HELLO, MAIL_FROM], NotTaken, "ended the connection"),
        ([*HELLO, MAIL_FROM, (b"RCPT", b"552 full\r\n")], Refused, "552 full"),
        ([*HELLO, MAIL_FROM, (b"RCPT", b"421 bye\r\n")], NotTaken, "421 bye"),
        ([*HELLO, MAIL_FROM, RCPT], NotTaken, "ended the connection"),
        ([*HELLO, MAIL_FROM, RCPT, (b"DATA", b"451 later\r\n")], NotTaken, "451 later"),
        ([*HELLO, MAIL_FROM, RCPT, (b"DATA", b"554 no\r\n")], Refused, "554 no"),
        ([*HELLO, MAIL_FROM, RCPT, DATA, (b"\r\n.\r\n", b"")], Unknown, "before the mail server said whether it has the mail"),
        ([*HELLO, MAIL_FROM, RCPT, DATA, (b"\r\n.\r\n", b"25")], Unknown, "answer that is none"),
        ([*HELLO, MAIL_FROM, RCPT, DATA, (b"\r\n.\r\n", b"hm?\r\n")], Unknown, "answer that is none"),
        ([*HELLO, MAIL_FROM, RCPT, DATA, (b"\r\n.\r\n", b"421 going down\r\n")], NotTaken, "421 going down"),
        ([*HELLO, MAIL_FROM, RCPT, DATA, (b"\r\n.\r\n", b"552 too large\r\n")], Refused, "552 too large"),
    ],
)  # fmt: skip
def test_a_server_that_fails_at_each_step(
    steps: list[tuple[bytes, bytes]], outcome: type[Exception], words: str
) -> None:
    server = Script(*steps)
    with pytest.raises(outcome, match=words):
        send(server.port)
    server.close()


def test_a_connection_lost_amid_the_content_is_not_taken() -> None:
    server = Script(*HELLO, MAIL_FROM, RCPT, DATA, (b"x" * 50, b""))
    with pytest.raises(NotTaken):
        send(server.port, dataclasses.replace(MAIL, text="x" * 8_000_000))
    server.close()
    assert b"\r\n.\r\n" not in server.heard


def test_the_end_is_a_success_whatever_comes_after_it() -> None:
    server = Script(*HELLO, MAIL_FROM, RCPT, DATA, (b"\r\n.\r\n", b"250 queued\r\n"))
    assert send(server.port) == "<0199-abc@shop.example>"
    server.close()
    assert b"RET=HDRS ENVID=<0199-abc@shop.example>\r\n" in server.heard.upper().replace(
        b"0199-ABC@SHOP.EXAMPLE", b"0199-abc@shop.example"
    )


@pytest.mark.parametrize(("silent_at", "outcome"), [(2, NotTaken), (4, NotTaken), (5, Unknown)])
def test_a_server_that_falls_silent(
    monkeypatch: pytest.MonkeyPatch, silent_at: int, outcome: type[Exception]
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 1.2)
    monkeypatch.setattr(sending, "_ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(sending, "_STEP_SECONDS", 0.3)
    steps = [*HELLO, MAIL_FROM, RCPT, DATA]
    server = Script(*steps[:silent_at], (b"never said", b""))
    began = time.monotonic()
    with pytest.raises(outcome):
        send(server.port)
    assert time.monotonic() - began < 2
    server.close()


def test_nobody_there() -> None:
    with pytest.raises(NotTaken, match=r"Nothing answers at 127\.0\.0\.1:1\."):
        send(1)
    with pytest.raises(NotTaken, match=r"There is no machine of the name nowhere\.invalid:25"):
        send(25, smtp_host="nowhere.invalid")
