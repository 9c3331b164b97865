"""What the checkout's forms hold, read back from the browser. Nothing in it is trusted: the order is priced and checked anew,
and only the fingerprint of what was shown decides whether the visitor has seen today's prices.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict

from callcart.commerce.orders import public as orders
from callcart.core import tokens
from callcart.core.actor import Actor
from callcart.people.customers import public as customers

ADDRESS = ("name", "phone", "province", "city", "district", "street", "postcode")
NEW = "new"
_KEPT_OF_FIELD = 11_000  # enough to say how long a text is that is too long
_KEY = re.compile(r"[A-Za-z0-9_-]{20,60}")


@dataclass(frozen=True, slots=True)
class CheckoutForm:
    """One visitor's answers. `choice` is a kept address's id or `new`; `values` the fields of a new one."""

    choice: str = NEW
    values: Mapping[str, str] = field(default_factory=dict)
    save: bool = False
    delivery_method: str = ""
    payment_method: str = ""
    instalments: str = ""
    note: str = ""
    gift_card: str = ""
    use_credit: bool = False
    key: str = ""
    shown: str = ""

    @property
    def is_new(self) -> bool:
        return self.choice == NEW


def read_form(posted: QueryDict) -> CheckoutForm:
    """The answers in a POST."""
    key = posted.get("key", "")
    return CheckoutForm(
        choice=posted.get("address", NEW)[:40],
        values={name: posted.get(name, "")[:_KEPT_OF_FIELD] for name in ADDRESS},
        save=posted.get("save") == "1",
        delivery_method=posted.get("delivery_method", "")[:100],
        payment_method=posted.get("payment_method", "")[:100],
        instalments=posted.get("instalments", "")[:10],
        note=posted.get("note", "")[:_KEPT_OF_FIELD],
        gift_card=posted.get("gift_card", "").strip()[:100],
        use_credit=posted.get("use_credit") == "1",
        key=key if _KEY.fullmatch(key) else tokens.new_token(),
        shown=posted.get("shown", "")[:100],
    )


def address_of(form: CheckoutForm, kept: list[customers.Address]) -> orders.DraftAddress | None:
    """The address meant: a kept one of the customer's own, or what was typed; None for an id that is not theirs."""
    if form.is_new:
        return orders.DraftAddress(**{name: form.values.get(name, "") for name in ADDRESS})
    found = next((each for each in kept if str(each.id) == form.choice), None)
    if found is None:
        return None
    return orders.DraftAddress(**{name: getattr(found, name) for name in ADDRESS}, country=found.country)


def draft_of(
    form: CheckoutForm,
    actor: Actor,
    cart: orders.CartView,
    *,
    address: orders.DraftAddress | None,
    campaign: str = "",
) -> orders.OrderDraft:
    """The order this would be."""
    count = form.instalments.strip()
    return orders.OrderDraft(
        lines=cart.draft_lines(),
        channel="web",
        address=address,
        delivery_method=form.delivery_method,
        payment_method=form.payment_method,
        instalments=int(count) if form.payment_method == "instalments" and count.isdecimal() else 0,
        customer_id=actor.id,
        campaign=campaign,
        note=form.note,
        language=actor.language,
        coupons=tuple(each.code for each in cart.coupons),
    )


def fingerprint(cart: orders.CartView) -> str:
    """Names what a page has shown of a cart: every SKU with its quantity, today's price, and what it comes to."""
    text = ";".join(
        f"{line.variant.id}:{line.quantity}:{line.price.minor}:{line.total.minor}" for line in cart.lines
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def placing_key(token: str, form: CheckoutForm) -> str:
    """The idempotency key of a press on the button; bound to the cart, so that a key seen elsewhere is of no use."""
    return hashlib.sha256(f"{token}:{form.key}".encode()).hexdigest()


def known_of(customer: Actor) -> dict[str, str]:
    """What a form of an address need not ask somebody who is signed in: their name, and the number they are reached at."""
    if customer.id is None:
        return {}
    phones = customers.Phone.objects.filter(customer_id=customer.id).order_by("-is_primary", "created_at")
    first = phones.first()
    return {
        "name": customer.name,
        "phone": customers.display_phone(customer, first.e164) if first else "",
    }


def kept_addresses(customer_id: UUID | None) -> list[customers.Address]:
    return customers.addresses_of(customer_id) if customer_id is not None else []
