"""A set in an order: one thing with one price where somebody looks, asks or changes; a line for each component where goods and
money move. This is the way between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict
from uuid import UUID

from callcart.commerce.catalog.public import Piece, pieces_of
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.commerce.pricing import public as pricing
from callcart.core.language import Named
from callcart.core.money import Money


class InMoney(TypedDict):
    """What pricing found for a line, in the order's currency."""

    unit: Money
    total: Money
    discount: Money
    tax: Money
    tax_rate_ppm: int
    steps: tuple[pricing.Step, ...]


def in_money(item: pricing.PricedItem, currency: str) -> InMoney:
    """The fields that a draft's line and a changed one share."""
    return InMoney(
        unit=Money(item.unit_minor, currency),
        total=Money(item.total_minor, currency),
        discount=Money(item.discount_minor, currency),
        tax=Money(item.tax_minor, currency),
        tax_rate_ppm=item.tax_rate_ppm,
        steps=item.steps,
    )


@dataclass(frozen=True, slots=True)
class SetPiece:
    """What of a set one line holds: `units` for each set. `line_id` and `kept_rate_ppm` are of one that was sold before; `priced`
    is what falls to it."""

    variant_id: UUID
    sku: str
    name: str
    name_zh: str
    units: int
    list_minor: int
    weight_g: int
    line_id: UUID | None = None
    kept_rate_ppm: int | None = None
    priced: pricing.PricedItem | None = None


def pieces_now(variant_ids: Iterable[UUID]) -> dict[UUID, tuple[SetPiece, ...]]:
    """What the sets among these SKUs would be sold as now; a single product has no entry."""
    return {key: tuple(map(_unsold, pieces)) for key, pieces in pieces_of(variant_ids).items()}


def _unsold(each: Piece) -> SetPiece:
    return SetPiece(
        each.variant_id, each.sku, each.name, each.name_zh, each.units, each.price_minor, each.weight_g
    )


def with_components(variant_ids: Iterable[UUID], pieces: Mapping[UUID, Sequence[SetPiece]]) -> set[UUID]:
    """These SKUs and all that the sets among them are made of: whatever prices and taxes are asked for."""
    return {*variant_ids, *(each.variant_id for its in pieces.values() for each in its)}


def sold(lines: Iterable[Line]) -> tuple[SetPiece, ...]:
    """The pieces of a set that was sold, at the terms of its day."""
    return tuple(
        SetPiece(
            variant_id=line.variant_id,
            sku=line.sku,
            name=line.name,
            name_zh=line.name_zh,
            units=line.set_units or 1,
            list_minor=line.unit_minor if line.list_minor is None else line.list_minor,
            weight_g=line.weight_g,
            line_id=line.id,
            kept_rate_ppm=line.tax_rate_ppm,
            priced=_item(line),
        )
        for line in lines
    )


def _item(line: Line) -> pricing.PricedItem:
    return pricing.PricedItem(
        line.variant_id, line.quantity, line.unit_minor if line.list_minor is None else line.list_minor,
        line.unit_minor, line.discount_minor, line.total_minor, line.tax_minor, line.tax_rate_ppm,
        tuple(pricing.Step.from_json(each) for each in line.explanation),
    )  # fmt: skip


def parts(pieces: Iterable[SetPiece], *, anew: bool = False) -> tuple[pricing.SetPart, ...]:
    """The pieces as pricing asks for them; `anew`: at today's tax."""
    return tuple(
        pricing.SetPart(each.variant_id, each.units, each.list_minor, None if anew else each.kept_rate_ppm)
        for each in pieces
    )


def with_prices(pieces: Sequence[SetPiece], item: pricing.PricedItem) -> tuple[SetPiece, ...]:
    """The pieces with what falls to each of a priced set."""
    return tuple(replace(each, priced=part) for each, part in zip(pieces, item.parts, strict=True))


def line_of(order_id: UUID, position: int, its: SoldSet, piece: SetPiece) -> Line:
    """The line of a piece, new or as it was."""
    item = piece.priced
    if item is None:  # whoever sells a set has priced it
        raise TypeError
    found = Line(
        order_id=order_id, position=position, variant_id=piece.variant_id, sku=piece.sku, name=piece.name,
        name_zh=piece.name_zh, quantity=item.quantity, list_minor=item.list_minor, unit_minor=item.unit_minor,
        discount_minor=item.discount_minor, tax_minor=item.tax_minor, tax_rate_ppm=item.tax_rate_ppm,
        explanation=[step.to_json() for step in item.steps], total_minor=item.total_minor,
        weight_g=piece.weight_g, sold_set=its, set_units=piece.units,
    )  # fmt: skip
    if piece.line_id is not None:
        found.id = piece.line_id
    return found


def grouped(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines by their order's position, those of one set together."""
    found: dict[UUID, list[Line]] = {}
    for line in lines:
        found.setdefault(line.sold_set_id or line.id, []).append(line)
    return list(found.values())


def sold_as(lines: Sequence[Line]) -> Line | SoldSet:
    """What lines of one group were sold as: their set, or the line by itself."""
    return lines[0].sold_set or lines[0]


def drop_empty_sets(order: Order) -> None:
    """Take away the sets that no line of the order is left of."""
    SoldSet.objects.filter(order=order, lines__isnull=True).delete()


def sold_row(order: Order, row_id: UUID) -> Line | SoldSet | None:
    """What is sold under one price: a line that is in no set, or a set."""
    line = order.lines.filter(id=row_id, sold_set=None).first()
    return line or order.sold_sets.filter(id=row_id).first()


@dataclass(frozen=True, slots=True)
class Shown(Named):
    """What was sold under one price, for lists in words: a line, or a set with its lines."""

    name: str
    name_zh: str
    quantity: int
    total: Money
    lines: tuple[Line, ...]
    sold_set: SoldSet | None = None


def shown(order: Order) -> list[Shown]:
    """An order's goods as its customer thinks of them."""
    found = []
    for lines in grouped(order.lines.select_related("sold_set").order_by("position")):
        row = sold_as(lines)
        found.append(
            Shown(
                row.name, row.name_zh, row.quantity, Money(row.total_minor, order.currency), tuple(lines),
                lines[0].sold_set,
            )
        )  # fmt: skip
    return found
