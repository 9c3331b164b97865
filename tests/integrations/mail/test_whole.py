"""From a customer's mailbox to the desk and back, through the domain and real servers: kept, read, answered, answered to, bounced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from callcart.contact.messaging import deliver, jobs
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.lines import facts_of
from callcart.contact.messaging.models import Arrival, Line, Message
from callcart.contact.messaging.transport import channel_of
from callcart.core.tenancy import tenant_transaction
from callcart.integrations.mail import listening
from callcart.people.tenants.models import Tenant
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import build

from .servers import PASSWORD, USER, Imap, Received
from .test_listening import until


@pytest.fixture
def office(fresh_db: str, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(
        settings, "CALLCART_CHANNELS", {"mail": "callcart.integrations.mail.channel.MailChannel"}
    )
    return Office(build(Tenant.objects.get(slug="harbor").id))


def taken_in(office: Office, server: Imap, mail: bytes) -> Message:
    """The message made of a mail that comes into the mailbox."""
    server.put(mail)
    with tenant_transaction(office.tenant_id):
        line, before = Line.objects.get(id=office.lines["mail"]), Arrival.objects.count()
    stop = threading.Event()

    def listen() -> None:
        try:
            channel_of("mail").listen(facts_of(line), messaging.LineSink(office.tenant_id, line.id), stop)
        finally:
            connections.close_all()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()

    def is_kept() -> bool:
        with tenant_transaction(office.tenant_id):
            return Arrival.objects.count() > before and Line.objects.get(id=line.id).cursor != line.cursor

    until(is_kept)
    stop.set()
    thread.join(10)
    with tenant_transaction(office.tenant_id):
        arrival = Arrival.objects.get(state="received")
        jobs.read_arrival(arrival_id=arrival.id)
        arrival.refresh_from_db()
        return Message.objects.get(id=arrival.message_id)


def test_there_and_back(
    office: Office,
    imap: Callable[..., Imap],
    mail_server: Callable[..., tuple[Received, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "_LOOK_SECONDS", 0.1)
    server, (received, port) = imap(), mail_server()
    values = {"imap_host": "127.0.0.1", "imap_port": str(server.port), "imap_tls": "none", "imap_user": USER, "imap_password": PASSWORD,
              "smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_tls": "none", "days_back": "1"}  # fmt: skip
    with tenant_transaction(office.tenant_id):
        queue = office.floor.queues["sales"]
        line = messaging.add_line(
            office.floor.boss,
            "mail",
            name="清河茶铺",
            address="Help@Shop.example",
            queue_id=queue,
            values=values,
        )
        office.lines["mail"] = line.id

    asked = taken_in(
        office,
        server,
        "From: 王小明 <Wang@QQ.com>\r\nTo: help@shop.example\r\nSubject: 订单\r\nMessage-ID: <q1@qq.com>\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n镕先生，茶还没到。".encode(
            "gb18030"
        ),
    )
    assert (asked.peer, asked.peer_name, asked.text, asked.external_id) == (
        "wang@qq.com",
        "王小明",
        "镕先生，茶还没到。",
        "<q1@qq.com>",
    )

    sent = office.reply(office.floor.agent(ready=False), asked.conversation_id, "明天到。")
    assert [deliver.hand_over(each) for each in deliver.claim(office.tenant_id)] == ["sent"]
    content = received.mails[0].content
    assert isinstance(content, bytes)
    answer: Any = message_from_bytes(content, policy=policy.default)
    assert (answer["From"], answer["To"], answer["In-Reply-To"]) == (
        "清河茶铺 <help@shop.example>",
        "wang@qq.com",
        "<q1@qq.com>",
    )
    assert answer.get_content().strip() == "明天到。"
    assert answer["Message-ID"] == f"<{sent.id}@shop.example>"

    back = taken_in(
        office,
        server,
        f"From: wang@qq.com\r\nSubject: Re: x\r\nMessage-ID: <q2@qq.com>\r\nIn-Reply-To: {answer['Message-ID']}\r\n\r\nThank you, friends of the shop!\r\n\r\nOn 2026-11-30 help@shop.example wrote:\r\n> 明天到。\r\n".encode(),
    )
    assert (back.conversation_id, back.text, back.kind) == (
        asked.conversation_id,
        "Thank you, friends of the shop!",
        "text",
    )

    bounce = taken_in(
        office,
        server,
        f"From: MAILER-DAEMON@qq.com\r\nReturn-Path: <>\r\nSubject: failure notice\r\nMessage-ID: <b1@qq.com>\r\n\r\nnobody there\r\nMessage-ID: {answer['Message-ID']}\r\n".encode(),
    )
    assert (bounce.conversation_id, bounce.kind) == (asked.conversation_id, "bounce")
