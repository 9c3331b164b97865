"""Orders that are not paid in full: the worklist with its ages, what customers promised, and who is to call them.

What is paid on delivery is not here: the carrier owes that (`owed_by_carriers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import Payment, PaymentMethod, PaymentState
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now, today
from callcart.core.errors import Conflict
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant
from callcart.people.tasks import public as tasks
from callcart.people.tenants.public import get_tenant

OPEN = (PaymentState.DUE, PaymentState.PART_PAID)
COLLECT = "collect"
MOST_AT_ONCE = 500
LONGEST_PROMISE = timedelta(days=180)
# The age of a debt in days: first and last of each bucket.
AGES: dict[str, tuple[int, int | None]] = {
    "d2": (0, 2),
    "d7": (3, 7),
    "d14": (8, 14),
    "d30": (15, 30),
    "older": (31, None),
}


tasks.declare(
    COLLECT,
    label=gettext_lazy("Ask for payment"),
    sentence=gettext_lazy("Order %(number)s: %(amount)s not paid"),
    link="office:order",
    permission="payments.send_link",
    calls=True,
)


class NotOwed(Conflict):
    """Nothing is owed for this order any more."""

    code = "payment.not_owed"


@dataclass(frozen=True, slots=True)
class UnpaidFilters:
    """`promised`: `yes`, `no`, or `broken` for days gone by. Amounts in minor units of what is missing."""

    method: str = ""
    age: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    agent_id: UUID | None = None
    promised: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many orders of an age there are, and what is missing for them, in one currency."""

    age: str
    count: int
    missing: Money


def list_unpaid(
    actor: Actor, filters: UnpaidFilters, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Payment]:
    """The oldest debts first."""
    actor.require("payments.view")
    rows = _filtered(filters)
    if after is not None:
        rows = rows.filter(
            Q(made_at__gt=after[0]) | Q(made_at=after[0], id__gt=after[1]), made_at__gte=after[0]
        )
    return list(rows.order_by("made_at", "id")[:limit])


def unpaid_by_age(actor: Actor, currency: str) -> list[Bucket]:
    """All that is owed, by its age."""
    actor.require("payments.view")
    rows = Payment.objects.filter(state__in=OPEN, currency=currency)
    sums = rows.aggregate(
        **{f"{age}_n": Count("id", filter=_aged(age)) for age in AGES},
        **{f"{age}_m": Sum(F("amount_minor") - F("captured_minor"), filter=_aged(age)) for age in AGES},
    )
    return [Bucket(age, sums[f"{age}_n"], Money(int(sums[f"{age}_m"] or 0), currency)) for age in AGES]


def _filtered(filters: UnpaidFilters) -> QuerySet[Payment]:
    rows = Payment.objects.filter(state__in=OPEN)
    if filters.method in set(PaymentMethod):
        rows = rows.filter(method=filters.method)
    if filters.age in AGES:
        rows = rows.filter(_aged(filters.age))
    if filters.agent_id is not None:
        rows = rows.filter(taken_by=filters.agent_id)
    missing = ExpressionWrapper(F("amount_minor") - F("captured_minor"), output_field=BigIntegerField())
    if filters.least_minor is not None:
        rows = rows.alias(missing=missing).filter(missing__gte=filters.least_minor)
    if filters.most_minor is not None:
        rows = rows.alias(missing=missing).filter(missing__lte=filters.most_minor)
    if filters.promised:
        rows = rows.filter(_promised(filters.promised))
    return rows


def _promised(which: str) -> Q:
    if which == "yes":
        return Q(promised_on__isnull=False)
    if which == "broken":
        return Q(promised_on__lt=today(get_tenant(current_tenant()).timezone))
    return Q(promised_on__isnull=True)


def _aged(age: str) -> Q:
    first, last = AGES[age]
    moment = now()
    condition = Q(made_at__lte=moment - timedelta(days=first)) if first else Q()
    return condition & Q(made_at__gt=moment - timedelta(days=last + 1)) if last is not None else condition


def promise(actor: Actor, order_id: UUID, *, on: date | None, note: str = "") -> Payment:
    """The customer said when they will pay; None takes it back. Raises NoPayment, Invalid, NotOwed."""
    actor.require("payments.send_link")
    form = Fields()
    note = form.line("note", note, most=200)
    day = today(get_tenant(current_tenant()).timezone)
    if on is not None and not day <= on <= day + LONGEST_PROMISE:
        form.refuse("on", _("Give a day from today on, in the next half year."))
    form.done()
    payment = ledger.locked(order_id=order_id)
    if payment.state not in OPEN:
        raise NotOwed
    before = payment.promised_on
    payment.promised_on, payment.promise_note = on, note
    payment.save(update_fields=["promised_on", "promise_note"])
    audit.record(
        actor,
        "payments.promise",
        subject=("payment", payment.id),
        before={"promised_on": before},
        after={"promised_on": on, "note": note},
    )
    return payment


def call_for(actor: Actor, order_ids: Sequence[UUID]) -> int:
    """Put orders on the call list: a task to phone the customer for each; how many there are. Orders on it already stay."""
    actor.require("payments.send_link")
    rows = _chosen(order_ids)
    for row in rows:
        data = {"number": row.order_number, "amount": Money(row.missing_minor, row.currency).format()}
        tasks.open_task(COLLECT, subject=("order", row.order_id), customer_id=row.customer_id, data=data)
    _note(actor, "payments.call_for", rows)
    return len(rows)


def ask_to_pay(actor: Actor, order_ids: Sequence[UUID]) -> int:
    """Have the link to pay by sent to customers, by whatever reaches them; how many were asked. The event says which."""
    actor.require("payments.send_link")
    rows = _chosen(order_ids)
    for row in rows:
        events.emit("payments.link_wanted", subject=("order", row.order_id), data={"order_id": row.order_id})
    _note(actor, "payments.ask_to_pay", rows)
    return len(rows)


def _chosen(order_ids: Sequence[UUID]) -> list[Payment]:
    return list(
        Payment.objects.filter(order_id__in=list(order_ids)[:MOST_AT_ONCE], state__in=OPEN).order_by("id")
    )


def _note(actor: Actor, action: str, rows: Sequence[Payment]) -> None:
    audit.record(actor, action, after={"orders": [row.order_number for row in rows]})


@dataclass(frozen=True, slots=True)
class CarrierDebt:
    """What one carrier collected and has not handed over, in one currency, and since when."""

    carrier: str
    count: int
    amount: Money
    oldest: datetime | None


def owed_by_carriers(actor: Actor) -> list[CarrierDebt]:
    """Carriers with our cash, the largest sum first."""
    actor.require("payments.view")
    rows = (
        Payment.objects.filter(state=PaymentState.COLLECTED)
        .values("carrier", "currency")
        .annotate(
            n=Count("id"), missing=Sum(F("amount_minor") - F("captured_minor")), oldest=Min("collected_at")
        )
        .order_by("-missing", "carrier")
    )
    return [
        CarrierDebt(row["carrier"], row["n"], Money(int(row["missing"]), row["currency"]), row["oldest"])
        for row in rows
    ]


def carried_orders(
    actor: Actor, *, carrier: str | None = None, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Payment]:
    """Orders whose cash a carrier has, the oldest first."""
    actor.require("payments.view")
    rows = Payment.objects.filter(state=PaymentState.COLLECTED)
    if carrier is not None:
        rows = rows.filter(carrier=carrier)
    if after is not None:
        rows = rows.filter(
            Q(collected_at__gt=after[0]) | Q(collected_at=after[0], id__gt=after[1]),
            collected_at__gte=after[0],
        )
    return list(rows.order_by("collected_at", "id")[:limit])
