"""The provider in memory keeps the contract of the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from callcart.commerce.payments.fake import FakeGateway, webhook
from callcart.commerce.payments.gateway import EventKind
from callcart.core.money import Money
from tests.integrations.gateways.contract import Contract, Message, Provider
from tests.integrations.gateways.standin import Fault


class Fake:
    currency = "USD"
    calls_at_session = True

    def __init__(self) -> None:
        self.gateway = FakeGateway()

    @property
    def fault(self) -> Fault:
        return Fault.BROKEN if self.gateway.down else Fault.NONE

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.gateway.down = fault is not Fault.NONE

    def pay(self, key: str, *, minor: int = 0) -> Message:
        return webhook(self.gateway.pay(key, amount=Money(minor, "USD") if minor else None))

    def run_out(self, key: str) -> Message:
        return webhook(replace(self.gateway.decline(key), kind=EventKind.EXPIRED))

    def forge(self, message: Message) -> Message:
        return {"Fake-Signature": "0" * 64}, message[1]

    def decline_charges(self) -> None:
        self.gateway.declines = True

    def refunds(self) -> list[int]:
        return [each.amount.minor for each in self.gateway.refunds.values()]

    def charges(self) -> list[int]:
        return [] if self.gateway.declines else [each.amount.minor for each in self.gateway.charges]

    def close(self) -> None:
        pass


class TestFake(Contract):
    def make(self) -> Fake:
        return Fake()

    @pytest.fixture
    def provider(self) -> Iterator[Provider]:
        yield self.make()
