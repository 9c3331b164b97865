"""The next number of a series. Its row is locked until the transaction ends: who comes second waits, and a number whose
transaction is rolled back is given to the next. So there is no gap and no double, and a later number never has an earlier day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.commerce.invoicing.models import Kind, Seller
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.tenancy import current_tenant

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Taken:
    """A number that is ours if the transaction commits."""

    series_id: UUID
    position: int
    number: str
    at: datetime


def code_of(seller: Seller, kind: Kind, moment: datetime, timezone: str) -> str:
    """The series a document of this moment belongs to: the prefix, and the year where each year begins anew."""
    prefix = seller.invoice_prefix if kind is Kind.INVOICE else seller.credit_prefix
    return f"{prefix}-{moment.astimezone(ZoneInfo(timezone)).year}" if seller.by_year else prefix


def hold_series(seller: Seller, timezone: str) -> None:
    """For a transaction that issues both an invoice and a credit note: lock the invoices' series first, as everybody does."""
    code = code_of(seller, Kind.INVOICE, now(), timezone)
    _make(code, Kind.INVOICE)
    raw.run(
        "SELECT FROM invoicing_series WHERE tenant_id = %s AND code = %s FOR UPDATE", (current_tenant(), code)
    )


def _make(code: str, kind: Kind) -> None:
    raw.run(
        "INSERT INTO invoicing_series (id, tenant_id, code, kind, last) VALUES (%s, %s, %s, %s, 0)"
        " ON CONFLICT (tenant_id, code) DO NOTHING",
        (new_id(), current_tenant(), code, kind),
    )


def take_number(seller: Seller, kind: Kind, timezone: str) -> Taken:
    """Take the next number; the last lock a transaction takes, and held the shortest."""
    code = code_of(seller, kind, now(), timezone)
    _make(code, kind)
    # Two clerks' clocks may differ: the day never goes back.
    row = raw.one(
        "UPDATE invoicing_series SET last = last + 1, last_at = greatest(last_at, %s)"
        " WHERE tenant_id = %s AND code = %s RETURNING id, last, last_at",
        (now(), current_tenant(), code),
    )
    if row is None:
        raise LookupError(code)
    series_id, position, moment = row
    return Taken(UUID(str(series_id)), position, f"{code}-{position:0{_DIGITS}d}", moment)
