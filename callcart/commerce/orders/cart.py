"""The cart of the shop. Its token lives in the visitor's cookie, its hash here. A cart promises nothing: stock and price are
decided when it is placed, and it says when a price is not what the visitor saw."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language, gettext

from callcart.commerce.catalog.public import VariantHit, variants
from callcart.commerce.inventory.public import can_buy, retrying
from callcart.commerce.orders.draft_checks import MOST_LINES
from callcart.commerce.orders.drafts import (
    MOST_COUPONS,
    MOST_UNITS,
    DraftLine,
    OrderDraft,
    basket_line,
    buyer_of,
)
from callcart.commerce.orders.first import is_first_order
from callcart.commerce.orders.models import Cart, CartLine, Channel, Order
from callcart.commerce.orders.place import place_order
from callcart.commerce.orders.sets import pieces_now, with_components
from callcart.commerce.pricing import public as pricing
from callcart.commerce.supply.public import availability_for
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant


@dataclass(frozen=True, slots=True)
class CartLineView:
    """A line as the cart page shows it. `seen` is the price the visitor was last shown, `listed` the retail price, `saved`
    what promotions and price lists take off the line."""

    variant: VariantHit
    quantity: int
    seen: Money
    price: Money
    total: Money
    in_stock: bool
    left: int
    listed: Money
    saved: Money
    steps: tuple[pricing.Step, ...] = ()

    @property
    def changed(self) -> bool:
        return self.seen != self.price


@dataclass(frozen=True, slots=True)
class CartCoupon:
    """A code in a cart: what it takes off, or why it does not. `stops`: it has to go before the cart can be ordered."""

    code: str
    note: str = ""
    stops: bool = False


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart at today's prices. `can_order`: all of it is sold and there; `changed`: some price has moved. `offers` are the
    names of promotions given; `free_delivery`: one of them pays for delivery."""

    id: UUID | None
    lines: tuple[CartLineView, ...]
    goods: Money
    units: int
    saved: Money
    coupons: tuple[CartCoupon, ...] = ()
    offers: tuple[pricing.PromotionTerms, ...] = ()
    tax_is_added: bool = False

    @property
    def changed(self) -> bool:
        return any(line.changed for line in self.lines)

    @property
    def can_order(self) -> bool:
        goods = all(line.in_stock and line.variant.on_sale for line in self.lines)
        return bool(self.lines) and goods and not any(coupon.stops for coupon in self.coupons)

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


def cart_id(token: str) -> UUID | None:
    """The cart of a token that is still one, for those who keep which it is."""
    cart = _open(token)
    return cart.id if cart else None


def view_cart(token: str, *, buyer: pricing.Buyer | None = None) -> CartView:
    """The cart of a token as a buyer gets it; an empty one where there is none."""
    return _view(_open(token), buyer)


def view_cart_of(wanted: UUID, *, customer_id: UUID | None) -> CartView:
    """A cart whose visitor was heard of elsewhere, as that visitor gets it; an empty one where it is ordered or gone."""
    cart = Cart.objects.filter(id=wanted, order_id__isnull=True).first()
    return _view(cart, pricing.Buyer(customer_id, country=get_tenant().country, channel=Channel.WEB))


def _view(cart: Cart | None, buyer: pricing.Buyer | None) -> CartView:
    rows = list(cart.lines.all()) if cart else []
    found = variants(row.variant_id for row in rows)
    stock = availability_for(buyer.customer_id if buyer else None, found)
    basket = _priced(rows, found, cart.coupons if cart else [], buyer or _visitor())
    currency = get_tenant().currency
    lines = []
    for row, item in zip(rows, basket.lines, strict=True):
        here = stock[row.variant_id]
        lines.append(
            CartLineView(
                variant=found[row.variant_id],
                quantity=row.quantity,
                seen=Money(row.seen_minor, currency),
                price=Money(item.unit_minor, currency),
                total=Money(item.total_minor, currency),
                in_stock=can_buy(here, row.quantity),
                left=sum(max(each.available, 0) for each in here),
                listed=Money(item.list_minor, currency),
                saved=Money(item.saved_minor, currency),
                steps=item.steps,
            )
        )
    return CartView(
        id=cart.id if cart else None,
        lines=tuple(lines),
        goods=Money(basket.goods_minor, currency),
        units=sum(line.quantity for line in lines),
        saved=Money(basket.saved_minor, currency),
        coupons=_coupons(cart.coupons if cart else [], basket, currency),
        offers=tuple(each.terms for each in basket.applied),
        tax_is_added=basket.tax_is_added and basket.tax_minor > 0,
    )


def _visitor() -> pricing.Buyer:
    return pricing.Buyer(country=get_tenant().country, channel=Channel.WEB)


def _priced(
    rows: Sequence[CartLine], found: Mapping[UUID, VariantHit], codes: Sequence[str], buyer: pricing.Buyer
) -> pricing.PricedBasket:
    wanted = [row.variant_id for row in rows]
    pieces = pieces_now(wanted)
    rules = pricing.load_rules(with_components(wanted, pieces), buyer, codes=codes)
    lines = tuple(
        basket_line(
            DraftLine(row.variant_id, row.quantity), found[row.variant_id], pieces.get(row.variant_id, ())
        )
        for row in rows
    )
    first = rules.ask_first_order and is_first_order(buyer)
    return pricing.price_basket(pricing.Basket(lines, buyer, tuple(codes), first), rules)


def _coupons(codes: Sequence[str], basket: pricing.PricedBasket, currency: str) -> tuple[CartCoupon, ...]:
    notes = {pricing.code_key(note.code): note for note in basket.notes if note.code}
    language = get_language() or "en"
    return tuple(
        CartCoupon(code, pricing.say_note(note, currency, language), note.stops)
        if (note := notes.get(pricing.code_key(code)))
        else CartCoupon(code)
        for code in codes
    )


def add_to_cart(
    token: str, variant_id: UUID, *, quantity: int = 1, buyer: pricing.Buyer | None = None
) -> CartView:
    """Add units of a SKU. Raises Invalid."""
    if not 1 <= quantity <= MOST_UNITS:
        raise _wrong_quantity()
    _put(token, variant_id, quantity, buyer or _visitor(), add=True)
    return view_cart(token, buyer=buyer)


def set_cart_quantity(
    token: str, variant_id: UUID, *, quantity: int, buyer: pricing.Buyer | None = None
) -> CartView:
    """Set the units of a SKU; zero takes it out. Raises Invalid for a SKU that is not sold or a wrong quantity."""
    if not 0 <= quantity <= MOST_UNITS:
        raise _wrong_quantity()
    if quantity == 0:
        CartLine.objects.filter(cart=_open(token), variant_id=variant_id).delete()
    else:
        _put(token, variant_id, quantity, buyer or _visitor(), add=False)
    return view_cart(token, buyer=buyer)


def _wrong_quantity() -> Invalid:
    return Invalid(fields={"quantity": gettext("Give a quantity from 1 to %(most)d.") % {"most": MOST_UNITS}})


def _put(token: str, variant_id: UUID, quantity: int, buyer: pricing.Buyer, *, add: bool) -> None:
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
            defaults={"quantity": wanted, "seen_minor": unit_prices({hit: wanted}, buyer)[hit.id].minor},
        )


def unit_prices(wanted: Mapping[VariantHit, int], buyer: pricing.Buyer) -> dict[UUID, Money]:
    """What a unit of each SKU costs a buyer of so many, before promotions."""
    lines = tuple(pricing.BasketLine(hit.id, units, hit.price.minor) for hit, units in wanted.items())
    rules = pricing.load_rules((hit.id for hit in wanted), buyer)
    basket = pricing.Basket(lines, buyer)
    return {
        line.variant_id: Money(pricing.unit_price(line, line.quantity, basket, rules)[0], hit.price.currency)
        for line, hit in zip(lines, wanted, strict=True)
    }


def accept_prices(token: str, *, buyer: pricing.Buyer | None = None) -> CartView:
    """The visitor has seen today's prices."""
    for line in view_cart(token, buyer=buyer).lines:
        if line.changed:
            CartLine.objects.filter(cart=_open(token), variant_id=line.variant.id).update(
                seen_minor=line.price.minor
            )
    return view_cart(token, buyer=buyer)


def add_coupon(
    token: str, code: str, *, sources: Sequence[str], buyer: pricing.Buyer | None = None
) -> CartView:
    """Put a code into the cart. Attempts are counted for each of `sources` (a cart, a network address), so that no loop
    finds a code. Raises Invalid for one that cannot count, TriedTooOften."""
    pricing.count_code_tried(get_tenant().id, sources)
    if not token or not pricing.code_key(code):
        raise Invalid(fields={"code": gettext("Please fill this in.")})
    with transaction.atomic():
        cart = _locked(token)
        if not any(pricing.same_code(code, each) for each in cart.coupons):
            if len(cart.coupons) >= MOST_COUPONS:
                raise Invalid(fields={"code": gettext("At most %(most)d codes.") % {"most": MOST_COUPONS}})
            cart.coupons = [*cart.coupons, pricing.code_key(code)]
            cart.save(update_fields=["coupons"])
        view = view_cart(token, buyer=buyer)
        refused = next(
            (each for each in view.coupons if each.stops and pricing.same_code(each.code, code)), None
        )
        if refused is not None:
            raise Invalid(fields={"code": refused.note})
    return view


def remove_coupon(token: str, code: str, *, buyer: pricing.Buyer | None = None) -> CartView:
    """Take a code out; one that is not there changes nothing."""
    with transaction.atomic():
        cart = _open(token)
        if cart is not None:
            cart = Cart.objects.select_for_update(no_key=True).get(id=cart.id)
            cart.coupons = [each for each in cart.coupons if not pricing.same_code(each, code)]
            cart.save(update_fields=["coupons"])
    return view_cart(token, buyer=buyer)


def place_cart(actor: Actor, token: str, draft: OrderDraft, *, idempotency_key: str) -> Order:
    """Place what lies in the cart, codes too, with the rest of the draft, and empty it. Raises as `place_order`; a price
    that is not what the visitor saw is PriceChanged (where the draft names the total that was seen, that decides). A second
    press returns the order of the first."""
    return retrying(lambda: _place_cart(actor, token, draft, idempotency_key))


def _place_cart(actor: Actor, token: str, draft: OrderDraft, key: str) -> Order:
    cart = Cart.objects.select_for_update(no_key=True).filter(token_hash=_hash(token)).first()
    if cart is not None and cart.order_id is not None:
        return Order.objects.get(id=cart.order_id)
    order = place_order(actor, _filled(draft, token, cart), idempotency_key=key)
    if cart is not None:
        cart.order_id, cart.changed_at = order.id, now()
        cart.save(update_fields=["order_id", "changed_at"])
    return order


def _filled(draft: OrderDraft, token: str, cart: Cart | None) -> OrderDraft:
    buyer = buyer_of(draft, draft.address)
    lines = view_cart(token, buyer=buyer).draft_lines()
    if draft.seen_total_minor is not None:
        lines = tuple(replace(line, seen_minor=None) for line in lines)
    return replace(draft, lines=lines, coupons=tuple(cart.coupons) if cart else ())


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
