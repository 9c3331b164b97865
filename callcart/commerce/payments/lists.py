"""Lists of the money pages: receipts, refunds, lines of statements and remittances. Keyset paging, each order with an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from callcart.commerce.payments.models import (
    CashState,
    LineState,
    Payment,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
    Remittance,
    RemittanceLine,
    Statement,
    StatementLine,
)
from callcart.commerce.payments.refund import BY_HAND
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.ids import unspoken

OPEN_REFUNDS = (RefundState.DUE, RefundState.IN_FLIGHT, RefundState.FAILED)
OPEN_CASH = (
    CashState.MATCHED,
    CashState.DIFFERS,
    CashState.UNKNOWN,
    CashState.ALREADY,
    CashState.REFUSED,
)
After = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class ReceiptFilters:
    """`text`: a receipt's or order's number, or a reference, whole. `state`: `void`, `valid` or empty."""

    method: str = ""
    since: datetime | None = None
    until: datetime | None = None
    state: str = ""
    text: str = ""


def list_receipts(
    actor: Actor, filters: ReceiptFilters, *, after: After | None = None, limit: int = 50
) -> list[Receipt]:
    """The newest first."""
    actor.require("payments.view")
    rows = Receipt.objects.all()
    if filters.method in set(ReceiptMethod):
        rows = rows.filter(method=filters.method)
    if filters.since is not None:
        rows = rows.filter(received_at__gte=filters.since)
    if filters.until is not None:
        rows = rows.filter(received_at__lt=filters.until)
    if filters.state:
        rows = rows.filter(voided_at__isnull=filters.state != "void")
    if filters.text:
        number = unspoken(filters.text) or filters.text
        rows = rows.filter(Q(number=number) | Q(order_number=number) | Q(reference=filters.text))
    if after is not None:
        rows = rows.filter(
            Q(received_at__lt=after[0]) | Q(received_at=after[0], id__lt=after[1]), received_at__lte=after[0]
        )
    return list(rows.order_by("-received_at", "-id")[:limit])


def get_receipt(actor: Actor, receipt_id: UUID) -> Receipt:
    """Raises NotFound."""
    actor.require("payments.view")
    found = Receipt.objects.filter(id=receipt_id).first()
    if found is None:
        raise NotFound
    return found


def receipts_of(payment: Payment) -> list[Receipt]:
    """All receipts of an order's payment, void ones too, the oldest first."""
    return list(Receipt.objects.filter(payment=payment).order_by("received_at", "id"))


def _refunds(which: str) -> QuerySet[Refund]:
    rows = Refund.objects.filter(state__in=OPEN_REFUNDS)
    if which == "pay_out":
        return rows.filter(way__in=BY_HAND, state__in=[RefundState.DUE, RefundState.IN_FLIGHT])
    if which == "due":
        return rows.filter(state=RefundState.DUE)
    if which == "failed":
        return rows.filter(state=RefundState.FAILED)
    if which == "sent":
        return rows.filter(state=RefundState.IN_FLIGHT).exclude(way__in=BY_HAND)
    if which == "done":
        return Refund.objects.filter(state=RefundState.DONE)
    return rows


def list_refunds(
    actor: Actor, which: str = "", *, after: After | None = None, limit: int = 50
) -> list[Refund]:
    """Open refunds, the oldest first: `pay_out` waits for a person to give it, `due` for a decision, `failed` for another try, `sent`
    for the provider. `done` gives the newest first."""
    actor.require("payments.view")
    rows = _refunds(which).select_related("payment", "receipt")
    done = which == "done"
    if after is not None and done:
        rows = rows.filter(
            Q(done_at__lt=after[0]) | Q(done_at=after[0], id__lt=after[1]), done_at__lte=after[0]
        )
    elif after is not None:
        rows = rows.filter(
            Q(made_at__gt=after[0]) | Q(made_at=after[0], id__gt=after[1]), made_at__gte=after[0]
        )
    return list(rows.order_by(*(("-done_at", "-id") if done else ("made_at", "id")))[:limit])


def count_refunds(actor: Actor) -> dict[str, int]:
    """How many wait, by what they wait for."""
    actor.require("payments.view")
    found = Refund.objects.filter(state__in=OPEN_REFUNDS).aggregate(
        pay_out=Count("id", filter=Q(way__in=BY_HAND, state__in=[RefundState.DUE, RefundState.IN_FLIGHT])),
        due=Count("id", filter=Q(state=RefundState.DUE)),
        failed=Count("id", filter=Q(state=RefundState.FAILED)),
        sent=Count("id", filter=Q(state=RefundState.IN_FLIGHT) & ~Q(way__in=BY_HAND)),
    )
    return {key: int(value) for key, value in found.items()}


def list_statements(actor: Actor, limit: int = 20) -> list[Statement]:
    """The newest files, each with the number of its lines still open."""
    actor.require("payments.reconcile")
    open_lines = Count("lines", filter=Q(lines__state__in=[LineState.OPEN, LineState.GOING_BACK]))
    return list(Statement.objects.annotate(open_lines=open_lines).order_by("-made_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class LineFilters:
    """`sure`: `certain`, `likely` or `none` for those without a proposal; `state` empty: what is open."""

    state: str = ""
    sure: str = ""
    statement_id: UUID | None = None


def list_lines(
    actor: Actor, filters: LineFilters, *, after: tuple[date, UUID] | None = None, limit: int = 50
) -> list[StatementLine]:
    """Lines of statements, the newest day first."""
    actor.require("payments.reconcile")
    rows = _lines(filters)
    if after is not None:
        rows = rows.filter(Q(day__lt=after[0]) | Q(day=after[0], id__lt=after[1]), day__lte=after[0])
    return list(rows.select_related("proposed", "statement").order_by("-day", "-id")[:limit])


def _lines(filters: LineFilters) -> QuerySet[StatementLine]:
    rows = StatementLine.objects.all()
    if filters.statement_id is not None:
        rows = rows.filter(statement_id=filters.statement_id)
    if filters.state in set(LineState):
        rows = rows.filter(state=filters.state)
    else:
        rows = rows.filter(state__in=[LineState.OPEN, LineState.GOING_BACK])
    if filters.sure == "certain":
        return rows.filter(confidence__gte=90)
    if filters.sure == "likely":
        return rows.filter(confidence__lt=90, proposed__isnull=False)
    if filters.sure == "none":
        return rows.filter(proposed__isnull=True)
    return rows


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Open lines: all, certain ones, those with a proposal to look at, those without."""

    open: int
    certain: int
    likely: int
    none: int


def count_lines(actor: Actor, statement_id: UUID | None = None) -> LineCounts:
    actor.require("payments.reconcile")
    found = _lines(LineFilters(state=LineState.OPEN, statement_id=statement_id)).aggregate(
        open=Count("id"),
        certain=Count("id", filter=Q(confidence__gte=90)),
        likely=Count("id", filter=Q(confidence__lt=90, proposed__isnull=False)),
        none=Count("id", filter=Q(proposed__isnull=True)),
    )
    return LineCounts(**{key: int(value) for key, value in found.items()})


def list_remittances(actor: Actor, limit: int = 20) -> list[Remittance]:
    """The newest files, each with its sums and the number of lines that still wait."""
    actor.require("payments.reconcile")
    rows = Remittance.objects.annotate(
        open_lines=Count("lines", filter=Q(lines__state__in=OPEN_CASH)),
        total=Sum("lines__amount_minor"),
        fees=Sum("lines__fee_minor"),
    )
    return list(rows.order_by("-made_at", "-id")[:limit])


def get_remittance(actor: Actor, remittance_id: UUID) -> Remittance:
    """Raises NotFound."""
    actor.require("payments.reconcile")
    found = Remittance.objects.filter(id=remittance_id).first()
    if found is None:
        raise NotFound
    return found


def remittance_lines(
    actor: Actor, remittance_id: UUID, *, state: str = "", after_row: int = 0, limit: int = 50
) -> list[RemittanceLine]:
    """Lines of a file in its order."""
    actor.require("payments.reconcile")
    rows = RemittanceLine.objects.filter(remittance_id=remittance_id, row__gt=after_row)
    if state in set(CashState):
        rows = rows.filter(state=state)
    return list(rows.select_related("payment").order_by("row")[:limit])


def count_cash(actor: Actor, remittance_id: UUID) -> dict[str, int]:
    """Lines of a file by state."""
    actor.require("payments.reconcile")
    rows = RemittanceLine.objects.filter(remittance_id=remittance_id).values("state").annotate(n=Count("id"))
    return {row["state"]: row["n"] for row in rows}
