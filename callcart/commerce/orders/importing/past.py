"""An order of a file as it will be kept: read from its rows, with everything that is wrong of it. Nothing is written here.

Life and dates are the file's; money and goods are what its payments and parcels say. An order that ended (`closed`) without a
word about its money or its parcel counts as paid and delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.commerce.catalog.public import Variant
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments.public import PaymentMethod
from callcart.commerce.payments.takeover import UNKNOWN, PastReceipt
from callcart.commerce.shipping.public import ParcelState
from callcart.core.clock import now
from callcart.core.exchange.public import Problem, Row, Unit
from callcart.core.exchange.values import folded
from callcart.core.money import Money

# The way other systems say it → ours; every other word is kept as it is.
_WAYS = {
    "cash": "cash", "现金": "cash", "banktransfer": "bank_transfer", "transfer": "bank_transfer", "wire": "bank_transfer",
    "银行转账": "bank_transfer", "转账": "bank_transfer", "cheque": "cheque", "check": "cheque", "支票": "cheque", "cod": "cod",
    "cashondelivery": "cod", "货到付款": "cod",
}  # fmt: skip
_SENT = {"shipped", "closed"}


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line: what, how many, for how much each."""

    sku: str
    name: str
    quantity: int
    unit_minor: int
    row_id: int


@dataclass(slots=True)
class PastOrder:
    """An order to be. `state` is the life it gets; `reports` what is known of its parcel."""

    number: str
    placed_at: datetime
    state: OrderState
    values: Mapping[str, Any]
    currency: str
    lines: list[PastLine] = field(default_factory=list)
    receipts: list[PastReceipt] = field(default_factory=list)
    reports: list[tuple[ParcelState, datetime]] = field(default_factory=list)
    carrier: str = ""
    tracking: str = ""
    goods_minor: int = 0
    delivery_minor: int = 0
    instalments: int = 0
    method: PaymentMethod = PaymentMethod.PREPAID
    customer_id: UUID | None = None
    ended_at: datetime | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        return self.goods_minor + self.delivery_minor

    @property
    def is_open(self) -> bool:
        """Whether it still wants goods."""
        return self.state is not OrderState.CANCELLED and not self.reports


def read_unit(unit: Unit, currency: str) -> PastOrder:
    """The order that a unit's rows describe."""
    values = unit.values
    said = str(values.get("state", "closed" if values.get("delivered_at") else "placed"))
    life = {"shipped": OrderState.CONFIRMED}.get(said) or OrderState(said)
    placed_at = _moment(values["placed_at"]) if values.get("placed_at") else now()
    order = PastOrder(str(values["number"]), placed_at, life, values, currency)
    if not values.get("placed_at"):
        order.problems.append(Problem(_("Please fill this in."), "placed_at"))
    _read_lines(order, unit)
    _read_payments(order, unit)
    _read_parcel(order, unit, sent=said in _SENT)
    _check(order)
    return order


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def _read_lines(order: PastOrder, unit: Unit) -> None:
    freight = 0
    for row in unit.rows:
        if row.sheet not in ("orders", "items") or not row.values.get("sku"):
            continue
        if "unit" not in row.values:
            order.problems.append(Problem(_("Please fill this in."), "unit", row.id))
            continue
        line = row.values
        order.lines.append(
            PastLine(line["sku"], line.get("product", ""), line.get("quantity", 1), line["unit"], row.id)
        )
        freight += line.get("freight", 0)
    order.goods_minor = sum(line.quantity * line.unit_minor for line in order.lines)
    order.delivery_minor = order.values.get("delivery", freight)
    if not order.lines:
        order.problems.append(Problem(_("This order has no lines."), "sku"))


def _read_payments(order: PastOrder, unit: Unit) -> None:
    for row in unit.rows:
        values = row.values
        if row.sheet not in ("orders", "payments") or not values.get("amount"):
            continue
        order.instalments = max(order.instalments, values.get("instalments", 0))
        order.receipts.append(_receipt(order, row))
    order.instalments = max(order.instalments, order.values.get("instalments", 0))
    if order.values.get("method"):
        order.method = PaymentMethod(order.values["method"])
    elif any(receipt.way == "cod" for receipt in order.receipts):
        order.method = PaymentMethod.COD
    if order.instalments >= 2 and order.method is PaymentMethod.PREPAID:
        order.method = PaymentMethod.INSTALMENTS
    if order.method is PaymentMethod.INSTALMENTS and order.instalments < 2:
        order.instalments = 2
    if order.state is OrderState.CLOSED and not order.receipts and order.total_minor:
        way = "cod" if order.method is PaymentMethod.COD else UNKNOWN
        order.receipts.append(PastReceipt(way, order.total_minor, order.placed_at))


def _receipt(order: PastOrder, row: Row) -> PastReceipt:
    values = row.values
    word = str(values.get("way", "")).strip()
    way = _WAYS.get(folded(word)) or word.casefold() or UNKNOWN
    said = values.get("paid_at") or order.values.get("confirmed_at")
    at = _moment(said) if said else order.placed_at
    return PastReceipt(way, values["amount"], at, str(values.get("reference", "")))


def _read_parcel(order: PastOrder, unit: Unit, *, sent: bool) -> None:
    if order.state is OrderState.CANCELLED:
        order.ended_at = _moment(order.values.get("cancelled_at") or order.placed_at.isoformat())
        return
    rows = [row for row in unit.rows if row.sheet == "parcels"] or [unit.lead]
    dates: dict[ParcelState, datetime] = {}
    for row in rows:
        for key, state in (("shipped_at", ParcelState.HANDED_OVER), ("delivered_at", ParcelState.DELIVERED)):
            if row.values.get(key):
                dates[state] = max(dates.get(state, _moment(row.values[key])), _moment(row.values[key]))
        order.carrier = order.carrier or str(row.values.get("carrier", ""))
        order.tracking = order.tracking or str(row.values.get("tracking", ""))
    latest = max([order.placed_at, *dates.values()])
    if order.state is OrderState.CLOSED and ParcelState.DELIVERED not in dates:
        dates[ParcelState.DELIVERED] = latest
    elif sent and not dates:
        dates[ParcelState.HANDED_OVER] = latest
    order.reports = sorted(dates.items(), key=lambda each: each[1])
    if order.state is OrderState.CLOSED:
        order.ended_at = max([latest, *(receipt.received_at for receipt in order.receipts)])


def _check(order: PastOrder) -> None:
    """Totals are checked, never repaired: a file that does not add up is one somebody has to look at."""
    total = order.values.get("total")
    if total is not None and order.lines and total != order.total_minor:
        order.problems.append(
            Problem(
                _("The total is %(said)s, but lines and delivery come to %(sum)s.")
                % {"said": _plain(order, total), "sum": _plain(order, order.total_minor)},
                "total",
            )
        )
    paid = sum(receipt.amount_minor for receipt in order.receipts)
    if order.lines and paid > order.total_minor:
        said = _("Its payments come to %(paid)s, more than its total of %(sum)s.")
        order.problems.append(
            Problem(said % {"paid": _plain(order, paid), "sum": _plain(order, order.total_minor)}, "amount")
        )
    if order.reports and order.state in (OrderState.PLACED, OrderState.ON_HOLD):
        order.problems.append(Problem(_("An order that was not confirmed cannot have been sent."), "state"))
    if not order.number.isprintable() or " " in order.number:
        order.problems.append(Problem(_("A number holds no blanks."), "number"))


def _plain(order: PastOrder, minor: int) -> str:
    return str(Money(minor, order.currency).decimal)


def missing_goods(orders: list[PastOrder], known: Mapping[str, Variant]) -> dict[str, tuple[str, int]]:
    """SKUs of lines that the catalogue does not have, with a name and a price for each."""
    found: dict[str, tuple[str, int]] = {}
    for order in orders:
        for line in order.lines:
            if line.sku not in known and line.sku not in found:
                found[line.sku] = (line.name, line.unit_minor)
    return found
