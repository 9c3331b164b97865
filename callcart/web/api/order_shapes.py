"""How an order is written in JSON, as it is given and as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from callcart.commerce.catalog import public as catalog
from callcart.commerce.orders import public as orders
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.web.api.customers import phone_for
from callcart.web.api.shapes import Code, Given, LongText, Minor, MoneyShape, Text, Version, money, of

Quantity = Annotated[int, Field(ge=1, le=9_999, strict=True)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000, strict=True, description="hundredths of a per cent")]


class AddressGiven(Given):
    """A receiver and a place. `country` is ISO 3166 alpha-2, the shop's own where it is empty; `phone` in any form."""

    name: Text = ""
    phone: Text = ""
    country: Code = ""
    province: Text = ""
    city: Text = ""
    district: Text = ""
    street: Text = ""
    postcode: Code = ""

    def value(self) -> orders.DraftAddress:
        return orders.DraftAddress(**self.model_dump())


class LineGiven(Given):
    """`expected_unit_minor` is the price you showed: where it is another one now, nothing is ordered (409 `order.price_changed`)."""

    sku: Code
    quantity: Quantity
    expected_unit_minor: Minor | None = None
    unit_minor: Annotated[Minor | None, Field(description="another price, by hand")] = None
    discount_bp: BasisPoints = 0
    reason: Annotated[Text, Field(description="why this price or discount")] = ""


class OrderGiven(Given):
    lines: Annotated[list[LineGiven], Field(min_length=1, max_length=200)]
    address: AddressGiven
    delivery_method: Annotated[Code, Field(description="code of a delivery method")]
    payment_method: Literal["prepaid", "cod", "instalments"]
    instalments: Annotated[int, Field(ge=0, le=60, strict=True)] = 0
    customer_id: UUID | None = None
    channel: Literal["api", "web", "phone", "post", "chat", "email", "sms", "portal"] = "api"
    campaign: Text = ""
    note: LongText = ""
    language: Annotated[Literal["", "en", "zh-hans"], Field(description="of messages to the customer")] = ""
    coupons: Annotated[list[Code], Field(max_length=10)] = []
    expected_total_minor: Minor | None = None

    def draft(self) -> orders.OrderDraft:
        """Raises Invalid where a SKU is not known."""
        found = ids_of_skus({index: line.sku for index, line in enumerate(self.lines)}, "lines")
        return orders.OrderDraft(
            lines=tuple(
                orders.DraftLine(
                    found[line.sku], line.quantity, seen_minor=line.expected_unit_minor, set_minor=line.unit_minor,
                    discount_bp=line.discount_bp, reason=line.reason,
                )
                for line in self.lines
            ),
            channel=self.channel, address=self.address.value(), delivery_method=self.delivery_method,
            payment_method=self.payment_method, instalments=self.instalments, customer_id=self.customer_id,
            campaign=self.campaign, note=self.note, language=self.language, coupons=tuple(self.coupons),
            seen_total_minor=self.expected_total_minor,
        )  # fmt: skip


class SetQuantity(Given):
    do: Literal["set_quantity"]
    line_id: Annotated[UUID, Field(description="a line that is in no set, or a set (`part_of.id`)")]
    quantity: Quantity


class RemoveLine(Given):
    do: Literal["remove_line"]
    line_id: UUID


class AddLine(Given):
    do: Literal["add_line"]
    sku: Code
    quantity: Quantity
    expected_unit_minor: Minor | None = None


class SetAddress(Given):
    do: Literal["set_address"]
    address: AddressGiven


class SetDelivery(Given):
    do: Literal["set_delivery"]
    code: Code


class SetNote(Given):
    do: Literal["set_note"]
    note: LongText


class SetDiscount(Given):
    do: Literal["set_discount"]
    line_id: UUID
    discount_bp: BasisPoints
    reason: Text


class SetPrice(Given):
    do: Literal["set_price"]
    line_id: UUID
    unit_minor: Minor
    reason: Text


class AddCoupon(Given):
    do: Literal["add_coupon"]
    code: Code


ActionGiven = Annotated[
    SetQuantity
    | RemoveLine
    | AddLine
    | SetAddress
    | SetDelivery
    | SetNote
    | SetDiscount
    | SetPrice
    | AddCoupon,
    Field(discriminator="do"),
]


class PreviewGiven(Given):
    actions: Annotated[list[ActionGiven], Field(min_length=1, max_length=200)]

    def values(self) -> list[orders.Action]:
        """Raises Invalid where a SKU is not known."""
        wanted = {at: each.sku for at, each in enumerate(self.actions) if isinstance(each, AddLine)}
        found = ids_of_skus(wanted, "actions")
        return [_action(each, found) for each in self.actions]


class ChangeGiven(PreviewGiven):
    version: Version
    reason: Text = ""


class StepGiven(Given):
    version: Version


class NotedStepGiven(StepGiven):
    note: Text = ""


class ReasonedStepGiven(StepGiven):
    reason: Text


class AddressShape(Schema):
    name: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    street: str
    postcode: str


class SetShape(Schema):
    """A set that was sold: its lines are what it is made of, and sum to its `total`. A change names its `id` as a line's."""

    id: UUID
    variant_id: UUID
    sku: str
    name: str
    name_zh: str
    quantity: int
    unit: MoneyShape
    total: MoneyShape


class LineShape(Schema):
    """`total` = `unit` × `quantity` − `discount`. `why` says how the price came about. `part_of`: the set it was sold in."""

    id: UUID
    sku: str
    variant_id: UUID
    name: str
    name_zh: str
    quantity: int
    unit: MoneyShape
    discount: MoneyShape
    tax: MoneyShape
    total: MoneyShape
    why: str = ""
    part_of: SetShape | None = None


class OrderHead(Schema):
    """An order in a list. `version` is what a change names."""

    id: UUID
    number: str
    state: str
    payment_state: str
    fulfilment_state: str
    version: int
    channel: str
    customer_id: UUID | None
    total: MoneyShape
    placed_at: datetime
    changed_at: datetime


class ParcelHead(Schema):
    id: UUID
    number: str
    carrier: str
    tracking: str
    state: str
    state_at: datetime


class OrderShape(OrderHead):
    """A whole order. `phone` of the address is masked for keys without `customers.see_phone`."""

    address: AddressShape
    lines: list[LineShape]
    goods: MoneyShape
    delivery: MoneyShape
    discount: MoneyShape
    tax: MoneyShape
    delivery_method: str
    payment_method: str
    coupons: list[str]
    campaign: str
    note: str
    tags: list[str]
    flags: list[str]
    hold_reason: str
    cancel_reason: str
    parcels: list[ParcelHead]
    standing: str


class PreviewShape(Schema):
    """The order as it would be. Nothing was changed. Confirm with `base_version`. `problems` stand in the way, `price_changes` are
    prices that have moved, `more` and `back` is the money it moves."""

    base_version: int
    goods: MoneyShape
    delivery: MoneyShape
    tax: MoneyShape
    total: MoneyShape
    total_before: MoneyShape
    more: MoneyShape | None
    back: MoneyShape | None
    problems: dict[str, str]
    price_changes: dict[str, str]
    notes: list[str]


def ids_of_skus(wanted: Mapping[int, str], at: str) -> dict[str, UUID]:
    """The variants of SKUs; Invalid names each place whose SKU is not known (`lines.2.sku`)."""
    rows = catalog.Variant.objects.filter(sku__in=set(wanted.values()))
    found: dict[str, UUID] = dict(rows.values_list("sku", "id"))
    wrong = {
        f"{at}.{place}.sku": _("No product has this code.")
        for place, sku in wanted.items()
        if sku not in found
    }
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _action(given: ActionGiven, found: Mapping[str, UUID]) -> orders.Action:
    match given:
        case SetQuantity():
            return orders.SetQuantity(given.line_id, given.quantity)
        case RemoveLine():
            return orders.RemoveLine(given.line_id)
        case AddLine():
            return orders.AddLine(found[given.sku], given.quantity, given.expected_unit_minor)
        case SetAddress():
            return orders.SetAddress(given.address.value())
        case SetDelivery():
            return orders.SetDelivery(given.code)
        case SetNote():
            return orders.SetNote(given.note)
        case SetDiscount():
            return orders.SetDiscount(given.line_id, given.discount_bp, given.reason)
        case SetPrice():
            return orders.SetPrice(given.line_id, given.unit_minor, given.reason)
        case AddCoupon():
            return orders.AddCoupon(given.code)


def head(order: orders.Order) -> OrderHead:
    return OrderHead(**_head(order))


def _head(order: orders.Order) -> dict[str, Any]:
    return {
        "id": order.id, "number": order.number, "state": order.state, "payment_state": order.payment_state,
        "fulfilment_state": order.fulfilment_state, "version": order.version, "channel": order.channel,
        "customer_id": order.customer_id, "total": of(order.total), "placed_at": order.placed_at,
        "changed_at": order.changed_at,
    }  # fmt: skip


def shape(actor: Actor, detail: orders.OrderDetail) -> OrderShape:
    order, currency = detail.order, detail.order.currency
    return OrderShape(
        **_head(order),
        address=AddressShape(
            name=order.ship_name, phone=phone_for(actor, order.ship_phone), country=order.ship_country,
            province=order.ship_province, city=order.ship_city, district=order.ship_district,
            street=order.ship_street, postcode=order.ship_postcode,
        ),
        lines=_lines(detail.lines, currency),
        goods=of(order.goods), delivery=of(order.delivery),
        discount=money(order.discount_minor + order.delivery_discount_minor, currency),
        tax=money(order.tax_minor, currency), delivery_method=order.delivery_method,
        payment_method=order.payment_method, coupons=list(order.coupon_codes), campaign=order.campaign,
        note=order.note, tags=list(order.tags), flags=list(order.flags), hold_reason=order.hold_reason,
        cancel_reason=order.cancel_reason, standing=detail.standing,
        parcels=[
            ParcelHead(
                id=each.id, number=each.number, carrier=each.carrier, tracking=each.tracking, state=each.state,
                state_at=each.state_at,
            )
            for each in detail.parcels
        ],
    )  # fmt: skip


def _lines(lines: Sequence[orders.LineDetail], currency: str) -> list[LineShape]:
    return [
        LineShape(
            id=each.line.id, sku=each.line.sku, variant_id=each.line.variant_id, name=each.line.name,
            name_zh=each.line.name_zh, quantity=each.line.quantity, unit=of(each.unit), total=of(each.total),
            discount=money(each.line.discount_minor, currency), tax=money(each.line.tax_minor, currency), why=each.why,
            part_of=_set(each.line.sold_set, currency),
        )
        for each in lines
    ]  # fmt: skip


def _set(its: orders.SoldSet | None, currency: str) -> SetShape | None:
    if its is None:
        return None
    return SetShape(
        id=its.id, variant_id=its.variant_id, sku=its.sku, name=its.name, name_zh=its.name_zh, quantity=its.quantity,
        unit=money(its.unit_minor, currency), total=money(its.total_minor, currency),
    )  # fmt: skip


def preview_shape(preview: orders.ChangePreview) -> PreviewShape:
    moves = preview.moves
    return PreviewShape(
        base_version=preview.base_version, goods=of(preview.goods), delivery=of(preview.delivery),
        tax=of(preview.tax), total=of(preview.total), total_before=of(preview.total_before),
        more=of(moves.more) if moves else None, back=of(moves.back) if moves else None,
        problems=dict(preview.problems), price_changes=dict(preview.price_changes), notes=list(preview.notes),
    )  # fmt: skip
