"""Gift cards and store credit: put in, spent on an order, given back. Each movement is an entry under the account's row lock, once
for its key, and takes no balance below zero.

Locks: the payment, then the account, then the till. Spending takes what the account holds and the order still owes; the rest
is paid in any other way. A card is known by its code only to whoever holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.commerce.payments import ledger
from callcart.commerce.payments.codes import digest_of, new_code, read_code
from callcart.commerce.payments.incoming import Incoming
from callcart.commerce.payments.models import Payment, PaymentState, Receipt, ReceiptMethod, Refund, RefundWay
from callcart.commerce.payments.models_stored import EntryKind, StoredAccount, StoredEntry, StoredKind
from callcart.commerce.payments.payout import credited_by
from callcart.commerce.payments.receipts import write
from callcart.commerce.payments.stored_entries import enter_value, locked, name_of, note_value
from callcart.commerce.payments.stored_errors import (
    CardBlocked,
    CardExpired,
    CardTriedTooOften,
    CardUnknown,
    LessThanShown,
    NobodyToCredit,
    NothingLeft,
    NotOwed,
    OtherCurrency,
)
from callcart.core import idempotency
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now, today
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant
from callcart.core.throttle import Limit, count
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant

MOST = 10**12
KEPT_AFTER_REFUND = timedelta(days=90)
LONGEST = timedelta(days=3660)
TRIES, TRIES_SPAN = 10, timedelta(hours=1)
TRIES_OF_ALL, TRIES_OF_ALL_SPAN = 600, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A new card. `code` is there once, in the answer of the request that made it; a repeated request finds it empty."""

    account: StoredAccount
    code: str


def issue_card(
    actor: Actor,
    *,
    amount: Money,
    idempotency_key: str,
    expires_on: date | None = None,
    note: str = "",
    customer_id: UUID | None = None,
) -> IssuedCard:
    """Make a gift card. Raises PermissionDenied above the actor's limit, which counts all cards they made within a day, Invalid,
    KeyReused."""
    actor.require("payments.issue_cards", amount=amount.minor)
    form = Fields()
    note = form.line("note", note, most=200)
    _check_amount(form, amount)
    day = today(get_tenant().timezone)
    if expires_on is not None and not day < expires_on <= day + LONGEST:
        form.refuse("expires_on", _("Give a day to come, in the next ten years."))
    form.done()
    body = {
        "amount": amount.minor, "currency": amount.currency, "note": note, "expires": str(expires_on),
        "customer": str(customer_id),
    }  # fmt: skip
    with idempotency.claim(actor, "stored.issue", idempotency_key, body) as claim:
        if claim.stored is not None:
            return IssuedCard(StoredAccount.objects.get(id=claim.stored["account"]), "")
        approvals.use(actor, "payments.issue_cards", amount=amount, within=approvals.DAY, may_ask=False)
        code = new_code()
        account = StoredAccount(
            kind=StoredKind.GIFT_CARD,
            currency=amount.currency,
            customer_id=customer_id,
            code_digest=digest_of(code),
            code_end=code[-4:],
            expires_on=expires_on,
            note=note,
            made_by_name=actor.name,
        )
        account.save(force_insert=True)
        enter_value(actor, account, EntryKind.ISSUED, amount.minor, key="issue", reason=note)
        note_value(actor, "payments.issue_card", account, amount.minor, note)
        claim.store({"account": str(account.id)})
    return IssuedCard(account, code)


def grant_credit(
    actor: Actor, *, customer_id: UUID, amount: Money, reason: str, idempotency_key: str
) -> StoredAccount:
    """Give a customer store credit. Raises NeedsApproval above the actor's limit, which counts what they gave this customer
    within a day, Invalid, KeyReused."""
    approvals.require(actor, "payments.grant_credit", amount=amount)
    form = Fields()
    reason = form.line("reason", reason, most=200, required=True)
    _check_amount(form, amount)
    form.done()
    body = {"customer": str(customer_id), "amount": amount.minor, "currency": amount.currency}
    with idempotency.claim(actor, "stored.grant", idempotency_key, body) as claim:
        account = credit_account(customer_id, amount.currency)
        if claim.stored is None:
            locked(account.id)
            approvals.use(
                actor, "payments.grant_credit", amount=amount, subject=customer_id, within=approvals.DAY
            )
            key = f"grant:{idempotency_key}"
            enter_value(actor, account, EntryKind.GRANTED, amount.minor, key=key, reason=reason)
            note_value(actor, "payments.grant_credit", account, amount.minor, reason)
            claim.store({"account": str(account.id)})
    return account


@approvals.action("payments.grant_credit", label=_("Store credit"), link="office:customer_credit")
def grant_as_approved(actor: Actor, payload: dict[str, Any]) -> None:
    """What an approval of a grant does."""
    grant_credit(
        actor,
        customer_id=UUID(payload["customer"]),
        amount=Money(int(payload["amount"]), str(payload["currency"])),
        reason=str(payload["reason"]),
        idempotency_key=str(payload["key"]),
    )


def take_back(
    actor: Actor, account_id: UUID, *, amount: Money, reason: str, idempotency_key: str
) -> StoredAccount:
    """Take value off an account that was given in error. Raises NotFound, NeedsApproval above the actor's limit, Invalid,
    NothingLeft where it holds less."""
    approvals.require(actor, "payments.grant_credit", amount=amount)
    form = Fields()
    reason = form.line("reason", reason, most=200, required=True)
    _check_amount(form, amount)
    form.done()
    account = locked(account_id)
    key = f"taken:{idempotency_key}"
    if StoredEntry.objects.filter(account=account, key=key).exists():
        return account
    if amount.currency != account.currency:
        raise OtherCurrency
    if account.balance_minor < amount.minor:
        raise NothingLeft
    enter_value(actor, account, EntryKind.TAKEN_BACK, -amount.minor, key=key, reason=reason)
    note_value(actor, "payments.take_back", account, -amount.minor, reason)
    return account


def block(actor: Actor, account_id: UUID, *, reason: str) -> StoredAccount:
    """Nobody pays by it until it is unblocked. Raises NotFound, Invalid."""
    actor.require("payments.issue_cards")
    form = Fields()
    reason = form.line("reason", reason, most=200, required=True)
    form.done()
    account = locked(account_id)
    account.blocked_at, account.block_reason = account.blocked_at or now(), reason
    account.save(update_fields=["blocked_at", "block_reason"])
    note_value(actor, "payments.block_card", account, 0, reason)
    return account


def unblock(actor: Actor, account_id: UUID) -> StoredAccount:
    """It pays again. Raises NotFound."""
    actor.require("payments.issue_cards")
    account = locked(account_id)
    account.blocked_at, account.block_reason = None, ""
    account.save(update_fields=["blocked_at", "block_reason"])
    note_value(actor, "payments.unblock_card", account, 0, "")
    return account


def find_card(text: str, *, address: str) -> StoredAccount:
    """The card of a code. Codes that could be one are counted by network address and over the whole shop, in a transaction of
    their own. Raises CardUnknown, CardTriedTooOften."""
    code = read_code(text)
    if not code:
        raise CardUnknown(fields={"code": _("This is no gift card code. Check it character by character.")})
    limits = (
        Limit("gift_card", address, TRIES, TRIES_SPAN),
        Limit("gift_cards", "all", TRIES_OF_ALL, TRIES_OF_ALL_SPAN),
    )
    count(current_tenant(), limits, refusal=CardTriedTooOften)
    found = StoredAccount.objects.filter(kind=StoredKind.GIFT_CARD, code_digest=digest_of(code)).first()
    if found is None:
        raise CardUnknown(fields={"code": _("There is no gift card with this code.")})
    return found


def usable(account: StoredAccount) -> None:
    """Raise CardBlocked, CardExpired or NothingLeft where nobody can pay by it today."""
    if account.blocked_at is not None:
        raise CardBlocked
    if account.expires_on is not None and account.expires_on < today(get_tenant().timezone):
        raise CardExpired
    if not account.balance_minor:
        raise NothingLeft


def credit_account(customer_id: UUID, currency: str) -> StoredAccount:
    """A customer's store credit, made at first use."""
    account, _made = StoredAccount.objects.get_or_create(
        kind=StoredKind.STORE_CREDIT, customer_id=customer_id, currency=currency
    )
    return account


def spend(
    actor: Actor, account_id: UUID, *, order_id: UUID, idempotency_key: str, shown: Money | None = None
) -> Receipt:
    """Pay an order from an account: what it holds, at most what is owed. `shown` is what the person saw it would be; less is
    refused. Staff need `payments.use_value`; a customer pays from his own credit, or by a card whose code was found before. Raises
    NotFound, NoPayment, NotOwed, CardBlocked, CardExpired, NothingLeft, OtherCurrency, LessThanShown."""
    if actor.is_of_shop:
        actor.require("payments.use_value")
    payment = ledger.locked(order_id=order_id)
    account = locked(account_id)
    if account.kind == StoredKind.STORE_CREDIT and not _may_use(actor, account, payment):
        raise NotFound
    key = f"order:{order_id}:{idempotency_key}"
    done = StoredEntry.objects.filter(account=account, key=key).first()
    if done is not None and done.receipt_id is not None:
        return Receipt.objects.get(id=done.receipt_id)
    amount = _payable(payment, account)
    if shown is not None and amount < shown.minor:
        raise LessThanShown
    kind = ReceiptMethod(account.kind)
    receipt = write(actor, payment, Incoming(kind, amount, reference=name_of(account)))
    enter_value(actor, account, EntryKind.SPENT, -amount, key=key, payment=payment, receipt_id=receipt.id)
    return receipt


def _may_use(actor: Actor, account: StoredAccount, payment: Payment) -> bool:
    """Credit pays its own customer's orders only, whoever asks."""
    if actor.kind is ActorKind.CUSTOMER and actor.id != account.customer_id:
        return False
    return payment.customer_id == account.customer_id


def _payable(payment: Payment, account: StoredAccount) -> int:
    missing = payment.amount_minor - payment.captured_minor
    if payment.state in {PaymentState.CANCELLED, PaymentState.COLLECTED} or missing <= 0:
        raise NotOwed
    if account.currency != payment.currency:
        raise OtherCurrency
    usable(account)
    return min(missing, account.balance_minor)


@credited_by(RefundWay.GIFT_CARD)
def _back_to_card(actor: Actor, payment: Payment, refund: Refund) -> str:
    """Money of a refund goes to the card it was spent from. One that has run out, or soon will, holds it 90 days more."""
    spent = StoredEntry.objects.filter(receipt_id=refund.receipt_id, kind=EntryKind.SPENT).first()
    if spent is None:
        raise NobodyToCredit
    account = locked(spent.account_id)
    soonest = today(get_tenant().timezone) + KEPT_AFTER_REFUND
    if account.expires_on is not None and account.expires_on < soonest:
        account.expires_on = soonest
        account.save(update_fields=["expires_on"])
    _give_back(actor, account, payment, refund)
    return name_of(account)


@credited_by(RefundWay.STORE_CREDIT)
def _back_to_credit(actor: Actor, payment: Payment, refund: Refund) -> str:
    """Money of a refund becomes the customer's store credit."""
    if payment.customer_id is None:
        raise NobodyToCredit
    account = credit_account(payment.customer_id, refund.currency)
    account = locked(account.id)
    _give_back(actor, account, payment, refund)
    return name_of(account)


def _give_back(actor: Actor, account: StoredAccount, payment: Payment, refund: Refund) -> None:
    enter_value(
        actor,
        account,
        EntryKind.RETURNED,
        refund.amount_minor,
        key=f"refund:{refund.id}",
        reason=refund.reason,
        payment=payment,
        refund_id=refund.id,
    )


def expire(account_id: UUID) -> None:
    """Write off what is left on a card whose last day is over; a second call changes nothing."""
    account = locked(account_id)
    over = account.expires_on is not None and account.expires_on < today(get_tenant().timezone)
    if over and account.balance_minor:
        actor = Actor.system(current_tenant(), "expiry")
        key = f"expired:{account.expires_on}"
        amount = account.balance_minor
        enter_value(actor, account, EntryKind.EXPIRED, -amount, key=key)
        note_value(actor, "payments.expire_card", account, -amount, "")


def _check_amount(form: Fields, amount: Money) -> None:
    if not 0 < amount.minor <= MOST:
        form.refuse("amount", _("Give an amount above zero."))
