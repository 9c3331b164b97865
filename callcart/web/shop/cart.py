"""The cart: put in, change, take out. What changed since it was put in (a price, the stock) is said at its line."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.catalog.public import product_by_slug, variant_by_code
from callcart.commerce.orders import public as orders
from callcart.commerce.pricing import public as pricing
from callcart.core.errors import Invalid, NotFound
from callcart.core.money import Money
from callcart.core.throttle import TriedTooOften
from callcart.web import formats
from callcart.web.http import attempt
from callcart.web.reader import reader
from callcart.web.shop.browse import product_page
from callcart.web.shop.own_price import buyer_of
from callcart.web.shop.visit import CART, CART_SECONDS, forget_visit, keep, leave, show, visit_of

MOST_SHOWN = 9_999


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the cart. `problem` stops the order, `notice` (a price that moved) wants to be seen."""

    sku: str
    slug: str
    name: str
    image: str
    quantity: str
    most: int
    price: Money
    before: Money | None
    total: Money
    saved: Money | None
    why: str
    problem: str
    notice: str
    gone: bool


def shown_lines(cart: orders.CartView, typed: dict[str, str] | None = None) -> list[ShownLine]:
    """The lines of a cart as pages show them; `typed` keeps quantities that were refused, by SKU."""
    return [_shown(line, (typed or {}).get(line.variant.sku)) for line in cart.lines]


def _shown(line: orders.CartLineView, typed: str | None) -> ShownLine:
    hit = line.variant
    notice = ""
    if line.changed:
        notice = _("The price was %(old)s when you put it in; now it is %(new)s.") % {
            "old": formats.money(line.seen),
            "new": formats.money(line.price),
        }
    return ShownLine(
        sku=hit.sku,
        slug=hit.slug,
        name=hit.name_in(reader().language),
        image=hit.image,
        quantity=str(line.quantity) if typed is None else typed,
        most=MOST_SHOWN,
        price=line.price,
        before=line.listed if line.listed.minor > line.price.minor else None,
        total=line.total,
        saved=line.saved or None,
        why=pricing.explain(line.steps, line.price.currency, reader().language) if line.saved else "",
        problem=problem_of(line),
        notice=notice,
        gone=not hit.on_sale or (not line.in_stock and not line.left),
    )


def problem_of(line: orders.CartLineView) -> str:
    """Why a line cannot be ordered as it is; empty where it can."""
    if not line.variant.on_sale:
        return _("This is no longer sold. Take it out to go on.")
    if line.in_stock:
        return ""
    if not line.left:
        return _("Sold out since you put it in. Take it out to go on.")
    return ngettext(
        "Only %(left)s is left. Choose fewer to go on.",
        "Only %(left)s are left. Choose fewer to go on.",
        line.left,
    ) % {"left": line.left}


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return cart_page(request)


def cart_page(
    request: HttpRequest,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    code: str = "",
    code_error: str = "",
) -> HttpResponse:
    """The cart. `errors` are refusals by SKU, `code_error` that of a coupon's code."""
    view = orders.view_cart(visit_of(request).cart, buyer=buyer_of(request))
    return show(
        request,
        "shop/cart.html",
        status=422 if errors or code_error else 200,
        cart=view,
        lines=shown_lines(view, typed),
        errors=errors or {},
        code=code,
        code_error=code_error,
    )


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a SKU in. A wrong quantity is said on the product's page."""
    hit = variant_by_code(request.POST.get("sku", ""))
    if hit is None:
        raise NotFound
    typed = request.POST.get("quantity", "1")
    token = visit_of(request).cart or orders.new_cart_token()
    with attempt(Invalid) as tried:
        orders.add_to_cart(token, hit.id, quantity=_positive(typed), buyer=buyer_of(request))
    if not tried:
        said = next(iter(tried.fields.values()), tried.message)
        return product_page(request, product_by_slug(hit.slug), sku=hit.sku, quantity=typed[:12], error=said)
    response = leave(reverse("shop:cart"), said="added")
    keep(response, CART, token, seconds=CART_SECONDS)
    return response


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Another quantity for a line; zero or the bin takes it out."""
    hit = variant_by_code(request.POST.get("sku", ""))
    if hit is None:
        raise NotFound
    typed = request.POST.get("quantity", "")
    removing = "remove" in request.POST or typed.strip() == "0"
    token = visit_of(request).cart
    with attempt(Invalid) as tried:
        units = 0 if removing else _positive(typed)
        orders.set_cart_quantity(token, hit.id, quantity=units, buyer=buyer_of(request))
    if not tried:
        said = next(iter(tried.fields.values()), tried.message)
        forget_visit(request)
        return cart_page(request, typed={hit.sku: typed[:12]}, errors={hit.sku: said})
    return leave(reverse("shop:cart"), said="removed" if removing else "")


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """The visitor has seen the new prices."""
    orders.accept_prices(visit_of(request).cart, buyer=buyer_of(request))
    return leave(reverse("shop:cart"), said="prices")


@require_POST
def coupon(request: HttpRequest) -> HttpResponse:
    """A code typed into the cart's box. Attempts are counted by cart and by network address."""
    code, visit = request.POST.get("code", "")[:200], visit_of(request)
    if "remove" in request.POST:
        orders.remove_coupon(visit.cart, code, buyer=buyer_of(request))
        return leave(reverse("shop:cart"))
    sources = (f"cart:{visit.cart}" if visit.cart else "", f"address:{request.META.get('REMOTE_ADDR', '')}")
    with attempt(Invalid, TriedTooOften) as tried:
        orders.add_coupon(visit.cart, code, sources=sources, buyer=buyer_of(request))
    if not tried:
        said = tried.fields.get("code", tried.message)
        return cart_page(request, code=code, code_error=said)
    return leave(reverse("shop:cart"), said="coupon")


def _positive(text: str) -> int:
    """A whole number as typed; -1, which no cart takes, for anything else."""
    plain = text.strip()
    value = int(plain) if plain.isdecimal() and len(plain) < 10 else -1
    return value or -1
