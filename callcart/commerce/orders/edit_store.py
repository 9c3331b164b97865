"""Writes the copy of an order that was confirmed into its rows. The caller holds the order's lock."""

from __future__ import annotations

from callcart.commerce.catalog.public import VariantHit
from callcart.commerce.orders.drafts import PricedLine
from callcart.commerce.orders.edit_actions import ChangedLine, ChangePreview
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.place import new_line, set_search
from callcart.commerce.orders.priced import store_prices
from callcart.commerce.orders.reprice import buyer_of_order
from callcart.commerce.pricing import public as pricing


def store_lines(order: Order, preview: ChangePreview) -> list[Line]:
    """Write the lines of the copy; the rows in the order of the copy."""
    before = {line.id: line for line in order.lines.all()}
    kept = {line.line_id for line in preview.lines if line.line_id}
    Line.objects.filter(order=order).exclude(id__in=kept).delete()
    position = max((line.position for line in before.values()), default=0)
    rows: list[Line] = []
    for line in preview.lines:
        if line.line_id is None and line.variant is not None:
            position += 1
            row = new_line(order.id, position, _sold(line, line.variant))
            row.save(force_insert=True)
        else:
            row = before[line.line_id]  # type: ignore[index]
            _store_line(row, line)
        rows.append(row)
    return rows


def _sold(line: ChangedLine, variant: VariantHit) -> PricedLine:
    return PricedLine(
        variant, line.quantity, line.unit, line.total, line.listed, line.discount, line.tax,
        line.tax_rate_ppm, line.steps,
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
    }
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
