"""Asking for a return, an exchange, a claim or a repair: by the customer in the shop, or by staff for them.

The order's lock makes two who ask one after the other: units are counted under it, so that more than was delivered can never be
asked for. A case that the shop's rules trust is accepted at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.decide import accept_by_rule
from callcart.commerce.aftersales.models import Case, CaseLine
from callcart.commerce.aftersales.rules import Possible, possible
from callcart.commerce.aftersales.states import REASONS, WISHES, CaseState, Kind, Reason, Wish
from callcart.commerce.aftersales.units import OrderUnits, units_of
from callcart.commerce.catalog.public import VariantHit, variants
from callcart.commerce.orders.public import Line, Order
from callcart.commerce.orders.public import visible as visible_orders
from callcart.core import idempotency
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import next_number

MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class AskLine:
    """Units of an order line; `exchange_variant_id`: another SKU is wanted instead."""

    line_id: UUID
    quantity: int
    exchange_variant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AskDraft:
    """What is asked for. `wish` may be empty where the kind leaves one only. `against_rules`: too late or not returnable, and
    somebody with the right to lets it pass."""

    kind: str
    reason: str
    lines: tuple[AskLine, ...]
    wish: str = ""
    text: str = ""
    conversation_id: UUID | None = None
    against_rules: bool = False


@dataclass(frozen=True, slots=True)
class AskableLine:
    """A line of an order with what may be asked for of it, by kind."""

    line: Line
    free: int
    kinds: Mapping[Kind, Possible]


def askable(actor: Actor, order_id: UUID) -> list[AskableLine]:
    """What may be asked for of an order today, line by line. Raises NotFound, PermissionDenied."""
    order = _order(actor, order_id, lock=False)
    lines = list(order.lines.select_related("sold_set").order_by("position"))
    units = units_of(order.id)
    by_kind = {kind: possible(kind, lines, units) for kind in Kind}
    return [
        AskableLine(line, units.of(line.id).free, {kind: by_kind[kind][line.id] for kind in Kind})
        for line in lines
    ]


def ask(actor: Actor, order_id: UUID, draft: AskDraft, *, idempotency_key: str) -> Case:
    """Ask for it. The same key with the same draft gives the same case. Raises NotFound, PermissionDenied, Invalid with every
    wrong field named, KeyReused."""
    order = _order(actor, order_id, lock=True)
    with idempotency.claim(actor, "aftersales.ask", idempotency_key, _body(order_id, draft)) as claim:
        if claim.stored is not None:
            return Case.objects.get(id=claim.stored["case_id"])
        lines = {line.id: line for line in order.lines.all()}
        swaps = variants(each.exchange_variant_id for each in draft.lines if each.exchange_variant_id)
        text = _check(actor, order, draft, lines, units_of(order.id), swaps)
        case = _write(actor, order, draft, lines, text)
        accept_by_rule(case)
        claim.store({"case_id": str(case.id)})
    return case


def _order(actor: Actor, order_id: UUID, *, lock: bool) -> Order:
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require("aftersales.ask")
    rows = visible_orders(actor, "orders.view").filter(id=order_id)
    found: Order | None = (rows.select_for_update(no_key=True) if lock else rows).first()
    if found is None:
        raise NotFound
    return found


def _body(order_id: UUID, draft: AskDraft) -> dict[str, Any]:
    return {"order": str(order_id), **asdict(draft)}


def _check(
    actor: Actor,
    order: Order,
    draft: AskDraft,
    lines: Mapping[UUID, Line],
    units: OrderUnits,
    swaps: Mapping[UUID, VariantHit],
) -> str:
    """The text as it is kept; Invalid with all that is wrong."""
    fields = Fields()
    kind = fields.choice("kind", draft.kind, list(Kind))
    if kind in set(Kind):
        fields.choice("reason", draft.reason, REASONS[Kind(kind)])
        if draft.wish or len(WISHES[Kind(kind)]) > 1:
            fields.choice("wish", draft.wish, WISHES[Kind(kind)])
        _check_lines(fields, actor, Kind(kind), draft, lines, units)
        _check_swaps(fields, Kind(kind), draft.lines, swaps, order.currency)
    text = fields.block("text", draft.text, most=MOST_TEXT)
    fields.done()
    return text


def _check_lines(
    fields: Fields,
    actor: Actor,
    kind: Kind,
    draft: AskDraft,
    lines: Mapping[UUID, Line],
    units: OrderUnits,
) -> None:
    if not draft.lines:
        fields.refuse("lines", gettext("Choose at least one product."))
    if len({each.line_id for each in draft.lines}) != len(draft.lines):
        fields.refuse("lines", gettext("A product is named twice."))
    wanted = [lines[each.line_id] for each in draft.lines if each.line_id in lines]
    known = possible(kind, wanted, units)
    passes = draft.against_rules and actor.can("aftersales.exception")
    for index, each in enumerate(draft.lines):
        name, found = f"lines.{index}.quantity", known.get(each.line_id)
        if found is None:
            raise NotFound
        if found.why_not and not (found.too_late and passes):
            fields.refuse(name, found.why_not)
        elif not 1 <= each.quantity <= found.most:
            fields.refuse(name, gettext("Give a quantity from 1 to %(most)d.") % {"most": found.most})


def _check_swaps(
    fields: Fields, kind: Kind, lines: Sequence[AskLine], swaps: Mapping[UUID, VariantHit], currency: str
) -> None:
    for index, each in enumerate(lines):
        if each.exchange_variant_id is None:
            continue
        hit = swaps.get(each.exchange_variant_id)
        if kind is not Kind.EXCHANGE or hit is None or not hit.on_sale or hit.price.currency != currency:
            fields.refuse(f"lines.{index}.exchange", gettext("Choose one of the values offered."))


def _write(actor: Actor, order: Order, draft: AskDraft, lines: Mapping[UUID, Line], text: str) -> Case:
    kind = Kind(draft.kind)
    passed = draft.against_rules and actor.can("aftersales.exception")
    case = new_case(
        order,
        kind=kind,
        reason=Reason(draft.reason),
        wish=Wish(draft.wish) if draft.wish else WISHES[kind][0],
        state=CaseState.ASKED,
    )
    case.channel, case.text, case.against_rules = actor.channel, text, passed
    case.conversation_id = draft.conversation_id
    history.begin(actor, case)
    wanted = [(lines[each.line_id], each.quantity, each.exchange_variant_id) for each in draft.lines]
    add_lines(case, wanted)
    history.announce(actor, case)
    return case


def new_case(order: Order, *, kind: Kind, reason: Reason, wish: Wish, state: CaseState) -> Case:
    """A case of an order that is locked, not saved yet."""
    case = Case(
        number=next_number("return"),
        kind=kind,
        state=state,
        order=order,
        customer_id=order.customer_id,
        reason=reason,
        wish=wish,
        currency=order.currency,
        asked_at=now(),
    )
    case.set_search(case.number, order.number, order.ship_name)
    return case


def add_lines(case: Case, wanted: Sequence[tuple[Line, int, UUID | None]]) -> None:
    CaseLine.objects.bulk_create(
        CaseLine(
            case=case,
            line=line,
            variant_id=line.variant_id,
            sku=line.sku,
            name=line.name,
            name_zh=line.name_zh,
            quantity=quantity,
            exchange_variant_id=swap,
        )
        for line, quantity, swap in wanted
    )
