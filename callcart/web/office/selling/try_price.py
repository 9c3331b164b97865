"""What a customer would pay for a basket, and why: priced as an order would be, nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.public import Channel, channel_label
from callcart.commerce.pricing import public as pricing
from callcart.core.actor import Actor
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.customers.public import Customer, search_customers
from callcart.web.http import actor_of, page, requires
from callcart.web.office.selling import typed
from callcart.web.reader import reader

LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the answer."""

    name: str
    sku: str
    quantity: int
    unit: Money
    total: Money
    why: str


@requires("pricing.view")
def try_price(request: HttpRequest) -> HttpResponse:
    """The form and, with a basket in the address, its price: the address can be sent to a colleague."""
    asked, form = request.GET, Fields()
    wanted = typed.bundle(form, asked, "basket")
    customer = _customer(actor_of(request), asked.get("customer", ""))
    priced = None
    if wanted and not form.wrong:
        address = orders.DraftAddress(
            country=asked.get("country", "")[:2], province=asked.get("province", "")[:100]
        )
        priced = orders.price_draft(
            orders.OrderDraft(
                lines=tuple(orders.DraftLine(variant, units) for variant, units in wanted[:200]),
                channel=asked.get("channel", "web"),
                address=address,
                delivery_method=asked.get("delivery", "")[:100],
                customer_id=customer.id if customer else None,
                campaign=asked.get("campaign", "")[:100],
                coupons=typed.codes(asked.get("codes", "")),
            )
        )
    return page(
        request, "office/selling/try_price.html", priced=priced, lines=_shown(priced) if priced else [],
        customer=customer, asked=asked, errors=form.wrong, problems=_problems(priced) if priced else [],
        channels=[(str(each), channel_label(each)) for each in Channel],
        deliveries=[(each.code, each.name_in(reader().language)) for each in priced.deliveries] if priced else [],
        shipping=_delivery(priced) if priced else "", given=priced.basket.applied if priced else (),
    )  # fmt: skip


def _customer(actor: Actor, text: str) -> Customer | None:
    """The customer meant by a number or a name, the best one found; None where nobody is, or nobody may be looked for."""
    plain = typed.plain(text)
    if not plain or not actor.can("customers.view"):
        return None
    found = search_customers(actor, plain, limit=1)
    return found[0].customer if found else None


def _shown(priced: orders.PricedDraft) -> list[Shown]:
    language, currency = reader().language, priced.total.currency
    return [
        Shown(
            line.variant.name_in(language), line.variant.sku, line.quantity, line.unit, line.total,
            pricing.explain(line.steps, currency, language),
        )
        for line in priced.lines
        if line is not None
    ]  # fmt: skip


def _delivery(priced: orders.PricedDraft) -> str:
    return pricing.explain(priced.shipping.steps, priced.total.currency, reader().language)


def _problems(priced: orders.PricedDraft) -> list[str]:
    """What matters for a price: lines and codes."""
    said = [text for name, text in priced.problems.items() if name.startswith(("lines", "coupons"))]
    return [*said, *(text for text in priced.coupon_notes.values() if text not in said)]
