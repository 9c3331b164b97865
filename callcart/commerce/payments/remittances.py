"""A carrier's file of the cash it hands over, taken in once and reconciled line by line against what we expect.

Which order a tracking number belongs to is known above this room: whoever calls gives a `Resolver`. Numbers it does not know are
tried as order numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.utils import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.payments import sheets
from callcart.commerce.payments.models import (
    BankFormat,
    CashState,
    Payment,
    PaymentMethod,
    PaymentState,
    Remittance,
    RemittanceLine,
)
from callcart.commerce.payments.sheets import Layout, Look, Parsed
from callcart.commerce.payments.statements import PORTION
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict
from callcart.core.exchange.declare import Column, Kind, Place
from callcart.core.fields import Fields
from callcart.core.ids import unspoken
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant

COLUMNS = (
    Column("number", gettext_lazy("Tracking or order number"), required=True, names=(
        "tracking", "tracking number", "waybill", "awb", "shipment", "order number", "reference", "运单号", "快递单号", "单号",
        "订单号", "运单编号")),
    Column("amount", gettext_lazy("Cash collected"), Kind.MONEY, required=True, names=(
        "cod", "cod amount", "collected", "amount", "代收货款", "代收金额", "金额", "货款")),
    Column("fee", gettext_lazy("Fee kept"), Kind.MONEY, names=("fee", "cod fee", "charges", "commission", "手续费", "服务费", "代收手续费")),
    Column("status", gettext_lazy("Delivery state"), names=("status", "state", "result", "状态", "签收状态")),
)  # fmt: skip
_REFUSED = frozenset({"refused", "returned", "rto", "rejected", "拒收", "退回", "拒签", "退件"})
_FORMAT = "carrier:"


class KnownRemittance(Conflict):
    """This file was taken in before. Nothing was done twice."""

    code = "payment.remittance_known"


@dataclass(frozen=True, slots=True)
class Parcelled:
    """The order a tracking number belongs to, and whether that parcel came back."""

    order_id: UUID
    came_back: bool = False


Resolver = Callable[[Sequence[str]], Mapping[str, Parcelled]]


@dataclass(frozen=True, slots=True)
class CashIn:
    """What a file brought; rows that could not be read, by number."""

    remittance: Remittance
    known: int
    wrong: Mapping[int, str]


def look_at_remittance(actor: Actor, path: Path, name: str, *, carrier: str) -> Look:
    """A file before it is taken in. Raises UnreadableFile, Invalid, KnownRemittance."""
    actor.require("payments.reconcile")
    seen = sheets.look(path, name, COLUMNS, _layout_of(carrier))
    if Remittance.objects.filter(carrier=carrier.strip(), digest=seen.digest).exists():
        raise KnownRemittance
    return seen


def take_in_remittance(
    actor: Actor,
    path: Path,
    name: str,
    *,
    carrier: str,
    layout: Layout,
    resolve: Resolver,
    reference: str = "",
) -> CashIn:
    """Take a file in: each line once, compared with what its order owes. Nothing is booked yet. Raises Invalid, UnreadableFile,
    KnownRemittance."""
    actor.require("payments.reconcile")
    form = Fields()
    carrier = form.line("carrier", carrier, most=100, required=True)
    reference = form.line("reference", reference, most=200)
    for key in ("number", "amount"):
        if not layout.columns.get(key):
            form.refuse(key, _("Choose the column for this."))
    form.done()
    tenant = get_tenant(current_tenant())
    place = Place(tenant.currency, tenant.timezone, tenant.country, actor.language)
    seen = sheets.look(path, name, COLUMNS, layout)
    made = _remittance(actor, carrier, reference, name, seen.digest, tenant.currency)
    parsed = list(sheets.rows(path, name, COLUMNS, layout, seen.heading_row, place))
    wrong = _wrong(parsed)
    lines = _lines(
        made, [each for each in parsed if each.row not in wrong and "number" in each.values], resolve
    )
    fresh = _keep_new(lines)
    made.lines_new, made.lines_known = fresh, len(lines) - fresh
    made.save(update_fields=["lines_new", "lines_known"])
    BankFormat.objects.update_or_create(
        account=_FORMAT + carrier, defaults={"mapping": layout.plain(), "changed_at": now()}
    )
    audit.record(
        actor,
        "payments.take_in_remittance",
        subject=("remittance", made.id),
        after={"carrier": carrier, "file": name[:200], "new": fresh, "known": made.lines_known},
    )
    return CashIn(made, made.lines_known, wrong)


def _layout_of(carrier: str) -> Layout:
    found = BankFormat.objects.filter(account=_FORMAT + carrier.strip()).first()
    return Layout.of(found.mapping) if found else Layout()


def _remittance(
    actor: Actor, carrier: str, reference: str, name: str, digest: str, currency: str
) -> Remittance:
    try:
        with transaction.atomic():
            return Remittance.objects.create(
                carrier=carrier,
                reference=reference,
                file_name=name[:200],
                digest=digest,
                currency=currency,
                made_at=now(),
                made_by_name=actor.name,
            )
    except IntegrityError:
        raise KnownRemittance from None


def _wrong(parsed: Iterable[Parsed]) -> dict[int, str]:
    wrong: dict[int, str] = {}
    for each in parsed:
        if each.problems:
            wrong[each.row] = next(iter(each.problems.values()))
        elif "number" not in each.values and "amount" in each.values:
            continue  # a total at the end
        elif int(each.values.get("amount", 0)) < 0:
            wrong[each.row] = _("The amount is below zero.")
        elif "amount" not in each.values and not _is_refused(each):
            wrong[each.row] = _("The amount is missing.")
    return wrong


def _is_refused(row: Parsed) -> bool:
    return str(row.values.get("status", "")).strip().casefold() in _REFUSED


def _lines(made: Remittance, parsed: Sequence[Parsed], resolve: Resolver) -> list[RemittanceLine]:
    numbers = [str(each.values["number"]).strip() for each in parsed]
    found = _payments(numbers, resolve)
    lines = []
    taken: set[UUID] = set()
    for each, number in zip(parsed, numbers, strict=True):
        payment, came_back = found.get(number, (None, False))
        amount = int(each.values.get("amount", 0))
        line = RemittanceLine(
            remittance=made,
            key=sheets.line_key(made.carrier, number, amount),
            row=each.row,
            number=number[:100],
            amount_minor=amount,
            fee_minor=abs(int(each.values.get("fee", 0))),
            currency=made.currency,
            payment=payment,
            changed_at=now(),
        )
        again = payment is not None and payment.id in taken
        compare(line, payment, refused=came_back or _is_refused(each), again=again)
        if payment is not None:
            taken.add(payment.id)
        lines.append(line)
    return lines


def compare(line: RemittanceLine, payment: Payment | None, *, refused: bool, again: bool = False) -> None:
    """What a line is against what its order owes. `again`: an earlier line of the file was for the same order."""
    if payment is None or payment.currency != line.currency:
        line.state, line.payment = CashState.UNKNOWN, None
        return
    line.expected_minor = max(payment.amount_minor - payment.captured_minor, 0)
    if payment.state == PaymentState.CANCELLED or refused:
        line.state = CashState.REFUSED
    elif again or line.expected_minor == 0 or payment.method != PaymentMethod.COD:
        line.state = CashState.ALREADY
    elif line.amount_minor == line.expected_minor:
        line.state = CashState.MATCHED
    else:
        line.state = CashState.DIFFERS


def _payments(numbers: Sequence[str], resolve: Resolver) -> dict[str, tuple[Payment, bool]]:
    """By the number in the file: the payment, and whether its parcel came back."""
    found: dict[str, tuple[Payment, bool]] = {}
    for start in range(0, len(numbers), PORTION):
        portion = numbers[start : start + PORTION]
        parcels = resolve(portion)
        rows = Payment.objects.filter(order_id__in={each.order_id for each in parcels.values()})
        by_order = {row.order_id: row for row in rows}
        plain = {unspoken(number): number for number in portion if number not in parcels and unspoken(number)}
        for number, parcel in parcels.items():
            if parcel.order_id in by_order:
                found[number] = (by_order[parcel.order_id], parcel.came_back)
        for row in Payment.objects.filter(order_number__in=plain):
            found[plain[row.order_number]] = (row, False)
    return found


def _keep_new(lines: Sequence[RemittanceLine]) -> int:
    kept = 0
    for start in range(0, len(lines), PORTION):
        portion = lines[start : start + PORTION]
        RemittanceLine.objects.bulk_create(portion, ignore_conflicts=True)
        kept += RemittanceLine.objects.filter(id__in=[line.id for line in portion]).count()
    return kept
