"""The way of a visitor's page to the exchange: a ticket that opens once, for a minute, in its own shop; and what such a page may say. What
would begin a call is not handed on, is written down, and was its last word."""

from __future__ import annotations

import socket
from datetime import timedelta
from uuid import UUID

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from callcart.contact.voice.guests import guest_credentials
from callcart.contact.voice.models import GuestAccount, RefusedCall
from callcart.core import events
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.tenancy import tenant_transaction
from callcart.web.live.visitors import overstep
from tests.web.live.page import origin
from tests.web.live.test_relay import FakeAsterisk, asterisk, end_of, port  # noqa: F401  fixtures

NAME = "guest-0123"


def register(name: str = NAME, method: str = "REGISTER") -> str:
    return f"{method} sip:asterisk SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid;branch=z9hG4bK1\r\nTo: <sip:{name}@asterisk>\r\nFrom: <sip:{name}@asterisk>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n\r\n"


def within(method: str, to: str = "<sip:x@asterisk>;tag=77") -> str:
    return f"{method} sip:asterisk@127.0.0.1 SIP/2.0\r\nTo: {to}\r\nCSeq: 2 {method}\r\n\r\n"


@pytest.mark.parametrize(
    "frame",
    [
        register(), "\r\n\r\n", b"\r\n", within("BYE"), within("ACK"), within("INVITE"), within("CANCEL", "<sip:x@asterisk>"),
        "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\na=rtpmap:0 PCMU/8000\r\n", b"SIP/2.0 180 Ringing\r\n\r\n",
    ],
)  # fmt: skip
def test_what_a_rung_telephone_says(frame: str | bytes) -> None:
    assert overstep(frame, NAME) == ""


@pytest.mark.parametrize(
    ("frame", "method"),
    [
        (within("INVITE", "<sip:0019005550100@asterisk>"), "INVITE"),
        (within("invite", "<sip:0019005550100@asterisk>"), "INVITE"),
        ("\r\n\r\n" + within("INVITE", "<sip:911@asterisk>"), "INVITE"),
        (register() + within("INVITE", "<sip:911@asterisk>"), "REGISTER"),  # two in one
        (within("ACK") + within("INVITE"), "INVITE"),
        ("SIP/2.0 200 OK\r\n\r\n" + within("INVITE", "<sip:911@asterisk>"), "INVITE"),
        (within("REFER"), "REFER"),
        (within("SUBSCRIBE"), "SUBSCRIBE"),
        (within("MESSAGE"), "MESSAGE"),
        (within("OPTIONS", "<sip:desk-1@asterisk>"), "OPTIONS"),
        (register("desk-0123"), "REGISTER"),
        (register("guest-0124"), "REGISTER"),
        # A tag that stands in a name, below the headers, or in another To.
        (within("INVITE", '";tag=1" <sip:911@asterisk>'), "INVITE"),
        (within("INVITE", '"a>;tag=1" <sip:911@asterisk>'), "INVITE"),
        (within("INVITE", "<sip:911@asterisk>") + "To: a;tag=b\r\n", "INVITE"),
        (within("INVITE", "<sip:911@asterisk>\r\nt: <sip:x@asterisk>;tag=1"), "INVITE"),
        (register("desk-0123") + f"To: <sip:{NAME}@asterisk>\r\n", "REGISTER"),
        (within("REGISTER", f'"<sip:{NAME}@asterisk>" <sip:desk-0123@asterisk>'), "REGISTER"),
        # A first line that goes on in the next, or holds a blank in quotes, with something harmless further down to be taken for it.
        (
            "INVITE\r\n sip:911@asterisk SIP/2.0\r\nTo: <sip:911@asterisk>\r\n\r\nACK sip:x SIP/2.0\r\n",
            "unreadable",
        ),
        (
            'INVITE sip:911@asterisk;x="a b" SIP/2.0\r\nTo: <sip:911@asterisk>\r\n\r\nACK sip:x SIP/2.0\r\n',
            "unreadable",
        ),
        (within("ACK") + 'INVITE sip:911@asterisk;x="a b" SIP/2.0\r\n\r\n', "unreadable"),
        ('SIP/2.0 200 OK\r\n\r\nINVITE sip:911@asterisk;x="a b" sip/2.0 \r\n\r\n', "unreadable"),
        (within("INVITE", "<sip:x@asterisk>;tag=1\rTo: <sip:911@asterisk>"), "INVITE"),
        (within("INVITE", "<sip:x@asterisk>;tag=1\r\nX: y\r\n : z"), "unreadable"),
        ("GET /ari/channels HTTP/1.1\r\n\r\n", "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
    ],
)
def test_what_it_may_not(frame: str | bytes, method: str) -> None:
    assert overstep(frame, NAME) == method


class Page:
    """A page whose call has begun."""

    def __init__(self, shop) -> None:
        self.shop = shop
        self.call, self.account = new_id(), new_id()
        with tenant_transaction(shop.tenant_id):
            GuestAccount.objects.create(id=self.account, conversation_id=self.call)

    def ticket(self) -> str:
        with tenant_transaction(self.shop.tenant_id):
            return guest_credentials(self.call).ticket

    def change(self, **values: object) -> None:
        with tenant_transaction(self.shop.tenant_id):
            GuestAccount.objects.filter(id=self.account).update(**values)

    def written(self) -> list[str]:
        with tenant_transaction(self.shop.tenant_id):
            told = AuditEntry.objects.filter(action="voice.guest_refused", subject_id=self.call)
            return [str(each.after["method"]) for each in told.order_by("id")]


def ring_up(server, ticket, *, page="own", host="harbor.localhost") -> ClientConnection:
    return connect(
        f"ws://{host}:{server.port}/sip?ticket={ticket}", sock=socket.create_connection(("127.0.0.1", server.port)),
        origin=origin(host) if page == "own" else page, subprotocols=["sip"], proxy=None, open_timeout=30, compression=None, legacy=True,
    )  # fmt: skip


def refusal(server, ticket, **options) -> int:
    with pytest.raises(InvalidStatus) as refused:
        ring_up(server, ticket, **options)
    return refused.value.response.status_code


def test_a_ticket_opens_once_and_in_its_own_shop(harbor, qinghe, server, asterisk):  # noqa: F811
    page = Page(harbor)
    assert refusal(server, "") == 401
    assert refusal(server, "x" * 43) == 401
    assert refusal(server, "x" * 4000) == 401
    ticket = page.ticket()
    assert refusal(server, ticket, host="qinghe.localhost") == 401
    assert refusal(server, ticket, page="https://evil.example") == 403
    assert refusal(server, ticket, page=None) == 403
    telephone = ring_up(server, ticket)
    mine = register(f"guest-{page.account.hex}")
    telephone.send(mine)
    assert telephone.recv(timeout=20) == mine.upper()
    assert refusal(server, ticket) == 401
    former, ticket = page.ticket(), page.ticket()
    assert refusal(server, former) == 401
    page.change(ticket_until=now() - timedelta(seconds=1))
    assert refusal(server, ticket) == 401  # expired
    ticket = page.ticket()
    page.change(removed_at=now())
    assert refusal(server, ticket) == 401  # its call is over
    assert len(asterisk.connections) == 1
    telephone.close()


def test_a_call_out_of_it_is_not_handed_on_and_is_counted(harbor, server, asterisk):  # noqa: F811
    page = Page(harbor)
    telephone = ring_up(server, page.ticket())
    telephone.send(within("INVITE", "<sip:0019005550100@asterisk>"))
    assert end_of(telephone) == 4403
    assert asterisk.seen == [] and page.written() == ["INVITE"]
    with tenant_transaction(harbor.tenant_id):
        assert list(RefusedCall.objects.values_list("limit", "number")) == [("page", "")]
        (alarm,) = Event.objects.filter(kind="voice.alarm")
        assert (alarm.audience, alarm.data["limit"], UUID(alarm.data["conversation_id"])) == (
            "board",
            "page",
            page.call,
        )
    assert server.live.pages.everybody() == []


def test_a_flood_is_not_handed_on(harbor, server, asterisk):  # noqa: F811
    page = Page(harbor)
    telephone = ring_up(server, page.ticket())
    for _each in range(60):
        telephone.send("\r\n\r\n")
    assert end_of(telephone) == 4403
    assert page.written() == ["flood"] and len(asterisk.seen) <= 42


def test_the_end_of_the_call_closes_its_way(harbor, qinghe, server, asterisk):  # noqa: F811
    page = Page(harbor)
    telephone = ring_up(server, page.ticket())
    with tenant_transaction(qinghe.tenant_id):  # another shop's word ends nothing
        events.emit("guest.ended", audience="process", data={"account_id": page.account})
    telephone.send("\r\n\r\n")
    assert telephone.recv(timeout=20) == "\r\n\r\n"
    with tenant_transaction(harbor.tenant_id):
        events.emit("guest.ended", audience="process", data={"account_id": page.account})
    assert end_of(telephone) == 1000
    assert server.live.pages.everybody() == []
