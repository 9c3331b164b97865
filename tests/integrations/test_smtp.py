"""Mail by a real mail server: what arrives, TLS, passwords, and what the server refuses."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from callcart.engage.notices.transport import Mail, Refused
from callcart.integrations.smtp import PasswordInTheClear, SmtpMail
from tests.integrations import tls

MAIL = Mail(
    key="0199-abc",
    address="ada@example.com",
    sender="清河茶铺 <no-reply@shop.example>",
    subject="订单10427已发货",
    text="王小明,您好:\n\n.第一行以点开头\n查看:https://shop.example/track?number=10427\n",
    language="zh-hans",
)


class Inbox:
    """Keeps what arrives; mail to nobody@ is refused for good, to full@ for now."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        answers = {"nobody": "550 5.1.1 no such mailbox", "full": "452 4.2.2 mailbox full"}
        refusal = answers.get(address.partition("@")[0])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


Start = Callable[..., tuple[Inbox, str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(**options of the server)`: its inbox and `host:port`."""
    running: list[Controller] = []

    def begin(**options: Any) -> tuple[Inbox, str]:
        inbox = Inbox()

        class OnAnyPort(Controller):
            def factory(self) -> SMTP:
                return SMTP(self.handler, hostname="mail.test", **options)

            def _trigger_server(self) -> None:
                assert self.server is not None
                self.port = self.server.sockets[0].getsockname()[1]  # it asked for any
                super()._trigger_server()

        server = OnAnyPort(inbox, hostname="127.0.0.1", port=0)
        server.start()
        running.append(server)
        return inbox, f"127.0.0.1:{server.port}"

    yield begin
    for each in running:
        each.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for 127.0.0.1, and a client's that trusts it."""
    return tls.certificate(tmp_path_factory.mktemp("tls"))


def test_chinese_mail_arrives_as_it_was_written(start: Start) -> None:
    inbox, where = start()
    reference = SmtpMail(f"smtp://{where}").send(MAIL)
    (got,) = inbox.mails
    assert (got["Subject"], got["To"], got["From"]) == (MAIL.subject, MAIL.address, MAIL.sender)
    assert got.get_content().replace("\r\n", "\n") == MAIL.text
    assert reference == got["Message-ID"] == "<0199-abc@shop.example>"
    assert got["Auto-Submitted"] == "auto-generated" and got["Content-Language"] == "zh-Hans"


def test_the_same_message_keeps_its_id(start: Start) -> None:
    _inbox, where = start()
    assert SmtpMail(f"smtp://{where}").send(MAIL) == SmtpMail(f"smtp://{where}").send(MAIL)


@pytest.mark.parametrize("name", ["nobody", "full"])
def test_refused_for_good_or_for_now(start: Start, name: str) -> None:
    inbox, where = start()
    mail = Mail(**{**{f: getattr(MAIL, f) for f in MAIL.__slots__}, "address": f"{name}@example.com"})
    with pytest.raises(Exception) as refused:
        SmtpMail(f"smtp://{where}").send(mail)
    assert isinstance(refused.value, Refused) is (name == "nobody")
    assert inbox.mails == []


def test_nobody_there(start: Start) -> None:
    with pytest.raises(OSError):
        SmtpMail("smtp://127.0.0.1:1").send(MAIL)


def test_a_line_break_in_a_header_is_no_second_header(start: Start) -> None:
    inbox, where = start()
    evil = Mail(**{**{f: getattr(MAIL, f) for f in MAIL.__slots__}, "subject": "Hi\nBcc: all@example.com"})
    with pytest.raises(ValueError):
        SmtpMail(f"smtp://{where}").send(evil)
    assert inbox.mails == []


def test_a_password_goes_over_tls_only(
    start: Start, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server, client = certificate
    asked: list[tuple[bytes, bytes]] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        asked.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss word")

    _inbox, clear = start(authenticator=check, auth_require_tls=False)
    with pytest.raises(PasswordInTheClear):
        SmtpMail(f"smtp://shop:p%40ss%20word@{clear}", context=client).send(MAIL)
    assert asked == []
    inbox, secure = start(authenticator=check, tls_context=server, require_starttls=True)
    SmtpMail(f"smtp://shop:p%40ss%20word@{secure}", context=client).send(MAIL)
    assert (len(inbox.mails), asked) == (1, [(b"shop", b"p@ss word")])


def test_a_wrong_password_is_tried_again_not_taken_for_the_mailboxs_refusal(
    start: Start, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server, client = certificate

    def check(*_all: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    _inbox, where = start(authenticator=check, tls_context=server)
    with pytest.raises(Exception) as refused:
        SmtpMail(f"smtp://shop:wrong@{where}", context=client).send(MAIL)
    assert not isinstance(refused.value, Refused)


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    start: Start, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    inbox, where = start(tls_context=certificate[0])
    with pytest.raises(ssl.SSLError):
        SmtpMail(f"smtp://{where}").send(MAIL)
    assert inbox.mails == []
