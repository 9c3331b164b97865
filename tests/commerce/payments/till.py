"""Money for tests: what an order owes, a page to pay on, and the provider in memory as the one that is installed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.payments import gateway as gateways
from callcart.commerce.payments.fake import FakeGateway, webhook
from callcart.commerce.payments.gateway import GatewayEvent
from callcart.commerce.payments.intent import create_intent
from callcart.commerce.payments.models import Attempt, Instalment, Payment, PaymentMethod, Refund
from callcart.commerce.payments.public import Outcome, Redirect, apply_webhook, start_payment
from callcart.core.actor import Actor
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction

INSTALLED = FakeGateway()
RETURN, NOTIFY = "https://shop.example/back", "https://shop.example/hooks/payments/fake"


def installed() -> FakeGateway:
    """What the settings name as the provider `fake`."""
    return INSTALLED


def start_anew() -> FakeGateway:
    """An empty provider."""
    global INSTALLED
    INSTALLED = FakeGateway()
    gateways.gateway.cache_clear()
    return INSTALLED


@dataclass(slots=True)
class Till:
    """A tenant's money. Every verb is a transaction of its own, as a request is."""

    tenant_id: int
    provider: FakeGateway

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def owe(
        self, minor: int = 5000, *, method: PaymentMethod = PaymentMethod.PREPAID, instalments: int = 0
    ) -> UUID:
        """An order that owes this; its id."""
        order_id = new_id()
        with tenant_transaction(self.tenant_id):
            create_intent(
                self.boss,
                order_id=order_id,
                order_number=f"N{order_id.hex[-8:]}",
                method=method,
                amount=Money(minor, "USD"),
                instalments=instalments,
            )
        return order_id

    def start(self, order_id: UUID) -> Redirect:
        with tenant_session(self.tenant_id):
            return start_payment(order_id, return_url=RETURN, notify_url=NOTIFY)

    def key(self, redirect: Redirect) -> str:
        return gateways.key_of(self.tenant_id, redirect.attempt_id)

    def tell(self, event: GatewayEvent) -> Outcome:
        """The provider's message comes in."""
        return apply_webhook("fake", *webhook(event))

    def payment(self, order_id: UUID) -> Payment:
        with tenant_transaction(self.tenant_id):
            return Payment.objects.get(order_id=order_id)

    def attempts(self, order_id: UUID) -> list[Attempt]:
        with tenant_transaction(self.tenant_id):
            return list(Attempt.objects.filter(payment__order_id=order_id).order_by("id"))

    def instalments(self, order_id: UUID) -> list[Instalment]:
        with tenant_transaction(self.tenant_id):
            return list(Instalment.objects.filter(payment__order_id=order_id).order_by("number"))

    def refunds(self, order_id: UUID) -> list[Refund]:
        with tenant_transaction(self.tenant_id):
            return list(Refund.objects.filter(payment__order_id=order_id).order_by("id"))
