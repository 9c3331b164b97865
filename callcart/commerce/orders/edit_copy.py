"""The copy of an order that actions are tried on, before it is priced. Nothing here is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import get_language, gettext

from callcart.commerce.catalog.public import VariantHit, variants
from callcart.commerce.orders.address import DraftAddress, address_of
from callcart.commerce.orders.draft_checks import by_hand_problems
from callcart.commerce.orders.drafts import MOST_COUPONS, MOST_UNITS, DraftLine, price_changed, sellable
from callcart.commerce.orders.edit_actions import (
    Action,
    AddCoupon,
    AddLine,
    ChangedLine,
    RemoveLine,
    SetAddress,
    SetDelivery,
    SetDiscount,
    SetNote,
    SetPrice,
    SetQuantity,
    TakeApart,
)
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.commerce.orders.reprice import counts_as_first, reprice
from callcart.commerce.orders.sets import SetPiece, grouped, in_money, pieces_now, sold
from callcart.commerce.pricing import public as pricing
from callcart.core.errors import NotFound
from callcart.core.language import in_language
from callcart.core.money import Money
from callcart.core.text import clean, problem


@dataclass(frozen=True, slots=True)
class Goods:
    """What may be added: SKUs as they are now, and what the sets among them are made of."""

    hits: Mapping[UUID, VariantHit]
    pieces: Mapping[UUID, tuple[SetPiece, ...]]

    @classmethod
    def of(cls, actions: Iterable[Action]) -> Goods:
        wanted = [each.variant_id for each in actions if isinstance(each, AddLine)]
        return cls(variants(wanted), pieces_now(wanted)) if wanted else cls({}, {})


class Copy:
    """The order being changed, before it is priced."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.lines = lines_of(order)
        self.address = address_of(order)
        self.delivery_method = order.delivery_method
        self.note = order.note
        self.problems: dict[str, str] = {}
        self.price_changes: dict[str, str] = {}
        self.deliver_anew = False
        self.codes: list[str] = []
        self.seen: dict[int, int | None] = {}

    def do(self, action: Action, goods: Goods) -> None:
        match action:
            case SetQuantity(line_id=line_id, quantity=quantity):
                self._set_quantity(line_id, quantity)
            case RemoveLine(line_id=line_id):
                if (index := self._index(line_id)) is not None:
                    self.lines.pop(index)
                    self.deliver_anew = True
            case AddLine():
                self._add(action, goods)
            case TakeApart(line_id=line_id):
                self._take_apart(line_id)
            case SetDiscount(line_id=line_id, discount_bp=discount_bp, reason=reason):
                self._by_hand(line_id, set_minor=None, discount_bp=discount_bp, reason=reason)
            case SetPrice(line_id=line_id, unit_minor=unit_minor, reason=reason):
                self._by_hand(line_id, set_minor=unit_minor, discount_bp=0, reason=reason)
            case _:
                self._do_order(action)

    def _do_order(self, action: Action) -> None:
        match action:
            case SetAddress(address=address):
                self.address, self.deliver_anew = address, True
            case SetDelivery(code=code):
                self.delivery_method, self.deliver_anew = code, True
            case SetNote(note=note):
                self.note = clean(note)
                if said := problem(self.note, longest=2000):
                    self.problems["note"] = said
            case AddCoupon(code=code):
                self.codes.append(clean(code)[:100])
                self.deliver_anew = True
                if len(self.codes) + len(self.order.coupon_codes) > MOST_COUPONS:
                    self.problems["coupons"] = gettext("At most %(most)d codes.") % {"most": MOST_COUPONS}

    def _index(self, line_id: UUID) -> int | None:
        """The place of a line or a set; None, and why, for one that changes with its set only."""
        for index, line in enumerate(self.lines):
            if line.line_id == line_id:
                return index
            if any(piece.line_id == line_id for piece in line.pieces):
                name = in_language(get_language() or "en", line.name, line.name_zh)
                self.problems[f"lines.{index}.quantity"] = gettext(
                    "This is part of “%(set)s”: change how many sets there are."
                ) % {"set": name}
                return None
        raise NotFound

    def _set_quantity(self, line_id: UUID, quantity: int) -> None:
        index = self._index(line_id)
        if index is None:
            return
        if not 1 <= quantity <= MOST_UNITS:
            said = gettext("Give a quantity from 1 to %(most)d.") % {"most": MOST_UNITS}
            self.problems[f"lines.{index}.quantity"] = said
            return
        line = self.lines[index]
        # More units at a price that a person gave are given it too: whoever adds them needs the right to it.
        given = quantity > line.quantity and (line.set_minor is not None or line.discount_bp != 0)
        fixed = line.fixed
        if fixed is not None:  # its share of the set, for as many as there are
            fixed = Money(pricing.half_up(fixed.minor, quantity, line.quantity), fixed.currency)
        self.lines[index] = replace(line, quantity=quantity, fixed=fixed, by_hand=line.by_hand or given)
        self.deliver_anew = True

    def _by_hand(self, line_id: UUID, *, set_minor: int | None, discount_bp: int, reason: str) -> None:
        index = self._index(line_id)
        if index is None:
            return
        found = by_hand_problems(f"lines.{index}", set_minor, discount_bp, reason)
        self.problems |= found
        if not found:
            self.lines[index] = replace(
                self.lines[index],
                set_minor=set_minor,
                discount_bp=discount_bp,
                reason=clean(reason),
                by_hand=set_minor is not None or discount_bp != 0,
            )
            self.deliver_anew = True

    def _add(self, action: AddLine, goods: Goods) -> None:
        line = DraftLine(action.variant_id, action.quantity, action.seen_minor)
        hit = sellable(len(self.lines), line, goods.hits, self.problems, self.order.currency)
        if hit is not None:
            self.seen[len(self.lines)] = action.seen_minor
            self.lines.append(_added(hit, action.quantity, goods.pieces.get(hit.id, ())))
            self.deliver_anew = True

    def _take_apart(self, line_id: UUID) -> None:
        index = self._index(line_id)
        if index is not None:
            self.lines[index : index + 1] = _loose(self.lines[index], self.order.currency)
            self.deliver_anew = True

    def price(self, address: DraftAddress) -> tuple[pricing.PricedBasket | None, list[str]]:
        """Price the lines anew where something was touched that prices depend on."""
        if not self.deliver_anew or not self.lines:
            return None, []
        first = bool(self.codes) and counts_as_first(self.order, address)
        basket, self.lines, notes = reprice(self.order, self.lines, address, self.codes, first=first)
        for note in basket.notes:
            if note.stops:
                self.problems["coupons"] = pricing.say_note(note, self.order.currency, get_language() or "en")
        for line, (index, seen) in zip(self.lines[-len(self.seen) :], self.seen.items(), strict=False):
            if seen is not None and seen != line.unit.minor:
                self.price_changes[f"lines.{index}.price"] = price_changed(seen, line.unit)
        return basket, notes


def lines_of(order: Order) -> list[ChangedLine]:
    """What was sold under a price each: lines, and sets with their pieces."""
    groups = grouped(order.lines.select_related("sold_set").order_by("position"))
    return [
        _of(lines[0], order.currency)
        if lines[0].sold_set is None
        else replace(_of(lines[0].sold_set, order.currency), pieces=sold(lines))
        for lines in groups
    ]


def _of(line: Line | SoldSet, currency: str) -> ChangedLine:
    steps = tuple(pricing.Step.from_json(each) for each in line.explanation)
    by_hand = next((step for step in steps if step.kind is pricing.StepKind.MANUAL), None)
    agreed = next((step for step in steps if step.kind is pricing.StepKind.SET), None)
    part = next((step for step in steps if step.kind is pricing.StepKind.PART), None)
    noted = agreed or by_hand
    return ChangedLine(
        line_id=line.id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        name_zh=line.name_zh,
        quantity=line.quantity,
        unit=Money(line.unit_minor, currency),
        total=Money(line.total_minor, currency),
        listed=Money(line.unit_minor if line.list_minor is None else line.list_minor, currency),
        discount=Money(line.discount_minor, currency),
        tax=Money(line.tax_minor if isinstance(line, Line) else 0, currency),
        tax_rate_ppm=line.tax_rate_ppm if isinstance(line, Line) else 0,
        steps=steps,
        fixed=Money(line.total_minor, currency) if part is not None else None,
        set_minor=agreed.minor if agreed else None,
        discount_bp=by_hand.percent_bp if by_hand else 0,
        reason=noted.reason if noted else "",
    )


def _loose(line: ChangedLine, currency: str) -> list[ChangedLine]:
    """The pieces of a set as lines of their own, at what falls to each."""
    return [
        ChangedLine(
            line_id=piece.line_id,
            variant_id=piece.variant_id,
            sku=piece.sku,
            name=piece.name,
            name_zh=piece.name_zh,
            quantity=item.quantity,
            listed=Money(item.list_minor, currency),
            **in_money(item, currency),
            fixed=Money(item.total_minor, currency),
        )
        for piece in line.pieces
        if (item := piece.priced) is not None
    ]


def _added(hit: VariantHit, quantity: int, pieces: tuple[SetPiece, ...]) -> ChangedLine:
    nothing = Money.zero(hit.price.currency)
    return ChangedLine(
        line_id=None,
        variant_id=hit.id,
        sku=hit.sku,
        name=hit.name,
        name_zh=hit.name_zh,
        quantity=quantity,
        unit=hit.price,
        total=hit.price * quantity,
        listed=hit.price,
        discount=nothing,
        tax=nothing,
        variant=hit,
        pieces=pieces,
    )
