"""Who visits the shop, from the cookies: the cart, the customer signed in, the orders this browser has a proof of. Nothing of
staff is read here, and no cookie holds a personal thing in the clear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, unquote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callcart.commerce.catalog.public import Category, list_categories
from callcart.commerce.orders import public as orders
from callcart.config import config
from callcart.contact.messaging.public import visitors
from callcart.core.actor import Actor
from callcart.people.customers import public as customers
from callcart.people.tenants.public import Tenant, list_service_numbers
from callcart.web.http import page, reading_here
from callcart.web.reader import reader
from callcart.web.shop.pictures import picture_url

SESSION, CART, FOLLOWED, SAID, CAMPAIGN = "customer", "cart", "orders", "said", "campaign"
CAMPAIGN_SECONDS = 30 * 24 * 3600
_CAMPAIGN = re.compile(r"[\w .\-]{1,100}")
SESSION_SECONDS = 180 * 24 * 3600
CART_SECONDS = 60 * 24 * 3600
BRANDS = ("pine", "grain", "sea")

# What a page may say on arrival. The cookie carries only the name, so nobody can put words in our mouth.
SENTENCES: Mapping[str, str | Promise] = {
    "added": _("It is in your cart."),
    "removed": _("Taken out of your cart."),
    "signed_in": _("You are signed in."),
    "signed_out": _("You are signed out."),
    "saved": _("Saved."),
    "address_removed": _("The address is removed."),
    "cancelled": _("The order is cancelled."),
    "will_call": _("We will call you. Please keep your telephone at hand."),
    "return_asked": _("Your request has reached us."),
    "return_cancelled": _("It is withdrawn."),
    "prices": _("These are the new prices."),
    "coupon": _("The code is in your cart."),
    "card_used": _("The gift card has paid its part."),
    "credit_used": _("Your store credit has paid its part."),
    "on_the_list": _("You are on the list. We tell you as soon as it is back."),
    "off_the_list": _("You are off the list."),
    "arrival_in_stock": _("It is in stock: you can order it now."),
    "arrival_refused": _("We cannot reach you that way. Choose another, or add it to your details."),
    "no_gateway": _(
        "The payment provider cannot be reached just now. Your order is safe; try again in a moment."
    ),
}
WARNINGS = frozenset({"no_gateway", "arrival_refused"})


@dataclass(frozen=True, slots=True)
class Visit:
    """What every page of the shop knows of its visitor. `count`: units in the cart."""

    actor: Actor
    customer: Actor | None
    cart: str
    count: int
    followed: tuple[UUID, ...]
    brand: str
    phone: str
    categories: tuple[Category, ...]
    said: str
    warned: bool
    campaign: str = ""

    @property
    def chat(self) -> UUID | None:
        """The chat that the pages show; looked up only where one is asked for."""
        found = visitors.shop_chat()
        return found.id if found is not None else None


def tenant_of(request: HttpRequest) -> Tenant:
    return cast(Tenant, request.tenant)  # type: ignore[attr-defined]


def visit_of(request: HttpRequest) -> Visit:
    """The visit of this request, read once."""
    known = getattr(request, "shop_visit", None)
    if known is None:
        known = request.shop_visit = _read(request)  # type: ignore[attr-defined]
    return cast(Visit, known)


def forget_visit(request: HttpRequest) -> None:
    """Something a page shows of the visitor has changed in this request."""
    know_visit(request, None)


def know_visit(request: HttpRequest, visit: Visit | None) -> None:
    """The visit from now on; None: to be read when it is asked for."""
    request.shop_visit = visit  # type: ignore[attr-defined]


def _read(request: HttpRequest) -> Visit:
    tenant = tenant_of(request)
    token = request.COOKIES.get(SESSION, "")[:100]
    customer = customers.resolve_customer_session(token) if token else None
    actor = customer or customers.guest_actor(tenant.id, language=reader().language)
    followed = orders.proven_orders(tenant.id, request.COOKIES.get(FOLLOWED, ""))
    cart = request.COOKIES.get(CART, "")[:100]
    return Visit(
        actor=orders.following(reading_here(actor), followed),
        customer=customer,
        cart=cart,
        count=orders.cart_units(cart),
        followed=followed,
        brand=brand_of(tenant),
        phone=next((each.number for each in list_service_numbers(tenant.id) if each.is_active), ""),
        categories=tuple(each for each in list_categories() if each.parent_id is None),
        said=str(SENTENCES.get(request.COOKIES.get(SAID, ""), "")),
        warned=request.COOKIES.get(SAID, "") in WARNINGS,
        campaign=_campaign(request),
    )


def _campaign(request: HttpRequest) -> str:
    """Which campaign led here: the address's word, else what is remembered of it. Anything but a plain name is none."""
    for given in (request.GET.get("campaign", ""), _plain(request.COOKIES.get(CAMPAIGN, ""))):
        if _CAMPAIGN.fullmatch(given.strip()):
            return given.strip()
    return ""


def _plain(cookie: str) -> str:
    """A cookie holds plain letters only; the name in it is written as in an address."""
    return unquote(cookie[:600])


def brand_of(tenant: Tenant) -> str:
    """The colours of a shop."""
    return BRANDS[(tenant.id - 1) % len(BRANDS)]


def show(
    request: HttpRequest, template: str, *, status: int = 200, personal: bool = True, **values: Any
) -> HttpResponse:
    """A page of the shop. A personal one is stored nowhere, and every page is for somebody signed in: shelves show their own prices.
    Of the others a browser may keep a copy, which it must ask about before it shows it."""
    visit = visit_of(request)
    personal = personal or visit.customer is not None
    response = page(request, template, status=status, visit=visit, picture_url=picture_url, **values)
    response["Cache-Control"] = "private, no-store" if personal else "private, no-cache"
    response["Vary"] = "Cookie, Accept-Language"
    if request.COOKIES.get(SAID):
        response.delete_cookie(SAID, samesite="Lax")
    if request.GET.get("campaign") and visit.campaign:
        keep(response, CAMPAIGN, quote(visit.campaign), seconds=CAMPAIGN_SECONDS)
    return response


def leave(address: str, *, said: str = "") -> HttpResponse:
    """Send the visitor on (303), with a word to be said there."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    response["Cache-Control"] = "private, no-store"
    if said:
        keep(response, SAID, said, seconds=60)
    return response


def keep(response: HttpResponse, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie that no script reads."""
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, secure=config().tls, samesite="Lax", path="/"
    )


def follow(request: HttpRequest, response: HttpResponse, order_id: UUID) -> None:
    """Let this browser see an order from now on, the newest first."""
    wanted = (order_id, *visit_of(request).followed)
    proof = orders.follow_proof(tenant_of(request).id, wanted)
    keep(response, FOLLOWED, proof, seconds=orders.GOOD_FOR_SECONDS)
