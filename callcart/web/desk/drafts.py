"""Between the order form and the order: what the browser sent becomes an OrderDraft; a priced draft becomes what is shown.

A saved address is named by its id, the address of an earlier order by `order:<id>`, so that a masked number never has to
travel to the browser and back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.commerce.catalog.public import VariantHit, search_variants, variants
from callcart.commerce.inventory.public import WarehouseStock, availability, can_buy
from callcart.commerce.orders.public import (
    DraftAddress,
    DraftLine,
    Order,
    OrderDraft,
    PricedDraft,
    visible,
)
from callcart.commerce.payments import public as payments
from callcart.commerce.pricing import public as pricing
from callcart.commerce.supply.public import availability_for
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.customers.models import Address
from callcart.people.customers.public import mask_phone
from callcart.web import formats
from callcart.web.desk.bodies import id_of, text_of
from callcart.web.desk.place import PLACE, one_line
from callcart.web.http import wanted_id
from callcart.web.reader import reader

ORDER_PREFIX = "order:"
ADDRESS_FIELDS = ("name", "phone", "country", "province", "city", "district", "street", "postcode")
MOST_LINES = 200
TAKEN_BY = ("phone", "chat", "email", "sms", "post")
MOST_COUPONS = 11  # one more than an order takes: it says so


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the form. `unit` and `total` are None where it cannot be priced."""

    variant_id: str
    name: str
    sku: str
    quantity: str
    unit: Money | None
    total: Money | None
    stock: list[str]
    problem: str
    why: str = ""
    short: bool = False  # there are not as many as that


@dataclass(frozen=True, slots=True)
class ShownMethod:
    code: str
    label: str
    price: str
    about: str


@dataclass(frozen=True, slots=True)
class ShownAddress:
    id: str
    name: str
    phone: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A product found: what it costs and what is left where."""

    id: UUID
    name: str
    option: str
    sku: str
    price: Money
    stock: list[str]
    left: int


@dataclass(frozen=True, slots=True)
class Totals:
    goods: Money
    delivery: Money | None
    total: Money
    pay_now: Money | None = None  # the first of several instalments
    saved: Money | None = None
    tax: Money | None = None  # that comes on top
    notes: tuple[str, ...] = ()  # why a code gives nothing
    offers: tuple[str, ...] = ()


def totals(draft: OrderDraft, priced: PricedDraft) -> Totals:
    """What it comes to so far; without goods there is nothing to deliver."""
    if not draft.lines:
        return Totals(priced.goods, None, priced.goods)
    several = payments.LEAST_INSTALMENTS <= draft.instalments <= payments.MOST_INSTALMENTS
    pay_now = payments.parts_of(priced.total, draft.instalments)[0] if several else None
    language = reader().language
    return Totals(
        priced.goods,
        priced.delivery if priced.chosen else None,
        priced.total,
        pay_now,
        saved=priced.saved or None,
        tax=priced.added_tax or None,
        notes=tuple(f"{draft.coupons[int(name[8:])]}: {said}" for name, said in priced.coupon_notes.items()),
        offers=tuple(each.terms.name_in(language) for each in priced.basket.applied),
    )


def draft_of(actor: Actor, body: dict[str, Any]) -> OrderDraft:
    """The draft a browser sent. Raises NotFound for ids that are none; wrong numbers become problems at their fields."""
    customer_id = id_of(body, "customer_id")
    by_hand = (_basis_points(body.get("discount")), text_of(body, "discount_reason", most=1000))
    return OrderDraft(
        lines=tuple(_line(each, by_hand) for each in _lines(body)[: MOST_LINES + 1]),
        channel=_channel(body),
        address=_address(actor, body, customer_id),
        delivery_method=text_of(body, "delivery_method", most=100),
        payment_method=text_of(body, "payment_method", most=100),
        instalments=_whole(body.get("instalments")) if body.get("payment_method") == "instalments" else 0,
        customer_id=customer_id,
        conversation_id=id_of(body, "conversation_id"),
        campaign=text_of(body, "campaign", most=101),
        note=text_of(body, "note"),
        coupons=tuple(text_of(body, "coupons", most=400).replace(",", " ").replace("，", " ").split())[
            :MOST_COUPONS
        ],
    )


def _channel(body: dict[str, Any]) -> str:
    """How the customer ordered; at the desk mostly by phone."""
    given = text_of(body, "channel", most=20)
    return given if given in TAKEN_BY else "phone"


def _lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = body.get("lines")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _line(row: dict[str, Any], by_hand: tuple[int, str]) -> DraftLine:
    seen = row.get("seen_minor")
    return DraftLine(
        variant_id=wanted_id(str(row.get("variant_id", ""))),
        quantity=_whole(row.get("quantity")),
        seen_minor=seen if isinstance(seen, int) and not isinstance(seen, bool) else None,
        discount_bp=by_hand[0],
        reason=by_hand[1] if by_hand[0] else "",
    )


def _basis_points(value: Any) -> int:
    """A percentage as typed; -1, which nothing takes, for what is none."""
    text = unicodedata.normalize("NFKC", str(value or "")).strip().removesuffix("%").strip()
    if not text:
        return 0
    whole, _point, part = text.partition(".")
    if not (whole.isdecimal() and len(whole) < 4 and (not part or (part.isdecimal() and len(part) < 3))):
        return -1
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


def _whole(value: Any) -> int:
    """A whole number as typed, full-width digits too; 0, which no field takes, for anything else."""
    text = str(value).strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _address(actor: Actor, body: dict[str, Any], customer_id: UUID | None) -> DraftAddress | None:
    chosen = text_of(body, "address_id", most=100)
    if not chosen:
        return _typed_address(body.get("address"))
    if customer_id is None:
        return None
    if chosen.startswith(ORDER_PREFIX):
        order_id = wanted_id(chosen.removeprefix(ORDER_PREFIX))
        order = visible(actor, "orders.view").filter(id=order_id, customer_id=customer_id).first()
        return address_of_order(order) if order else None
    row = Address.objects.filter(id=wanted_id(chosen), customer_id=customer_id).first()
    return DraftAddress(**{name: getattr(row, name) for name in ADDRESS_FIELDS}) if row else None


def _typed_address(typed: Any) -> DraftAddress | None:
    if not isinstance(typed, dict):
        return None
    return DraftAddress(**{name: text_of(typed, name, most=1000) for name in ADDRESS_FIELDS})


def address_of_order(order: Order) -> DraftAddress:
    return DraftAddress(**{name: getattr(order, f"ship_{name}") for name in ADDRESS_FIELDS})


def saved_addresses(actor: Actor, customer_id: UUID) -> list[ShownAddress]:
    """Where the customer's parcels may go, the usual place first; that of the last order within reach too if it is another."""
    rows = list(Address.objects.filter(customer_id=customer_id).order_by("-is_default", "-created_at")[:8])
    found = [ShownAddress(str(row.id), row.name, _masked(row.phone), _one_line(row)) for row in rows]
    last = _last_order(actor, customer_id)
    if last is not None:
        place = address_of_order(last)
        if matching_address(rows, place) is None:
            found.append(
                ShownAddress(f"{ORDER_PREFIX}{last.id}", place.name, _masked(place.phone), _one_line(place))
            )
    return found


def _last_order(actor: Actor, customer_id: UUID) -> Order | None:
    if not actor.can("orders.view"):
        return None
    rows = visible(actor, "orders.view").filter(customer_id=customer_id).exclude(state="draft")
    return rows.order_by("-placed_at").first()


def matching_address(rows: Sequence[Address], place: DraftAddress) -> Address | None:
    """The saved address that is this one."""
    wanted = (place.name, place.street, place.city, place.postcode)
    return next((row for row in rows if (row.name, row.street, row.city, row.postcode) == wanted), None)


def _masked(e164: str) -> str:
    return mask_phone(e164, reader().country) if e164 else ""


def _one_line(place: Address | DraftAddress) -> str:
    return one_line(**{name: getattr(place, name) for name in PLACE})


def shown_lines(body: dict[str, Any], draft: OrderDraft, priced: PricedDraft) -> list[ShownLine]:
    """Each line with its price, what is left of it where, and what is wrong with it."""
    language, ids = reader().language, [line.variant_id for line in draft.lines]
    stock, known = availability_for(draft.customer_id, ids), variants(ids)
    found = []
    for index, (line, cost, typed) in enumerate(zip(draft.lines, priced.lines, _lines(body), strict=False)):
        hit = known.get(line.variant_id)
        found.append(
            ShownLine(
                variant_id=str(line.variant_id),
                name=full_name(hit) if hit else _("Unknown product"),
                sku=hit.sku if hit else "",
                quantity=str(typed.get("quantity", "")),
                unit=cost.unit if cost else None,
                total=cost.total if cost else None,
                stock=places(stock[line.variant_id], language),
                problem=_problem(index, line, priced, stock[line.variant_id]),
                short=not can_buy(stock[line.variant_id], line.quantity),
                why=pricing.explain(cost.steps, cost.total.currency, language) if cost else "",
            )
        )
    return found


def _problem(index: int, line: DraftLine, priced: PricedDraft, stock: list[WarehouseStock]) -> str:
    for name in ("variant_id", "quantity", "discount"):
        if said := priced.problems.get(f"lines.{index}.{name}"):
            return said
    if not can_buy(stock, line.quantity):
        left = sum(max(each.available, 0) for each in stock)
        if not left:
            return _("Sold out.")
        return ngettext("Only %(count)s left.", "Only %(count)s left.", left) % {"count": left}
    return priced.price_changes.get(f"lines.{index}.price", "")


def places(stock: list[WarehouseStock], language: str) -> list[str]:
    """What is left where: `3 in Hangzhou`."""
    said = [
        _("%(count)s in %(place)s")
        % {"count": formats.number(each.available), "place": each.name_in(language)}
        for each in stock
        if each.available > 0
    ]
    if not said and any(each.backorderable for each in stock):
        return [_("on backorder")]
    return said or [_("none left")]


def full_name(hit: VariantHit) -> str:
    return hit.name_in(reader().language)


def hits(text: str) -> list[ShownHit]:
    """Products for a search by name, code, pinyin or barcode, with what is left of each."""
    found = search_variants(text, limit=8, forgiving=True)
    stock = availability(each.id for each in found)
    language = reader().language
    return [
        ShownHit(
            id=each.id,
            name=full_name(each),
            option="" if each.option_in(language) in full_name(each) else each.option_in(language),
            sku=each.sku,
            price=each.price,
            stock=places(stock[each.id], language),
            left=sum(max(row.available, 0) for row in stock[each.id])
            or int(any(row.backorderable for row in stock[each.id])),
        )
        for each in found
    ]


def shown_methods(priced: PricedDraft) -> list[ShownMethod]:
    """The ways of delivery that reach the address, with price and days."""
    return [
        ShownMethod(
            code=each.code,
            label=each.name_in(reader().language),
            price=formats.money(each.price) if each.price else _("free"),
            about=_days(each.days_min, each.days_max),
        )
        for each in priced.deliveries
    ]


def _days(least: int, most: int) -> str:
    if least == most:
        return ngettext("%(most)s day", "%(most)s days", most) % {"most": most}
    return _("%(least)s–%(most)s days") % {"least": least, "most": most}
