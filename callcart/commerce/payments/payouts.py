"""A gateway's payout file held against the books of its till: which receipts it paid, which it left out, what it kept, and what it holds
that we know nothing of. It counts the till's day and explains the fee; the rest is for a person to explain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.payments import sheets
from callcart.commerce.payments.models import DifferenceKind, TillDifference, TillEntry, TillKind
from callcart.commerce.payments.settlement import count_till, explain_till
from callcart.commerce.payments.sheets import Layout, Look, Parsed
from callcart.commerce.payments.tills import TillRef
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.exchange.declare import Column, Kind, Place
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant

COLUMNS = (
    Column("reference", gettext_lazy("Payment reference"), required=True, names=(
        "reference", "payment", "payment id", "transaction id", "charge", "charge id", "source", "id", "交易号", "支付流水号", "商户订单号")),
    Column("amount", gettext_lazy("Amount, signed"), Kind.MONEY, required=True, names=("amount", "gross", "金额", "交易金额", "收入")),
    Column("fee", gettext_lazy("Fee kept"), Kind.MONEY, names=("fee", "fees", "手续费", "服务费")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payout:
    """What a file says against the day's books. `missing` are receipts it does not pay, `unknown` references that are not ours."""

    paid: Money
    fees: Money
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def net(self) -> Money:
        return self.paid - self.fees


def look_at_payout(actor: Actor, path: Path, name: str) -> Look:
    """A file before it is taken. Raises UnreadableFile, Invalid."""
    actor.require("payments.settle")
    return sheets.look(path, name, COLUMNS, Layout())


def take_payout(actor: Actor, path: Path, name: str, *, gateway: str, day: date, layout: Layout) -> Payout:
    """Count a gateway's day by its payout file: what it paid out less its fees, the fees explained. Taking it again counts again, and
    explains the fees once. Raises PermissionDenied above the actor's limit for the fees, Invalid, UnreadableFile, DayClosed."""
    actor.require("payments.settle")
    tenant = get_tenant(current_tenant())
    place = Place(tenant.currency, tenant.timezone, tenant.country, actor.language)
    seen = sheets.look(path, name, COLUMNS, layout)
    parsed = list(sheets.rows(path, name, COLUMNS, layout, seen.heading_row, place))
    _refuse_unreadable(parsed)
    found = _against(parsed, gateway, day, tenant.currency)
    till = TillRef(TillKind.GATEWAY, gateway)
    count_till(actor, till, day, counted=found.net)
    reason = f"{name[:100]} {seen.digest[:12]}"
    known = TillDifference.objects.filter(
        till_day__till_kind=till.kind, till_day__holder=gateway, till_day__day=day, reason=reason
    )
    if found.fees and not known.exists():
        explain_till(actor, till, day, amount=-found.fees, kind=DifferenceKind.FEE, reason=reason)
    return found


def _refuse_unreadable(parsed: Iterable[Parsed]) -> None:
    """A payout is counted as a whole: a row that cannot be read would count it wrong."""
    for row in parsed:
        if row.problems:
            problem = next(iter(row.problems.values()))
            raise Invalid(
                fields={"file": _("Row %(row)s: %(problem)s") % {"row": row.row, "problem": problem}}
            )


def _against(parsed: Iterable[Parsed], gateway: str, day: date, currency: str) -> Payout:
    # by the till's entries, not by receipts: one visit may have several, since its order was split
    entries = TillEntry.objects.filter(
        till_kind=TillKind.GATEWAY, holder=gateway, day=day, currency=currency, receipt__isnull=False
    )
    by_visit = entries.order_by().values_list("receipt__reference").annotate(total=Sum("amount_minor"))
    booked: dict[str, int] = dict(by_visit.exclude(total=0))
    said: dict[str, int] = {}
    fees = 0
    for row in parsed:
        reference = str(row.values.get("reference", "")).strip()
        if reference and "amount" in row.values:  # else a total at the end
            said[reference] = said.get(reference, 0) + int(row.values["amount"])
            fees += abs(int(row.values.get("fee", 0)))
    return Payout(
        paid=Money(sum(said.values()), currency),
        fees=Money(fees, currency),
        missing=tuple(sorted(set(booked) - set(said))),
        unknown=tuple(sorted(each for each in set(said) - set(booked) if said[each] > 0)),
        differing=tuple(sorted(each for each in set(said) & set(booked) if said[each] != booked[each])),
    )
