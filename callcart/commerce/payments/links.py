"""Links to pay by: for a phone order the agent sends one, the customer needs no account. A link names an order and carries
our seal on it (128 bits of HMAC-SHA256); it cannot be guessed, is stored nowhere, and can be made again at any time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import Instalment, Payment
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.money import Money
from callcart.core.secrets import secret
from callcart.core.tenancy import current_tenant

_SEAL = 16


@dataclass(frozen=True, slots=True)
class PayPage:
    """What the page behind a link shows."""

    order_id: UUID
    order_number: str
    method: str
    state: str
    total: Money
    paid: Money
    due_now: Money
    instalments: tuple[Instalment, ...]


def _seal(order_id: UUID) -> bytes:
    text = f"{current_tenant()}.{order_id}".encode()
    return hmac.new(secret("pay_links").encode(), text, hashlib.sha256).digest()[:_SEAL]


def pay_token(actor: Actor, order_id: UUID) -> str:
    """The token of an order's pay link (`/pay/<token>`); for staff who may send one, and the customer at check-out."""
    if actor.is_of_shop:
        actor.require("payments.send_link")
    return base64.urlsafe_b64encode(order_id.bytes + _seal(order_id)).rstrip(b"=").decode("ascii")


def order_of_token(token: str) -> UUID:
    """The order a token is for; NotFound for one we did not make, or made for another tenant."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotFound from None
    if len(raw) != 16 + _SEAL:
        raise NotFound
    order_id = UUID(bytes=raw[:16])
    if not hmac.compare_digest(raw[16:], _seal(order_id)):
        raise NotFound
    return order_id


def pay_page(token: str) -> PayPage:
    """What is owed behind a link. Raises NotFound."""
    order_id = order_of_token(token)
    payment = Payment.objects.filter(order_id=order_id).first()
    if payment is None:
        raise NotFound
    due, _ = ledger.amount_due_now(payment)
    return PayPage(
        order_id=order_id,
        order_number=payment.order_number,
        method=payment.method,
        state=payment.state,
        total=Money(payment.amount_minor, payment.currency),
        paid=Money(payment.captured_minor, payment.currency),
        due_now=Money(due, payment.currency),
        instalments=tuple(payment.instalments.order_by("number")),
    )
