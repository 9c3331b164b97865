"""What no person wrote, and what says that a mail of ours did not arrive."""

from __future__ import annotations

import pytest

from .letters import got, mail, parts, wire

OURS = "<0199-abc@shop.example>"


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated; owner-email=x\n",
        "Precedence: bulk\n",
        "Precedence: auto_reply\n",
        "List-Id: <news.example.com>\n",
        "List-Unsubscribe: <mailto:x@example.com>\n",
        "X-Autoreply: yes\n",
        "X-Auto-Response-Suppress: All\n",
        "Return-Path: <>\n",
    ],
)
def test_headers_of_machines(head: str) -> None:
    assert got(mail(head=head)).automatic is True


@pytest.mark.parametrize(
    "head", ["", "Auto-Submitted: no\n", "Precedence: normal\n", "Return-Path: <ada@example.com>\n"]
)
def test_headers_of_people(head: str) -> None:
    assert got(mail(head=head)).automatic is False


@pytest.mark.parametrize(
    "head",
    [
        "List-Id: <help.shop.example>\nPrecedence: list\n",
        "List-Post: <mailto:help@shop.example>\nList-Unsubscribe: <x>\n",
    ],
)
def test_what_people_write_to_a_group_of_our_own_is_theirs(head: str) -> None:
    assert got(mail(head=head)).automatic is False
    assert got(mail(head=f"Auto-Submitted: auto-replied\n{head}")).automatic is True


@pytest.mark.parametrize(
    ("sender", "automatic"),
    [
        ("MAILER-DAEMON@example.com", True),
        ("no-reply@example.com", True),
        ("noreply+x@example.com", True),
        ("do_not_reply@example.com", True),
        ("orders-noreply@example.com", True),
        ("snoreply@example.com", False),
        ("bounces+1-2=3@example.com", True),
        ("help@shop.example", True),  # ourselves: a loop
        ("Help@Shop.Example", True),
        ("noreen@example.com", False),
        ("postmaster.general@example.com", True),
    ],
)
def test_senders_that_are_machines(sender: str, automatic: bool) -> None:
    assert got(wire(f"From: {sender}\nSubject: x") + b"x").automatic is automatic


@pytest.mark.parametrize(
    ("subject", "automatic"),
    [
        ("Automatic reply: My order", True),
        ("Out of Office: My order", True),
        ("自动回复: 订单", True),
        ("Re: 自动回复：订单", True),
        ("=?utf-8?B?6Ieq5Yqo562U5aSNOiB4?=", True),
        ("My automatic reply machine is broken", False),
        ("Re: out of stock", False),
    ],
)
def test_subjects_of_machines(subject: str, automatic: bool) -> None:
    assert got(wire(f"From: a@example.com\nSubject: {subject}") + b"x").automatic is automatic


def test_a_form_on_a_page_that_writes_for_a_person_is_a_person() -> None:
    found = got(wire("From: no-reply@forms.example\nReply-To: ada@example.com\nSubject: Form") + b"x")
    assert (found.peer, found.automatic) == ("ada@example.com", False)


def status(action: str = "failed", extra: str = "", returned: str = "") -> bytes:
    """A delivery status of RFC 3464."""
    return parts(
        "Content-Type: text/plain\n\nYour message could not be delivered.",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n{extra}\nFinal-Recipient: rfc822; bob@example.com\nAction: {action}\nStatus: {'5.1.1' if action == 'failed' else '4.4.7'}\nDiagnostic-Code: smtp; 550 no such user",
        *([f"Content-Type: {returned}\n\nSubject: x\nMessage-ID: {OURS}\n\nour words"] if returned else []),
        kind="report",
        head="Return-Path: <>\n",
    )


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_delivery_status_names_our_mail(returned: str) -> None:
    found = got(status(returned=returned))
    assert (found.bounce_of, found.automatic, found.text) == (
        OURS,
        True,
        "Your message could not be delivered.",
    )
    assert found.files == ()


def test_a_delivery_status_that_gives_nothing_back_names_it_by_the_envelope() -> None:
    assert got(status(extra="Original-Envelope-Id: <0199-abc@shop.example>\n")).bounce_of == OURS
    assert got(status(extra="Original-Envelope-Id: <a+2Bb@shop.example>\n")).bounce_of == "<a+b@shop.example>"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_delay_is_no_end(action: str) -> None:
    found = got(status(action, returned="message/rfc822"))
    assert (found.bounce_of, found.automatic) == ("", True)


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("MAILER-DAEMON@mx.example.com", "failure notice", f"Hi. This is the qmail-send program.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <help@shop.example>\nMessage-ID: {OURS}\nSubject: x\n"),
        ("Mail Delivery System <Mailer-Daemon@mx.example.com>", "Mail delivery failed: returning message to sender", f"bob@example.com\n\n------ This is a copy of the message ------\n\nMessage-Id: {OURS}\n"),
        ("postmaster@qq.com", "=?utf-8?B?57O757uf6YCA5L+h?=", f"很抱歉，邮件未送达。\n> Message-ID: {OURS}\n"),
        ("MAILER-DAEMON", "Undelivered Mail Returned to Sender", f"The mail {OURS} could not be delivered.\n"),
    ],
)  # fmt: skip
def test_servers_that_have_their_own_ways(sender: str, subject: str, body: str) -> None:
    content = (
        wire(f"From: {sender}\nTo: help@shop.example\nSubject: {subject}\nReturn-Path: <>") + body.encode()
    )
    found = got(content)
    assert (found.bounce_of, found.automatic) == (OURS, True)


def test_a_notice_without_a_sender_is_read_all_the_same() -> None:
    found = got(wire("Return-Path: <>\nSubject: Undeliverable: x") + f"Message-ID: {OURS}\r\n".encode())
    assert (found.peer, found.bounce_of) == ("mailer-daemon@unknown.invalid", OURS)


def test_a_person_who_quotes_a_message_id_is_no_bounce() -> None:
    found = got(
        mail(
            f"You wrote that my order could not be delivered.\nMessage-ID: {OURS}\n",
            head="Subject: Undelivered order\n",
        )
    )
    assert (found.bounce_of, found.automatic) == ("", False)


def test_two_robots_stop() -> None:
    """What we send by ourselves is automatic to whoever reads it; what comes back from a machine is so to us."""
    answer = got(mail(head="Auto-Submitted: auto-replied\nIn-Reply-To: <0199-abc@shop.example>\n"))
    assert answer.automatic and answer.references == (OURS,)
