"""A payment provider in memory: for tests and for trying things out. Its webhooks are signed with a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    GatewayEvent,
    GatewayRefused,
    GatewayUnreachable,
    RefundRequest,
    Session,
    SessionRequest,
)
from callcart.core.money import Money

_KEY = b"fake"


@dataclass
class FakeGateway:
    """Set `down` to be unreachable, `declines` to refuse charges; `during_create` runs while a session is being made
    (a webhook that overtakes the answer)."""

    down: bool = False
    declines: bool = False
    sessions: dict[str, SessionRequest] = field(default_factory=dict)
    results: dict[str, GatewayEvent] = field(default_factory=dict)
    refunds: dict[str, RefundRequest] = field(default_factory=dict)
    charges: list[ChargeRequest] = field(default_factory=list)
    during_create: Callable[[SessionRequest], None] | None = None

    def create_session(self, request: SessionRequest) -> Session:
        self._answer()
        self.sessions[request.key] = request
        if self.during_create is not None:
            self.during_create(request)
        return Session(
            reference=_reference(request.key), url=f"https://pay.example/{_reference(request.key)}"
        )

    def charge(self, request: ChargeRequest) -> GatewayEvent:
        self._answer()
        if request.key in self.results:
            return self.results[request.key]
        self.charges.append(request)
        kind = EventKind.DECLINED if self.declines else EventKind.CAPTURED
        return self._finish(request.key, kind, request.amount)

    def refund(self, request: RefundRequest) -> str:
        self._answer()
        if self.declines:
            raise GatewayRefused
        if request.key not in self.refunds and request.amount.minor > self._left_of(request.reference):
            raise GatewayRefused
        self.refunds.setdefault(request.key, request)
        return f"refund-{request.key}"

    def look_up(self, key: str, reference: str = "") -> GatewayEvent | None:
        self._answer()
        return self.results.get(key)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        given = {name.lower(): value for name, value in headers.items()}.get("fake-signature", "")
        if not hmac.compare_digest(given.encode(), _sign(body).encode()):
            raise ForgedWebhook
        data = json.loads(body)
        return GatewayEvent(
            event_id=data["event_id"],
            kind=EventKind(data["kind"]),
            reference=data["reference"],
            key=data["key"],
            amount=Money(data["amount"], data["currency"]),
            mandate=data["mandate"],
            failure=data["failure"],
        )

    def pay(self, key: str, *, amount: Money | None = None) -> GatewayEvent:
        """The customer pays; the event a webhook would bring."""
        return self._finish(key, EventKind.CAPTURED, amount or self.sessions[key].amount)

    def decline(self, key: str) -> GatewayEvent:
        """The customer's bank says no."""
        return self._finish(key, EventKind.DECLINED, self.sessions[key].amount)

    def _left_of(self, reference: str) -> int:
        """Minor units of a capture that were not given back."""
        taken = [each.amount.minor for each in self.results.values() if each.reference == reference]
        gone = [each.amount.minor for each in self.refunds.values() if each.reference == reference]
        return sum(taken) - sum(gone)

    def _finish(self, key: str, kind: EventKind, amount: Money) -> GatewayEvent:
        event = GatewayEvent(
            event_id=f"event-{len(self.results) + 1}-{key}",
            kind=kind,
            reference=_reference(key),
            key=key,
            amount=amount,
            mandate=f"mandate-{key}" if kind is EventKind.CAPTURED else "",
            failure="declined" if kind is EventKind.DECLINED else "",
        )
        self.results[key] = event
        return event

    def _answer(self) -> None:
        if self.down:
            raise GatewayUnreachable


def _reference(key: str) -> str:
    return "fake-" + hashlib.sha256(key.encode()).hexdigest()[:24]


def _sign(body: bytes) -> str:
    return hmac.new(_KEY, body, hashlib.sha256).hexdigest()


def webhook(event: GatewayEvent) -> tuple[dict[str, str], bytes]:
    """Headers and body of the message for an event."""
    body = json.dumps(
        {
            "event_id": event.event_id,
            "kind": event.kind,
            "reference": event.reference,
            "key": event.key,
            "amount": event.amount.minor,
            "currency": event.amount.currency,
            "mandate": event.mandate,
            "failure": event.failure,
        }
    ).encode()
    return {"Fake-Signature": _sign(body)}, body
