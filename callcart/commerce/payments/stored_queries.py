"""Reads of gift cards and store credit: lists by keyset, the ledger of one account, what a customer holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from callcart.commerce.payments.codes import digest_of, read_code
from callcart.commerce.payments.models_stored import StoredAccount, StoredEntry, StoredKind
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.core.errors import NotFound
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant

PAGE = 50
STATES = ("usable", "spent", "blocked", "expired")


@dataclass(frozen=True, slots=True)
class CardPage:
    """A page of cards, newest first; `after` is the key of the next one."""

    rows: tuple[StoredAccount, ...]
    after: tuple[datetime, UUID] | None


def list_cards(
    actor: Actor,
    *,
    state: str = "",
    q: str = "",
    after: tuple[datetime, UUID] | None = None,
    size: int = PAGE,
) -> CardPage:
    """Gift cards by state and by the whole code or its last four characters. Raises PermissionDenied."""
    actor.require("payments.view_value")
    rows = _in_state(StoredAccount.objects.filter(kind=StoredKind.GIFT_CARD), state)
    if q:
        rows = rows.filter(_search(q))
    if after is not None:
        rows = rows.filter(
            Q(made_at__lt=after[0]) | Q(made_at=after[0], id__lt=after[1]), made_at__lte=after[0]
        )
    found = list(rows.order_by("-made_at", "-id")[: size + 1])
    more = found[size - 1] if len(found) > size else None
    return CardPage(tuple(found[:size]), (more.made_at, more.id) if more is not None else None)


def _in_state(rows: QuerySet[StoredAccount], state: str) -> QuerySet[StoredAccount]:
    day = today(get_tenant().timezone)
    wanted = {
        "usable": Q(balance_minor__gt=0, blocked_at=None) & (Q(expires_on=None) | Q(expires_on__gte=day)),
        "spent": Q(balance_minor=0),
        "blocked": Q(blocked_at__isnull=False),
        "expired": Q(expires_on__lt=day),
    }.get(state)
    return rows if wanted is None else rows.filter(wanted)


def _search(q: str) -> Q:
    code = read_code(q)
    end = "".join(c for c in q.upper() if c.isalnum())[-4:]
    return Q(code_digest=digest_of(code)) if code else Q(code_end=end)


def state_of(account: StoredAccount, day: date) -> str:
    """One of STATES, the most telling first."""
    if account.blocked_at is not None:
        return "blocked"
    if not account.balance_minor:
        return "spent"
    return "expired" if account.expires_on is not None and account.expires_on < day else "usable"


def stored_account(actor: Actor, account_id: UUID) -> StoredAccount:
    """Raises PermissionDenied, NotFound."""
    actor.require("payments.view_value")
    found = StoredAccount.objects.filter(id=account_id).first()
    if found is None:
        raise NotFound
    return found


def entries_of(account: StoredAccount, *, before: UUID | None = None, size: int = PAGE) -> list[StoredEntry]:
    """An account's ledger, newest first."""
    rows = StoredEntry.objects.filter(account=account)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:size])


def credit_of_customer(customer_id: UUID, currency: str) -> Money:
    """What a customer could spend now in a currency; zero where blocked."""
    row = StoredAccount.objects.filter(
        kind=StoredKind.STORE_CREDIT, customer_id=customer_id, currency=currency, blocked_at=None
    ).first()
    return Money(row.balance_minor if row is not None else 0, currency)


def accounts_of_customer(customer_id: UUID) -> Sequence[StoredAccount]:
    """A customer's store credit and the cards made for him."""
    return list(
        StoredAccount.objects.filter(customer_id=customer_id).order_by(
            F("kind").desc(), "currency", "-made_at"
        )[:PAGE]
    )
