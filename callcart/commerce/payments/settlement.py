"""The day of a till: what the books say came in against what was counted, paid out or handed over, with every difference explained.

Closing a day freezes it. Money that is booked later, a voided receipt too, goes into the next open day (`tills`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from callcart.commerce.payments.models import (
    DifferenceKind,
    RemittanceLine,
    TillDay,
    TillDifference,
    TillEntry,
    TillKind,
)
from callcart.commerce.payments.sources import REMITTANCE_LINE
from callcart.commerce.payments.tills import TillRef, lock
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now, today
from callcart.core.errors import Conflict, Invalid
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant


class DayClosed(Conflict):
    """This day is closed. What is booked now goes into the next one."""

    code = "payment.day_closed"


class Unexplained(Conflict):
    """%(amount)s of the difference is not explained yet."""

    code = "payment.unexplained"


class NotCounted(Conflict):
    """Say first what was counted or paid out."""

    code = "payment.not_counted"


class DayNotOver(Conflict):
    """This day has not begun yet."""

    code = "payment.day_not_over"


@dataclass(frozen=True, slots=True)
class TillSum:
    """A till on a day, in one currency. `expected` is what its entries come to; `reported` what a carrier's files say it handed over,
    where there are any."""

    till: TillRef
    day: date
    taken: Money
    given: Money
    expected: Money
    counted: Money | None
    reported: Money | None
    explained: Money
    closed_at: str
    closed_by_name: str
    day_id: UUID | None
    differences: tuple[TillDifference, ...]

    @property
    def difference(self) -> Money | None:
        """Counted above expected; below zero where money is missing."""
        return None if self.counted is None else self.counted - self.expected

    @property
    def unexplained(self) -> Money | None:
        found = self.difference
        return None if found is None else found - self.explained

    @property
    def is_closed(self) -> bool:
        return bool(self.closed_at)


def tills_of_day(actor: Actor, day: date) -> list[TillSum]:
    """Every till with entries or a count on a day."""
    actor.require("payments.view")
    sums = _sums(day)
    days = {
        (row.till_kind, row.holder, row.currency): row
        for row in TillDay.objects.filter(day=day).prefetch_related("differences")
    }
    reported = _reported(day)
    keys = sorted({*sums, *days})
    return [_till_sum(day, key, sums.get(key, (0, 0)), days.get(key), reported.get(key)) for key in keys]


Key = tuple[str, str, str]


def _sums(day: date, till: TillRef | None = None) -> dict[Key, tuple[int, int]]:
    rows = TillEntry.objects.filter(day=day)
    if till is not None:
        rows = rows.filter(till_kind=till.kind, holder=till.holder)
    found = rows.values("till_kind", "holder", "currency").annotate(
        taken=Sum("amount_minor", filter=Q(amount_minor__gt=0)),
        given=Sum("amount_minor", filter=Q(amount_minor__lt=0)),
    )
    return {
        (row["till_kind"], row["holder"], row["currency"]): (int(row["taken"] or 0), int(row["given"] or 0))
        for row in found
    }


def _reported(day: date) -> dict[Key, int]:
    """What carriers' files say they handed over for the receipts of a day: collected, less the fee they kept."""
    entries = TillEntry.objects.filter(
        day=day, till_kind=TillKind.CARRIER, amount_minor__gt=0, receipt__source_kind=REMITTANCE_LINE
    ).values_list("receipt__source_id", "holder", "currency")
    where = {
        source: (str(TillKind.CARRIER), holder, currency)
        for source, holder, currency in entries
        if source is not None
    }
    found: dict[Key, int] = {}
    for line in RemittanceLine.objects.filter(id__in=list(where)):
        key = where[line.id]
        found[key] = found.get(key, 0) + line.amount_minor - line.fee_minor
    return found


def _till_sum(
    day: date, key: Key, sums: tuple[int, int], row: TillDay | None, reported: int | None
) -> TillSum:
    kind, holder, currency = key
    differences = tuple(row.differences.all()) if row else ()
    expected = sums[0] + sums[1]
    if row is not None and row.closed_at is not None and row.expected_minor is not None:
        expected = row.expected_minor
    return TillSum(
        till=TillRef(TillKind(kind), holder),
        day=day,
        taken=Money(sums[0], currency),
        given=Money(sums[1], currency),
        expected=Money(expected, currency),
        counted=Money(row.counted_minor, currency) if row and row.counted_minor is not None else None,
        reported=Money(reported, currency) if reported is not None else None,
        explained=Money(sum(each.amount_minor for each in differences), currency),
        closed_at=row.closed_at.isoformat() if row and row.closed_at else "",
        closed_by_name=row.closed_by_name if row else "",
        day_id=row.id if row else None,
        differences=differences,
    )


def count_till(actor: Actor, till: TillRef, day: date, *, counted: Money) -> TillDay:
    """What was counted in a till, or what a gateway, bank or carrier paid out for the day. Raises Invalid, DayClosed, DayNotOver."""
    actor.require("payments.settle")
    if abs(counted.minor) >= 10**14:
        raise Invalid(fields={"counted": _("Give an amount, such as 12.50.")})
    row = _open(till, day, counted.currency)
    before, row.counted_minor, row.changed_at = row.counted_minor, counted.minor, now()
    row.save(update_fields=["counted_minor", "changed_at"])
    _note(actor, "payments.count_till", row, {"counted_minor": before}, {"counted_minor": counted.minor})
    return row


def explain_till(
    actor: Actor, till: TillRef, day: date, *, amount: Money, kind: str, reason: str
) -> TillDifference:
    """Explain a part of what was counted above (positive) or below (negative) what was expected. Raises PermissionDenied above the
    actor's limit, Invalid, DayClosed."""
    actor.require("payments.explain", amount=abs(amount.minor))
    form = Fields()
    form.choice("kind", kind, DifferenceKind)
    reason = form.block("reason", reason, most=500, required=True)
    if not amount.minor:
        form.refuse("amount", _("Give an amount other than zero."))
    form.done()
    row = _open(till, day, amount.currency)
    made = TillDifference.objects.create(
        till_day=row, kind=kind, amount_minor=amount.minor, reason=reason, by_name=actor.name
    )
    _note(actor, "payments.explain_till", row, {}, {"amount_minor": amount.minor, "kind": kind}, reason)
    return made


def take_back_explanation(actor: Actor, difference_id: UUID) -> None:
    """An explanation of an open day was wrong. A second call changes nothing. Raises DayClosed."""
    actor.require("payments.settle")
    found = TillDifference.objects.select_related("till_day").filter(id=difference_id).first()
    if found is None:
        return
    day = found.till_day
    row = _open(TillRef(TillKind(day.till_kind), day.holder), day.day, day.currency)
    gone, _each = TillDifference.objects.filter(id=difference_id).delete()
    if gone:
        _note(actor, "payments.take_back_explanation", row, {"amount_minor": found.amount_minor}, {})


def close_day(actor: Actor, till: TillRef, day: date, *, currency: str) -> TillDay:
    """Freeze a till's day: nothing is booked on it any more. Raises NotCounted, Unexplained, DayClosed, DayNotOver."""
    actor.require("payments.settle")
    row = _open(till, day, currency, alone=True)
    if row.counted_minor is None:
        raise NotCounted
    taken, given = _sums(day, till).get((till.kind, till.holder, currency), (0, 0))
    expected = taken + given
    explained = int(row.differences.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    left = row.counted_minor - expected - explained
    if left:
        raise Unexplained(amount=Money(left, currency).format(actor.language))
    row.expected_minor, row.closed_at, row.closed_by_name = expected, now(), actor.name
    row.save(update_fields=["expected_minor", "closed_at", "closed_by_name"])
    after = {"expected_minor": expected, "counted_minor": row.counted_minor}
    _note(actor, "payments.close_day", row, {}, after)
    return row


def _open(till: TillRef, day: date, currency: str, *, alone: bool = False) -> TillDay:
    """The day's row under lock; made at first use. The till's lock comes first, so that closing and entering do not cross."""
    if day > today(get_tenant(current_tenant()).timezone):
        raise DayNotOver
    lock(till, alone=alone)
    with transaction.atomic():
        row, _made = TillDay.objects.get_or_create(
            till_kind=till.kind, holder=till.holder, day=day, currency=currency
        )
    row = TillDay.objects.select_for_update(no_key=True).get(id=row.id)
    if row.closed_at is not None:
        raise DayClosed
    return row


def _note(
    actor: Actor,
    action: str,
    row: TillDay,
    before: Mapping[str, object],
    after: Mapping[str, object],
    reason: str = "",
) -> None:
    about = {"till": f"{row.till_kind} {row.holder}", "day": row.day.isoformat()}
    audit.record(
        actor, action, subject=("till_day", row.id), before=before, after={**about, **after}, reason=reason
    )


def open_differences(rows: Sequence[TillSum]) -> int:
    """How many tills of a day still need somebody: not counted, or not explained."""
    return sum(not row.is_closed for row in rows)
