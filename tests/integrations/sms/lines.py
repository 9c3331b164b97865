"""Lines and deliveries to test with, without a database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from callcart.contact.messaging.transport import LineFacts, Outgoing
from callcart.integrations.sms.account import Account
from callcart.integrations.sms.pdu import Address, Command, Pdu, Short, encode_short

LINE = UUID("018f0000-0000-7000-8000-000000000001")
SHOP, CUSTOMER = "+12025550123", "+12025550100"


def line(cursor: str = "", address: str = SHOP, **values: str) -> LineFacts:
    known = {"host": "127.0.0.1", "port": "2775", "system_id": "harbor", "password": "secret"}
    return LineFacts(LINE, 1, address, "SMS", known | values, cursor)


def account(**values: str) -> Account:
    return Account.of(line(**values))


def outgoing(text: str = "Hello", *, key: str = "k1", to: str = CUSTOMER, **more: Any) -> Outgoing:
    return Outgoing(key=key, to=to, text=text, **more)


def came(short: Short, sequence: int = 1) -> Pdu:
    return Pdu(Command.DELIVER_SM, sequence, encode_short(short))


def said(content: bytes = b"Hello", **more: Any) -> Short:
    values: dict[str, Any] = {
        "source": Address("12025550100", 1, 1),
        "destination": Address("12025550123", 1, 1),
    }
    return Short(content=content, **(values | more))


def mirrored(short: Short) -> Short:
    """What we sent, as if a customer had sent it to us."""
    from dataclasses import replace

    return replace(short, source=Address("12025550100", 1, 1), destination=Address("12025550123", 1, 1))
