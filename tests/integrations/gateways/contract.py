"""What any payment provider's adapter has to keep: a subclass names a provider's stand-in and inherits the tests.

`Provider` is the stand-in seen from the test: it is paid at, declines, breaks, and counts what it has done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    Gateway,
    GatewayRefused,
    GatewayUnreachable,
    RefundRequest,
    SessionRequest,
    Traits,
    key_of,
)
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.integrations.gateways import wire
from tests.integrations.gateways.standin import Fault

Message = tuple[dict[str, str], bytes]
TENANT = 7


class Provider(Protocol):
    """A stand-in with an adapter that speaks to it."""

    gateway: Gateway
    currency: str
    fault: Fault
    calls_at_session: bool

    def pay(self, key: str, *, minor: int = 0) -> Message:
        """The customer pays (`minor`: another sum than was asked for); the message that follows."""
        ...

    def run_out(self, key: str) -> Message:
        """The page runs out unpaid; the message that follows."""
        ...

    def forge(self, message: Message) -> Message:
        """The same message signed by somebody else."""
        ...

    def decline_charges(self) -> None: ...

    def refunds(self) -> list[int]:
        """Minor units of each refund made."""
        ...

    def charges(self) -> list[int]: ...

    def close(self) -> None: ...


def a_key() -> str:
    return key_of(TENANT, new_id())


class Contract:
    """Inherit, and give `make`."""

    def make(self) -> Provider:
        raise NotImplementedError

    @pytest.fixture
    def provider(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
        monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.3)
        made = self.make()
        yield made
        made.close()

    def request(self, provider: Provider, key: str, minor: int = 5000, **more: Any) -> SessionRequest:
        return SessionRequest(
            key=key, amount=Money(minor, provider.currency), description="10427", language="en",
            return_url="https://shop.example/pay/t/back", notify_url="https://shop.example/hooks/payments/x", **more,
        )  # fmt: skip

    def traits(self, provider: Provider) -> Traits:
        found: Traits = getattr(provider.gateway, "traits", Traits())
        return found

    def paid(
        self, provider: Provider, minor: int = 5000, *, keep_mandate: bool = False
    ) -> tuple[str, str, str]:
        """Key, reference and mandate of a payment that was made."""
        key = a_key()
        session = provider.gateway.create_session(
            self.request(provider, key, minor, keep_mandate=keep_mandate)
        )
        event = provider.gateway.parse_webhook(*provider.pay(key))
        assert event is not None
        return key, session.reference or event.reference, event.mandate

    def test_a_page_is_one_for_its_key(self, provider: Provider) -> None:
        key = a_key()
        first = provider.gateway.create_session(self.request(provider, key))
        again = provider.gateway.create_session(self.request(provider, key))
        assert first.reference == again.reference
        assert first.url.startswith("http")

    def test_an_open_page_says_nothing_yet(self, provider: Provider) -> None:
        key = a_key()
        session = provider.gateway.create_session(self.request(provider, key))
        assert provider.gateway.look_up(key, session.reference) is None

    def test_a_key_nobody_knows_says_nothing(self, provider: Provider) -> None:
        assert provider.gateway.look_up(a_key()) is None

    def test_paid_is_told_and_can_be_asked_for(self, provider: Provider) -> None:
        key = a_key()
        session = provider.gateway.create_session(self.request(provider, key))
        message = provider.pay(key)
        told = provider.gateway.parse_webhook(*message)
        assert told is not None
        assert (told.kind, told.key, told.amount) == (EventKind.CAPTURED, key, Money(5000, provider.currency))
        assert told.reference and told.event_id
        asked = provider.gateway.look_up(key, session.reference)
        assert asked is not None
        assert (asked.kind, asked.key, asked.amount) == (told.kind, told.key, told.amount)
        without = provider.gateway.look_up(key)
        assert without is not None and without.kind is EventKind.CAPTURED

    def test_a_message_sent_again_is_the_same_event(self, provider: Provider) -> None:
        key = a_key()
        provider.gateway.create_session(self.request(provider, key))
        message = provider.pay(key)
        first, again = (provider.gateway.parse_webhook(*message) for _ in range(2))
        assert first == again

    def test_a_page_that_ran_out_took_nothing(self, provider: Provider) -> None:
        key = a_key()
        provider.gateway.create_session(self.request(provider, key))
        event = provider.gateway.parse_webhook(*provider.run_out(key))
        assert event is not None and (event.kind, event.key) == (EventKind.EXPIRED, key)

    def test_what_was_taken_is_believed_not_what_was_asked(self, provider: Provider) -> None:
        key = a_key()
        provider.gateway.create_session(self.request(provider, key))
        event = provider.gateway.parse_webhook(*provider.pay(key, minor=4999))
        assert event is not None and event.amount.minor == 4999

    def test_a_message_that_was_touched_is_refused(self, provider: Provider) -> None:
        key = a_key()
        provider.gateway.create_session(self.request(provider, key))
        headers, body = provider.pay(key)
        for touched in (
            body.replace(b"5000", b"1").replace(b"50.00", b"0.01"),
            body + b" ",
            body[:-1],
            b"",
            b"\xff",
        ):
            if touched != body:
                with pytest.raises(ForgedWebhook):
                    provider.gateway.parse_webhook(headers, touched)

    def test_a_message_of_somebody_else_is_refused(self, provider: Provider) -> None:
        key = a_key()
        provider.gateway.create_session(self.request(provider, key))
        with pytest.raises(ForgedWebhook):
            provider.gateway.parse_webhook(*provider.forge(provider.pay(key)))

    @pytest.mark.parametrize("fault", [Fault.SLOW, Fault.BROKEN, Fault.GARBAGE, Fault.BUSY])
    def test_no_sensible_answer_is_not_known(self, provider: Provider, fault: Fault) -> None:
        key, reference, _ = self.paid(provider)
        provider.fault = fault
        gateway = provider.gateway
        with pytest.raises(GatewayUnreachable):
            gateway.look_up(key, reference)
        if fault is not Fault.SLOW:  # each waits for its time to be over
            with pytest.raises(GatewayUnreachable):
                gateway.refund(RefundRequest(a_key(), reference, Money(100, provider.currency)))
            if provider.calls_at_session:
                with pytest.raises(GatewayUnreachable):
                    gateway.create_session(self.request(provider, a_key()))
        assert provider.refunds() == []

    def test_a_refund_is_one_for_its_key(self, provider: Provider) -> None:
        _, reference, _ = self.paid(provider)
        asked = RefundRequest(a_key(), reference, Money(2000, provider.currency))
        assert provider.gateway.refund(asked) == provider.gateway.refund(asked)
        assert provider.refunds() == [2000]
        provider.gateway.refund(RefundRequest(a_key(), reference, Money(3000, provider.currency)))
        assert provider.refunds() == [2000, 3000]

    def test_a_refund_whose_answer_was_lost_is_not_made_again(self, provider: Provider) -> None:
        _, reference, _ = self.paid(provider)
        asked = RefundRequest(a_key(), reference, Money(2000, provider.currency))
        provider.fault = Fault.LOST
        with pytest.raises(GatewayUnreachable):
            provider.gateway.refund(asked)
        provider.fault = Fault.NONE
        assert provider.gateway.refund(asked)
        assert provider.refunds() == [2000]

    def test_more_than_was_paid_is_refused(self, provider: Provider) -> None:
        _, reference, _ = self.paid(provider)
        with pytest.raises(GatewayRefused):
            provider.gateway.refund(RefundRequest(a_key(), reference, Money(5001, provider.currency)))
        assert provider.refunds() == []

    def test_later_instalments_without_the_customer(self, provider: Provider) -> None:
        _, _, mandate = self.paid(provider, keep_mandate=True)
        asked = ChargeRequest(a_key(), Money(700, provider.currency), mandate, "10427")
        if not self.traits(provider).mandates:
            with pytest.raises(GatewayRefused):
                provider.gateway.charge(asked)
            return
        assert mandate
        first, again = provider.gateway.charge(asked), provider.gateway.charge(asked)
        assert first is not None and again is not None
        assert (first.kind, first.key, first.amount) == (EventKind.CAPTURED, asked.key, asked.amount)
        assert first.reference == again.reference
        assert provider.charges() == [700]
        found = provider.gateway.look_up(asked.key)
        assert found is not None and (found.kind, found.amount) == (EventKind.CAPTURED, asked.amount)

    def test_a_charge_the_bank_refuses(self, provider: Provider) -> None:
        if not self.traits(provider).mandates:
            return
        _, _, mandate = self.paid(provider, keep_mandate=True)
        provider.decline_charges()
        asked = ChargeRequest(a_key(), Money(700, provider.currency), mandate, "10427")
        event = provider.gateway.charge(asked)
        assert event is not None and (event.kind, event.key) == (EventKind.DECLINED, asked.key)
        assert event.failure
        assert provider.charges() == []

    def test_a_mandate_nobody_gave(self, provider: Provider) -> None:
        asked = ChargeRequest(a_key(), Money(700, provider.currency), "nobody", "10427")
        if self.traits(provider).keys:
            with pytest.raises(GatewayRefused):
                provider.gateway.charge(asked)
