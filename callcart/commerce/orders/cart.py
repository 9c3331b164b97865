"""The cart of the shop. Its token lives in the visitor's cookie, its hash here. A cart promises nothing: stock and price are
decided when it is placed, and it says when a price is not what the visitor saw."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from callcart.commerce.catalog.public import VariantHit, price_of, variants
from callcart.commerce.inventory.public import availability, can_buy, retrying
from callcart.commerce.orders.drafts import MOST_LINES, MOST_UNITS, DraftLine, OrderDraft
from callcart.commerce.orders.models import Cart, CartLine, Order
from callcart.commerce.orders.place import place_order
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant


@dataclass(frozen=True, slots=True)
class CartLineView:
    """A line as the cart page shows it. `seen` is the price the visitor was last shown."""

    variant: VariantHit
    quantity: int
    seen: Money
    price: Money
    total: Money
    in_stock: bool
    left: int

    @property
    def changed(self) -> bool:
        return self.seen != self.price


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart at today's prices. `can_order`: all of it is sold and there; `changed`: some price has moved."""

    id: UUID | None
    lines: tuple[CartLineView, ...]
    goods: Money
    units: int

    @property
    def changed(self) -> bool:
        return any(line.changed for line in self.lines)

    @property
    def can_order(self) -> bool:
        return bool(self.lines) and all(line.in_stock and line.variant.on_sale for line in self.lines)

    def draft_lines(self) -> tuple[DraftLine, ...]:
        """Lines of an order draft, at the prices the visitor saw."""
        return tuple(DraftLine(line.variant.id, line.quantity, line.seen.minor) for line in self.lines)


def new_cart_token() -> str:
    """A token for a visitor's cookie."""
    return secrets.token_urlsafe(24)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _open(token: str) -> Cart | None:
    return Cart.objects.filter(token_hash=_hash(token), order_id__isnull=True).first() if token else None


def cart_units(token: str) -> int:
    """How many units lie in a cart, for the badge."""
    cart = _open(token)
    return sum(cart.lines.values_list("quantity", flat=True)) if cart else 0


def view_cart(token: str) -> CartView:
    """The cart of a token; an empty one where there is none."""
    cart = _open(token)
    rows = list(cart.lines.all()) if cart else []
    found = variants(row.variant_id for row in rows)
    stock = availability(found)
    lines = []
    for row in rows:
        hit = found[row.variant_id]
        price = price_of(hit)
        here = stock[row.variant_id]
        lines.append(
            CartLineView(
                variant=hit,
                quantity=row.quantity,
                seen=Money(row.seen_minor, price.currency),
                price=price,
                total=price * row.quantity,
                in_stock=can_buy(here, row.quantity),
                left=sum(max(each.available, 0) for each in here),
            )
        )
    goods = sum((line.total for line in lines), Money.zero(get_tenant().currency))
    return CartView(
        id=cart.id if cart else None,
        lines=tuple(lines),
        goods=goods,
        units=sum(line.quantity for line in lines),
    )


def add_to_cart(token: str, variant_id: UUID, *, quantity: int = 1) -> CartView:
    """Add units of a SKU. Raises Invalid."""
    if not 1 <= quantity <= MOST_UNITS:
        raise _wrong_quantity()
    _put(token, variant_id, quantity, add=True)
    return view_cart(token)


def set_cart_quantity(token: str, variant_id: UUID, *, quantity: int) -> CartView:
    """Set the units of a SKU; zero takes it out. Raises Invalid for a SKU that is not sold or a wrong quantity."""
    if not 0 <= quantity <= MOST_UNITS:
        raise _wrong_quantity()
    if quantity == 0:
        CartLine.objects.filter(cart=_open(token), variant_id=variant_id).delete()
    else:
        _put(token, variant_id, quantity, add=False)
    return view_cart(token)


def _wrong_quantity() -> Invalid:
    return Invalid(fields={"quantity": gettext("Give a quantity from 1 to %(most)d.") % {"most": MOST_UNITS}})


def _put(token: str, variant_id: UUID, quantity: int, *, add: bool) -> None:
    """Set or add units under the cart's lock, so that two presses at once both count."""
    if not token:
        raise Invalid(fields={"token": gettext("There is no cart.")})
    hit = variants([variant_id]).get(variant_id)
    if hit is None or not hit.on_sale:
        raise Invalid(fields={"variant_id": gettext("This product is no longer sold.")})
    with transaction.atomic():
        cart = _locked(token)
        lines = CartLine.objects.filter(cart=cart)
        row = lines.filter(variant_id=variant_id).first()
        if row is None and lines.count() >= MOST_LINES:
            raise Invalid(fields={"lines": gettext("The cart is full.")})
        wanted = quantity + (row.quantity if add and row else 0)
        if wanted > MOST_UNITS:
            raise _wrong_quantity()
        lines.update_or_create(
            cart=cart,
            variant_id=variant_id,
            defaults={"quantity": wanted, "seen_minor": price_of(hit).minor},
        )


def accept_prices(token: str) -> CartView:
    """The visitor has seen today's prices."""
    for line in view_cart(token).lines:
        if line.changed:
            CartLine.objects.filter(cart=_open(token), variant_id=line.variant.id).update(
                seen_minor=line.price.minor
            )
    return view_cart(token)


def place_cart(actor: Actor, token: str, draft: OrderDraft, *, idempotency_key: str) -> Order:
    """Place what lies in the cart with the rest of the draft, and empty it. Raises as `place_order`; a price that is not
    what the visitor saw is PriceChanged. A second press returns the order of the first."""
    return retrying(lambda: _place_cart(actor, token, draft, idempotency_key))


def _place_cart(actor: Actor, token: str, draft: OrderDraft, key: str) -> Order:
    cart = Cart.objects.select_for_update(no_key=True).filter(token_hash=_hash(token)).first()
    if cart is not None and cart.order_id is not None:
        return Order.objects.get(id=cart.order_id)
    order = place_order(actor, replace(draft, lines=view_cart(token).draft_lines()), idempotency_key=key)
    if cart is not None:
        cart.order_id, cart.changed_at = order.id, now()
        cart.save(update_fields=["order_id", "changed_at"])
    return order


def _locked(token: str) -> Cart:
    digest = _hash(token)
    Cart.objects.bulk_create([Cart(token_hash=digest, changed_at=now())], ignore_conflicts=True)
    cart = Cart.objects.select_for_update(no_key=True).get(token_hash=digest)
    if cart.order_id is not None:  # it was placed: what comes now is a new cart under the same cookie
        Cart.objects.filter(id=cart.id).update(token_hash=f"{digest}.{cart.id}")
        cart = Cart.objects.create(token_hash=digest, changed_at=now())
    cart.changed_at = now()
    cart.save(update_fields=["changed_at"])
    return cart
