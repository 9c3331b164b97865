"""What is printed on an invoice or credit note, as a value that is stored and never changes.

Built from an order as its lines carry price, discount and tax: `gross = net + tax` for each part, and the sum of the parts is the
order's total. `LAYOUT` names the drawing it was made for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from callcart.commerce.invoicing.models import Buyer, BuyerKind, PaperLanguage, Seller
from callcart.commerce.orders.public import Line, Order

LAYOUT = 1


class PartKind(StrEnum):
    GOODS = "goods"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Part:
    """One line. `unit` and `discount` are as the order shows them, with the tax in them where its prices include it. On a credit
    note `position` is that of the invoice's line, and a quantity of zero says: an amount, no goods."""

    position: int
    kind: str
    name: str
    name_zh: str
    sku: str
    quantity: int
    unit: int
    discount: int
    net: int
    tax: int
    rate_ppm: int
    set_id: str = ""
    set_name: str = ""
    set_name_zh: str = ""
    sets: int = 0

    @property
    def gross(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class TaxSum:
    """All parts of one rate."""

    rate_ppm: int
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class SellerData:
    name: str
    name_zh: str
    address: str
    address_zh: str
    tax_number: str
    bank: str
    bank_account: str
    phone: str
    email: str
    note: str
    note_zh: str
    logo: str


@dataclass(frozen=True, slots=True)
class BuyerData:
    kind: str
    title: str
    tax_number: str
    address: str
    phone: str
    bank: str
    bank_account: str
    email: str
    wants_tax_invoice: bool


@dataclass(frozen=True, slots=True)
class Content:
    """All of it. Days are ISO dates in the shop's time zone. `language` is `en`, `zh-hans` or `both`."""

    layout: int
    kind: str
    number: str
    issued_on: str
    order_number: str
    ordered_on: str
    language: str
    currency: str
    country: str
    payment_method: str
    tax_added: bool
    seller: SellerData
    buyer: BuyerData
    parts: tuple[Part, ...]
    taxes: tuple[TaxSum, ...]
    refers_to: str = ""
    refers_on: str = ""
    reason: str = ""

    @property
    def net(self) -> int:
        return sum(part.net for part in self.parts)

    @property
    def tax(self) -> int:
        return sum(part.tax for part in self.parts)

    @property
    def total(self) -> int:
        return self.net + self.tax

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Content:
        found = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        return cls(
            **found
            | {
                "seller": SellerData(**stored["seller"]),
                "buyer": BuyerData(**stored["buyer"]),
                "parts": tuple(Part(**each) for each in stored["parts"]),
                "taxes": tuple(TaxSum(**each) for each in stored["taxes"]),
            }
        )


def sums_by_rate(parts: Iterable[Part]) -> tuple[TaxSum, ...]:
    """Net and tax by rate, the highest rate first."""
    net: dict[int, int] = defaultdict(int)
    tax: dict[int, int] = defaultdict(int)
    for part in parts:
        net[part.rate_ppm] += part.net
        tax[part.rate_ppm] += part.tax
    return tuple(TaxSum(rate, net[rate], tax[rate]) for rate in sorted(net, reverse=True))


def parts_of(order: Order) -> tuple[Part, ...]:
    """The lines of an order, and its delivery where that costs something."""
    added = _tax_added(order)
    found = [
        _part(
            Part(
                position=number,
                kind=PartKind.GOODS,
                name=line.name,
                name_zh=line.name_zh,
                sku=line.sku,
                quantity=line.quantity,
                unit=line.unit_minor,
                discount=line.discount_minor,
                net=line.total_minor,
                tax=line.tax_minor,
                rate_ppm=line.tax_rate_ppm,
                **_set_of(line),
            ),
            added=added,
        )
        for number, line in enumerate(order.lines.select_related("sold_set").order_by("position"), start=1)
    ]
    if order.delivery_minor:
        delivery = Part(
            position=len(found) + 1,
            kind=PartKind.DELIVERY,
            name=order.delivery_name,
            name_zh=order.delivery_name_zh,
            sku="",
            quantity=1,
            unit=order.delivery_minor + order.delivery_discount_minor,
            discount=order.delivery_discount_minor,
            net=order.delivery_minor,
            tax=int(order.pricing.get("delivery_tax_minor") or 0),
            rate_ppm=int(order.pricing.get("delivery_tax_ppm") or 0),
        )
        found.append(_part(delivery, added=added))
    return tuple(found)


def _set_of(line: Line) -> dict[str, Any]:
    """The set a line was sold in: its lines stand under its name."""
    its = line.sold_set
    if its is None:
        return {}
    return {"set_id": str(its.id), "set_name": its.name, "set_name_zh": its.name_zh, "sets": its.quantity}


def _tax_added(order: Order) -> bool:
    return bool(order.pricing.get("tax_added")) or order.added_tax_minor > 0


def _part(part: Part, *, added: bool) -> Part:
    """Tax that is in a price is taken out of the net; tax on top stands beside it."""
    return part if added else replace(part, net=part.net - part.tax)


def content_of(order: Order, seller: Seller, buyer: BuyerData, *, ordered_on: str) -> Content:
    """What an invoice of the order says; its number and day are filled in when it is issued."""
    parts = parts_of(order)
    return Content(
        layout=LAYOUT,
        kind="invoice",
        number="",
        issued_on="",
        order_number=order.number,
        ordered_on=ordered_on,
        language=_language(order, seller),
        currency=order.currency,
        country=order.ship_country,
        payment_method=order.payment_method,
        tax_added=_tax_added(order),
        seller=SellerData(**{each.name: getattr(seller, each.name) for each in fields(SellerData)}),
        buyer=buyer,
        parts=parts,
        taxes=sums_by_rate(parts),
    )


def _language(order: Order, seller: Seller) -> str:
    if seller.language != PaperLanguage.CUSTOMER:
        return seller.language
    return PaperLanguage.ZH if order.language.lower().startswith("zh") else PaperLanguage.EN


def buyer_data(order: Order, said: Buyer | None) -> BuyerData:
    """Whom it is for: what was said, else the receiver."""
    if said is None:
        town = [
            order.ship_postcode,
            order.ship_province,
            order.ship_city,
            order.ship_district,
            order.ship_street,
        ]
        chinese = order.ship_country == "CN"
        street = "".join(town[1:]) if chinese else ", ".join(filter(None, [*reversed(town[1:]), town[0]]))
        return BuyerData(BuyerKind.PERSON, order.ship_name, "", street, "", "", "", "", False)
    return BuyerData(**{each.name: getattr(said, each.name) for each in fields(BuyerData)})
