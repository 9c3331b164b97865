"""`sms` and `mail`: what was sent in this test, by fakes that may be told to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from callcart.engage.notices import transport
from callcart.engage.notices.transport import Mail
from callcart.people.customers import transport as codes
from callcart.people.customers.public import CodeMessage
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop


@dataclass
class Sms:
    """A provider of SMS; `fail` raises instead of taking a message."""

    sent: list[CodeMessage] = field(default_factory=list)
    fail: Callable[[], None] | None = None
    shows_code = True

    def send(self, message: CodeMessage) -> None:
        if self.fail:
            self.fail()
        self.sent.append(message)


@dataclass
class Post:
    """A mail server."""

    sent: list[Mail] = field(default_factory=list)
    fail: Callable[[], None] | None = None

    def send(self, mail: Mail) -> str:
        if self.fail:
            self.fail()
        self.sent.append(mail)
        return f"ref-{len(self.sent)}"


@pytest.fixture
def sms() -> Iterator[Sms]:
    before, made = codes._in_use, Sms()
    codes.use(made)
    yield made
    codes.use(before)


@pytest.fixture
def mail() -> Iterator[Post]:
    before, made = transport._mail_in_use, Post()
    transport.use_mail(made)
    yield made
    transport.use_mail(before)


@pytest.fixture
def shop(tenant: Tenant, sms: Sms, mail: Post) -> Shop:
    opened = open_shop(tenant)
    opened.goods("TEA", price=2000, west=50)
    return opened
