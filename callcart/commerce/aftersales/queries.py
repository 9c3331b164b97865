"""Reads of cases: the list, one case with all that belongs to it, those of an order or a customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.models import Case, CaseLine
from callcart.commerce.aftersales.scope import visible
from callcart.commerce.aftersales.settling import goes_back
from callcart.commerce.aftersales.states import OPEN, CaseState
from callcart.commerce.aftersales.worth import value_of
from callcart.commerce.orders.public import Order
from callcart.core import search
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.ids import unspoken
from callcart.core.money import Money

PAGE = 50
# On whom a case waits, by its state.
WAITS_ON: dict[str, tuple[CaseState, ...]] = {
    "us": (CaseState.ASKED,),
    "goods": (CaseState.WAITING,),
    "warehouse": (CaseState.RECEIVED,),
    "money": (CaseState.APPROVED, CaseState.INSPECTED),
    "end": (CaseState.SETTLED,),
}


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What to list; empty fields do not filter. `waits` is a key of `WAITS_ON`, `late` asks for those past their time."""

    waits: str = ""
    state: str = ""
    kind: str = ""
    reason: str = ""
    late: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    case: Case
    order: Order
    lines: tuple[CaseLine, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    rows: tuple[CaseRow, ...]
    next_id: UUID | None


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case's page. `allowed`: what its state and the actor's permissions allow now."""

    case: Case
    order: Order
    lines: tuple[CaseLine, ...]
    history: tuple[history.HistoryRow, ...]
    value: Money
    costs: Money
    exchange: Order | None
    allowed: frozenset[str]


def list_cases(actor: Actor, filters: CaseFilters, *, after: UUID | None = None) -> CasePage:
    """A page of cases, newest first. Raises PermissionDenied."""
    rows = _filtered(visible(actor), filters).select_related("order").order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows.prefetch_related("lines")[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    return CasePage(tuple(_row(each) for each in found), found[-1].id if more else None)


def _filtered(rows: QuerySet[Case], filters: CaseFilters) -> QuerySet[Case]:
    if filters.waits in WAITS_ON:
        rows = rows.filter(state__in=WAITS_ON[filters.waits])
    for name in ("state", "kind", "reason"):
        if value := getattr(filters, name):
            rows = rows.filter(**{name: value})
    if filters.late:
        rows = rows.filter(state__in=OPEN, due_at__lte=now())
    if filters.text:
        rows = rows.filter(search.condition(unspoken(filters.text) or filters.text))
    return rows


def _row(case: Case) -> CaseRow:
    late = case.state in OPEN and case.due_at is not None and case.due_at <= now()
    return CaseRow(case, case.order, tuple(case.lines.all()), late)


def count_waiting(actor: Actor) -> int:
    """How many wait for a decision, a look or their money: the number beside the menu's entry, a hundred at most."""
    states = (*WAITS_ON["us"], *WAITS_ON["warehouse"], *WAITS_ON["money"])
    return visible(actor).filter(state__in=states)[:100].count()


def case_detail(actor: Actor, case_id: UUID) -> CaseDetail:
    """A case for its page; a customer sees what is for them. Raises NotFound, PermissionDenied."""
    return _detail(actor, visible(actor).filter(id=case_id))


def case_by_number(actor: Actor, number: str) -> CaseDetail:
    """The same, by the number people say or scan. Raises NotFound."""
    return _detail(actor, visible(actor).filter(number=unspoken(number)))


def _detail(actor: Actor, rows: QuerySet[Case]) -> CaseDetail:
    case = rows.select_related("order", "warehouse").first()
    if case is None:
        raise NotFound
    customer = actor.kind is ActorKind.CUSTOMER
    lines = case.lines.select_related("line__sold_set", "variant", "exchange_variant").prefetch_related(
        "findings"
    )
    exchange = Order.objects.filter(id=case.exchange_order_id).first() if case.exchange_order_id else None
    return CaseDetail(
        case=case,
        order=case.order,
        lines=tuple(lines),
        history=tuple(history.rows_of(case, actor.language, only_public=customer)),
        value=value_of(case),
        costs=Money(sum(each.amount_minor for each in case.costs.all()), case.currency),
        exchange=exchange,
        allowed=_allowed_customer(case) if customer else _allowed(actor, case),
    )


def _allowed(actor: Actor, case: Case) -> frozenset[str]:
    state = CaseState(case.state)
    verbs = {
        "approve": (state is CaseState.ASKED, "aftersales.approve"),
        "refuse": (state is CaseState.ASKED, "aftersales.approve"),
        "cancel": (
            state in (CaseState.ASKED, CaseState.WAITING, CaseState.APPROVED)
            and case.exchange_order_id is None,
            "aftersales.ask",
        ),
        "note_sent": (state is CaseState.WAITING, "aftersales.ask"),
        "receive": (state is CaseState.WAITING, "aftersales.receive"),
        "inspect": (state is CaseState.RECEIVED, "aftersales.receive"),
        "settle": (state in (CaseState.INSPECTED, CaseState.APPROVED), "aftersales.settle"),
        "send_back": (
            state is CaseState.SETTLED and case.sent_back_at is None and goes_back(case),
            "aftersales.settle",
        ),
        "cost": (state not in (CaseState.REFUSED, CaseState.CANCELLED), "aftersales.receive"),
    }
    return frozenset(verb for verb, (open_, permission) in verbs.items() if open_ and actor.can(permission))


def _allowed_customer(case: Case) -> frozenset[str]:
    state = CaseState(case.state)
    allowed = set()
    if state in (CaseState.ASKED, CaseState.WAITING, CaseState.APPROVED) and not (
        case.exchange_order_id or case.parcel_id
    ):
        allowed.add("cancel")
    if state is CaseState.WAITING and case.parcel_id is None:
        allowed |= {"note_sent", "label"}
    return frozenset(allowed)


def cases_of_order(actor: Actor, order_id: UUID) -> list[CaseRow]:
    """All cases of an order, newest first; none for staff who may not see any."""
    if actor.kind is not ActorKind.CUSTOMER and not actor.can("aftersales.view"):
        return []
    rows = visible(actor).filter(order=order_id).select_related("order").prefetch_related("lines")
    return [_row(each) for each in rows.order_by("-id")]


def cases_of_customer(actor: Actor, customer_id: UUID, *, most: int = 5) -> list[CaseRow]:
    """A customer's cases, the newest first, open ones before others."""
    if not actor.can("aftersales.view"):
        return []
    rows = visible(actor).filter(customer_id=customer_id).select_related("order").prefetch_related("lines")
    opened = list(rows.filter(state__in=OPEN).order_by("-id")[:most])
    rest = rows.exclude(state__in=OPEN).order_by("-id")[: most - len(opened)]
    return [_row(each) for each in [*opened, *rest]]


def numbers_of(case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Numbers of cases by id, for documents that name them."""
    return dict(Case.objects.filter(id__in=list(case_ids)).values_list("id", "number"))
