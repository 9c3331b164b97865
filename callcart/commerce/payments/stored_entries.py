"""Entries of stored value: each under its account's row lock, once for its key, and never below zero. Who may write one, and for
what, is the business of `stored_value`.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from callcart.commerce.payments.models import Payment, Receipt
from callcart.commerce.payments.models_stored import EntryKind, StoredAccount, StoredEntry
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound


def locked(account_id: UUID) -> StoredAccount:
    """An account under lock. Raises NotFound."""
    account = StoredAccount.objects.select_for_update(no_key=True).filter(id=account_id).first()
    if account is None:
        raise NotFound
    return account


def name_of(account: StoredAccount) -> str:
    """What may be shown of an account: the end of a card's code."""
    return f"•••• {account.code_end}" if account.code_end else ""


def enter_value(
    actor: Actor,
    account: StoredAccount,
    kind: EntryKind,
    amount_minor: int,
    *,
    key: str,
    reason: str = "",
    payment: Payment | None = None,
    receipt_id: UUID | None = None,
    refund_id: UUID | None = None,
) -> None:
    """Write an entry and the balance after it; nothing where the key was entered before."""
    with transaction.atomic():
        account.balance_minor = locked(account.id).balance_minor
        if StoredEntry.objects.filter(account=account, key=key).exists():
            return
        account.balance_minor += amount_minor
        account.save(update_fields=["balance_minor"])
        StoredEntry.objects.create(
            account=account,
            kind=kind,
            amount_minor=amount_minor,
            balance_minor=account.balance_minor,
            key=key,
            order_id=payment.order_id if payment is not None else None,
            order_number=payment.order_number if payment is not None else "",
            receipt_id=receipt_id,
            refund_id=refund_id,
            reason=reason[:200],
            actor_name=actor.name,
            at=now(),
        )
    data = {"account_id": account.id, "kind": account.kind, "customer_id": account.customer_id}
    events.emit("payments.stored_value_changed", subject=("stored_account", account.id), data=data)


def move_spent(
    actor: Actor, receipt: Receipt, *, to: Receipt, before: Payment, after: Payment, part: int
) -> None:
    """Of what was spent on one order a part pays another now (`to` is the receipt that says so). The balance is as before. The
    caller holds both payments."""
    spent = StoredEntry.objects.filter(receipt_id=receipt.id, kind=EntryKind.SPENT).first()
    if spent is None:
        return
    account, key = locked(spent.account_id), f"split:{receipt.id}:{after.id}"
    enter_value(
        actor, account, EntryKind.SPENT, part, key=f"{key}:off", payment=before, receipt_id=receipt.id
    )
    enter_value(actor, account, EntryKind.SPENT, -part, key=f"{key}:on", payment=after, receipt_id=to.id)


def note_value(actor: Actor, action: str, account: StoredAccount, amount_minor: int, reason: str) -> None:
    audit.record(
        actor,
        action,
        subject=("stored_account", account.id),
        after={"amount_minor": amount_minor, "currency": account.currency, "card": account.code_end},
        reason=reason,
    )
