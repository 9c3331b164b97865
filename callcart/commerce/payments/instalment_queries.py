"""The worklist of instalments over all orders: due today, overdue, failed, to come. By keyset, in the order of their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from callcart.commerce.payments.dunning import DUNNING, OPEN
from callcart.commerce.payments.models import Instalment, InstalmentState, Payment
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant

PAGE = 50
STANDINGS = ("today", "overdue", "failed", "soon")
SOON = timedelta(days=7)
_ALIVE = [*OPEN, InstalmentState.CLAIMED]


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """An instalment with the order it belongs to."""

    row: Instalment
    payment: Payment

    @property
    def amount(self) -> Money:
        return Money(self.row.amount_minor, self.payment.currency)

    @property
    def by_mandate(self) -> bool:
        """Whether it is charged without the customer."""
        return bool(self.payment.mandate)


@dataclass(frozen=True, slots=True)
class InstalmentPage:
    rows: tuple[InstalmentRow, ...]
    after: tuple[date, UUID] | None


def list_instalments(
    actor: Actor, *, standing: str = "overdue", after: tuple[date, UUID] | None = None, size: int = PAGE
) -> InstalmentPage:
    """Open instalments of plans that have begun, the oldest first. Raises PermissionDenied."""
    actor.require("payments.view")
    rows = _standing(standing).select_related("payment")
    if after is not None:
        rows = rows.filter(Q(due_on__gt=after[0]) | Q(due_on=after[0], id__gt=after[1]), due_on__gte=after[0])
    found = list(rows.order_by("due_on", "id")[: size + 1])
    more = found[size - 1] if len(found) > size else None
    return InstalmentPage(
        tuple(InstalmentRow(row, row.payment) for row in found[:size]),
        (more.due_on, more.id) if more is not None else None,
    )


def count_instalments(standing: str, *, most: int = 10_000) -> int:
    """How many there are, counted up to `most`."""
    return _standing(standing)[: most + 1].count()


def _standing(name: str) -> QuerySet[Instalment]:
    day = today(get_tenant().timezone)
    rows = Instalment.objects.filter(state__in=_ALIVE, amount_minor__gt=0).exclude(
        payment__state__in=["cancelled", "paid"]
    )
    if name == "today":
        return rows.filter(due_on=day)
    if name == "soon":
        return rows.filter(due_on__gt=day, due_on__lte=day + SOON)
    # From the moment a charge has failed, also on its very day.
    overdue = rows.filter(due_on__lte=day).filter(Q(due_on__lt=day) | Q(state=InstalmentState.OVERDUE))
    if name == "failed":  # the whole schedule is through: only a person can help
        return overdue.filter(state=InstalmentState.OVERDUE, step__gte=len(DUNNING))
    return overdue


def plan_of(payment: Payment) -> list[Instalment]:
    """The instalments that count, in their order."""
    rows = Instalment.objects.filter(payment=payment)
    return list(rows.exclude(state=InstalmentState.CANCELLED, amount_minor=0).order_by(F("number").asc()))
