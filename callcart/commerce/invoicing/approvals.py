"""Asking for a credit note above one's limit, and issuing it once somebody with a higher limit approves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from callcart.commerce.invoicing.credit import credit_invoice, locked, share
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.approvals import public as approvals

CREDIT = "invoicing.credit"


@approvals.action(CREDIT, label=_("Credit note"), link="office:invoice")
def _credit(actor: Actor, payload: Mapping[str, Any]) -> None:
    units, amount = payload["units"], payload["amount"]
    credit_invoice(
        actor,
        UUID(payload["invoice"]),
        reason=str(payload["reason"]),
        idempotency_key=str(payload["key"]),
        units=None if units is None else {int(position): int(count) for position, count in units.items()},
        amount=None if amount is None else Money(int(amount[0]), str(amount[1])),
    )


def ask_credit(
    actor: Actor,
    invoice_id: UUID,
    *,
    reason: str,
    idempotency_key: str,
    units: Mapping[int, int] | None = None,
    amount: Money | None = None,
) -> approvals.Approval:
    """Have somebody with a higher limit asked for this credit note; checked against what is left now, and again when it is approved.
    Raises NotFound, Invalid, TooMuchCredit, NothingLeft, AlreadyAsked, NobodyCanApprove."""
    _order, invoice = locked(actor, invoice_id)
    value = sum(each.gross for each in share(invoice, units=units, amount=amount))
    return approvals.ask(
        actor,
        action=CREDIT,
        permission=CREDIT,
        subject=("invoice", invoice.id),
        label=invoice.number,
        amount=Money(value, invoice.currency),
        payload={
            "invoice": str(invoice.id),
            "units": None if units is None else {str(key): count for key, count in units.items()},
            "amount": None if amount is None else [amount.minor, amount.currency],
            "reason": reason,
            "key": idempotency_key,
        },
        reason=reason,
    )
