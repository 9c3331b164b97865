"""Writes the copy of an order that was confirmed into its rows. The caller holds the order's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from callcart.commerce.catalog.public import VariantHit
from callcart.commerce.orders.drafts import PricedLine
from callcart.commerce.orders.edit_actions import ChangedLine, ChangePreview
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.commerce.orders.place import new_rows, set_search
from callcart.commerce.orders.priced import store_prices
from callcart.commerce.orders.reprice import buyer_of_order
from callcart.commerce.orders.sets import drop_empty_sets
from callcart.commerce.pricing import public as pricing

_OF_PRICE = ("quantity", "unit_minor", "discount_minor", "tax_minor", "tax_rate_ppm", "total_minor")


def store_lines(order: Order, preview: ChangePreview) -> list[list[Line]]:
    """Write the lines of the copy; the rows by the lines of the copy, in its order."""
    before = {line.id: line for line in order.lines.all()}
    sets = {each.id: each for each in order.sold_sets.all()}
    kept = {each for line in preview.lines for each, _variant, _units in line.demands() if each}
    Line.objects.filter(order=order).exclude(id__in=kept).delete()
    position = max((line.position for line in before.values()), default=0)
    groups: list[list[Line]] = []
    for line in preview.lines:
        if line.line_id is None and line.variant is not None:
            its, rows = new_rows(order.id, position + 1, _sold(line, line.variant))
            position += len(rows)
            if its is not None:
                its.save(force_insert=True)
            for row in rows:
                row.save(force_insert=True)
        elif line.line_id in sets:
            rows = _store_set(sets[line.line_id], line, before)
        else:
            rows = [before[line.line_id]]  # type: ignore[index]
            _store_line(rows[0], line)
        groups.append(rows)
    drop_empty_sets(order)
    return groups


def _store_set(its: SoldSet, line: ChangedLine, before: Mapping[UUID, Line]) -> list[Line]:
    _store(
        its,
        {
            "quantity": line.quantity,
            "unit_minor": line.unit.minor,
            "discount_minor": line.discount.minor,
            "total_minor": line.total.minor,
            "explanation": [step.to_json() for step in line.steps],
        },
    )
    rows = []
    for piece in line.pieces:
        row, item = before[piece.line_id], piece.priced  # type: ignore[index]
        if item is not None:
            values = {name: getattr(item, name) for name in _OF_PRICE}
            _store(row, values | {"explanation": [step.to_json() for step in item.steps]})
        rows.append(row)
    return rows


def _sold(line: ChangedLine, variant: VariantHit) -> PricedLine:
    return PricedLine(
        variant, line.quantity, line.unit, line.total, line.listed, line.discount, line.tax,
        line.tax_rate_ppm, line.steps, line.pieces,
    )  # fmt: skip


def _store_line(row: Line, line: ChangedLine) -> None:
    values = {
        "quantity": line.quantity,
        "unit_minor": line.unit.minor,
        "discount_minor": line.discount.minor,
        "tax_minor": line.tax.minor,
        "tax_rate_ppm": line.tax_rate_ppm,
        "total_minor": line.total.minor,
        "explanation": [step.to_json() for step in line.steps],
        "sold_set_id": None,
        "set_units": None,
    }
    _store(row, values)


def _store(row: Line | SoldSet, values: Mapping[str, Any]) -> None:
    moved = [name for name, value in values.items() if getattr(row, name) != value]
    for name in moved:
        setattr(row, name, values[name])
    if moved:
        row.save(update_fields=moved)


def store_order(order: Order, preview: ChangePreview) -> None:
    address = preview.address
    order.ship_name, order.ship_phone = address.name, address.phone
    order.ship_country, order.ship_province = address.country, address.province
    order.ship_city, order.ship_district = address.city, address.district
    order.ship_street, order.ship_postcode = address.street, address.postcode
    if preview.basket is not None and preview.shipping is not None:
        store_prices(order, preview.basket, preview.shipping)
    order.total_minor, order.note = preview.total.minor, preview.note
    if preview.choice is not None:
        order.delivery_method = preview.choice.code
        order.delivery_name, order.delivery_name_zh = preview.choice.name, preview.choice.name_zh
    order.version += 1
    set_search(order)
    order.save()


def count_promotions(order: Order, preview: ChangePreview) -> None:
    """Give back the uses of promotions the order lost, count those a code brought."""
    if preview.basket is not None and preview.shipping is not None:
        pricing.settle_uses(
            order.id,
            order.number,
            buyer_of_order(order, preview.address).person,
            preview.basket.applied,
            delivery_off=preview.shipping.discount_minor,
        )
