"""Checkout in two short pages: where to, then how (delivery, payment, the whole price) with the button that orders. Works as
a guest and signed in, without script; every refusal is said at its field and nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from callcart.commerce.inventory.public import InsufficientStock
from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core import tokens
from callcart.core.errors import AppError, Conflict, Invalid
from callcart.core.http import non_atomic
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers import public as customers
from callcart.web.http import attempt
from callcart.web.reader import reader
from callcart.web.shop import checkout_form as forms
from callcart.web.shop.cart import shown_lines
from callcart.web.shop.checkout_form import CheckoutForm
from callcart.web.shop.offers import delivery_offers, payment_offers
from callcart.web.shop.own_price import buyer_of
from callcart.web.shop.paying import one_way, send_to_gateway
from callcart.web.shop.places import address_lines
from callcart.web.shop.regions import regions_of
from callcart.web.shop.visit import follow, leave, show, tenant_of, visit_of

Errors = Mapping[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Where to. A good address leads on to the second page."""
    visit = visit_of(request)
    cart = orders.view_cart(visit.cart, buyer=buyer_of(request))
    if not cart.can_order:
        return leave(reverse("shop:cart"))
    kept = forms.kept_addresses(visit.actor.id)
    if request.method != "POST":
        choice = str(kept[0].id) if kept else forms.NEW
        return _address_page(request, CheckoutForm(choice=choice, key=tokens.new_token()), {})
    form = forms.read_form(request.POST)
    if "back" in request.POST:
        return _address_page(request, form, {})
    errors = _address_errors(request, form)
    if errors:
        return _address_page(request, form, errors)
    return _order_page(request, form, {})


def _address_errors(request: HttpRequest, form: CheckoutForm) -> dict[str, str]:
    """What is wrong with the address, by the names of the form's fields."""
    visit = visit_of(request)
    address = forms.address_of(form, forms.kept_addresses(visit.actor.id))
    cart = orders.view_cart(visit.cart)
    priced = orders.price_draft(
        forms.draft_of(form, visit.actor, cart, address=address, campaign=visit.campaign)
    )
    found = {
        name.removeprefix("address."): said
        for name, said in priced.problems.items()
        if name.partition(".")[0] == "address"
    }
    if not found and not priced.deliveries:
        found["province"] = priced.problems.get("delivery_method", "")
    return found


def _address_page(request: HttpRequest, form: CheckoutForm, errors: Errors) -> HttpResponse:
    visit, country = visit_of(request), tenant_of(request).country
    kept = forms.kept_addresses(visit.actor.id)
    values = dict(form.values)
    if visit.customer is not None and not errors and not any(values.values()):
        values |= forms.known_of(visit.customer)
    return show(
        request,
        "shop/checkout_address.html",
        status=422 if errors else 200,
        form=form,
        values=values,
        errors=errors,
        kept=[(str(each.id), each.label, address_lines(each)) for each in kept],
        regions=regions_of(country, reader().language),
        country=country,
        cart=orders.view_cart(visit.cart),
    )


def _order_page(
    request: HttpRequest, form: CheckoutForm, errors: Errors, *, message: str = "", status: int = 200
) -> HttpResponse:
    """The second page: everything the order will be, at today's prices."""
    cart, priced = _priced(request, form)
    chosen = priced.chosen or (priced.deliveries[0] if priced.deliveries else None)
    total = priced.total_with(chosen) if chosen else priced.goods
    offers = delivery_offers(priced)
    ways = payment_offers(chosen, total)
    return show(
        request,
        "shop/checkout_order.html",
        status=status,
        form=form,
        errors=errors,
        message=message,
        lines=shown_lines(cart),
        changed=cart.changed,
        can_order=cart.can_order,
        goods=cart.goods,
        offers=cart.offers,
        saved=priced.saved or None,
        tax=priced.tax_with(chosen) if chosen and priced.added_tax else None,
        delivery=chosen.price if chosen else None,
        total=total,
        shown=forms.fingerprint(cart),
        deliveries=offers,
        delivery_method=chosen.code if chosen else "",
        payments=ways,
        credit=_credit(request, total.currency),
        payment_method=form.payment_method or next((way.code for way in ways if not way.refused), ""),
        to=address_lines(priced.address) if priced.address else (),
        receiver=priced.address,
    )


def _priced(request: HttpRequest, form: CheckoutForm) -> tuple[orders.CartView, orders.PricedDraft]:
    """The cart as it is at the form's address, and the order it would be."""
    visit = visit_of(request)
    address = forms.address_of(form, forms.kept_addresses(visit.actor.id))
    cart = orders.view_cart(visit.cart, buyer=buyer_of(request))
    draft = forms.draft_of(form, visit.actor, cart, address=address, campaign=visit.campaign)
    priced = orders.price_draft(draft)
    return orders.view_cart(visit.cart, buyer=orders.buyer_of(draft, priced.address)), priced


def _credit(request: HttpRequest, currency: str) -> Money | None:
    customer = visit_of(request).customer
    if customer is None or customer.id is None:
        return None
    return payments.credit_of_customer(customer.id, currency) or None


@non_atomic
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Place the order, once however often the button is pressed; then to its page, or to the payment provider."""
    form = forms.read_form(request.POST)
    with tenant_transaction(tenant_of(request).id):
        placed = _place(request, form)
        if isinstance(placed, HttpResponse):
            return placed
        token = payments.pay_token(visit_of(request).actor, placed.id)
        straight = one_way(placed.currency) and not (form.gift_card or form.use_credit)
    if placed.payment_method == payments.PaymentMethod.COD:
        response = leave(reverse("shop:order", kwargs={"number": placed.number}) + "?new=1")
    elif straight:
        response = send_to_gateway(request, placed.id, token)
    else:  # there is something to choose, or a card has paid a part: the page says what is left
        response = leave(reverse("shop:pay", kwargs={"token": token}))
    follow(request, response, placed.id)
    return response


def _place(request: HttpRequest, form: CheckoutForm) -> orders.Order | HttpResponse:
    """The order, or the page that says why there is none."""
    visit = visit_of(request)
    cart, priced = _priced(request, form)
    address = forms.address_of(form, forms.kept_addresses(visit.actor.id))
    if cart.lines and form.shown != forms.fingerprint(cart):
        message = _("Your cart is not what this page showed. Look at it again, then order.")
        return _order_page(request, form, {}, message=message, status=409)
    with attempt(Invalid, Conflict) as tried:
        draft = forms.draft_of(form, visit.actor, cart, address=address, campaign=visit.campaign)
        # The page with today's prices is the one that was sent.
        orders.accept_prices(visit.cart, buyer=orders.buyer_of(draft, priced.address))
        order = orders.place_cart(
            visit.actor, visit.cart, draft, idempotency_key=forms.placing_key(visit.cart, form)
        )
        _use_value(request, form, order)
    if not tried:
        return _refused(request, form, tried.error)
    customer = visit.customer
    if form.save and form.is_new and customer is not None and customer.id is not None:
        with attempt(Invalid):  # the order stands, also where no more addresses can be kept
            customers.add_address(customer, customer.id, **dict[str, Any](form.values))
    return order


def _use_value(request: HttpRequest, form: CheckoutForm, order: orders.Order) -> None:
    """Pay with the gift card and the store credit of the form, in the order's own transaction: where they do not pay there is
    no order either, and the page says why. What they do not cover is paid as chosen."""
    visit, key = visit_of(request), f"checkout:{form.key}"
    try:
        if form.gift_card:
            card = payments.find_card(form.gift_card, address=request.META.get("REMOTE_ADDR", ""))
            payments.spend(visit.actor, card.id, order_id=order.id, idempotency_key=key)
    except AppError as error:
        said = error.fields.get("code", "") if isinstance(error, Invalid) else ""
        raise Invalid(fields={"gift_card": said or error.message}) from error
    customer = visit.customer
    if form.use_credit and customer is not None and customer.id is not None:
        account = payments.credit_account(customer.id, order.currency)
        with suppress(payments.NothingToSpend):
            payments.spend(customer, account.id, order_id=order.id, idempotency_key=key)


def _refused(request: HttpRequest, form: CheckoutForm, error: AppError | None) -> HttpResponse:
    fields = error.fields if isinstance(error, Invalid) else {}
    if "lines" in fields and not orders.view_cart(visit_of(request).cart).lines:
        return leave(reverse("shop:cart"))
    wrong = {
        name.removeprefix("address."): said for name, said in fields.items() if name.startswith("address")
    }
    if wrong:
        return _address_page(request, form, wrong)
    errors = {name: said for name, said in fields.items() if "." not in name}
    message = error.message if error is not None else ""
    if isinstance(error, InsufficientStock):
        message = _(
            "While you were here, somebody else bought what you wanted. The lines marked below have changed."
        )
    elif "customer_id" in errors:
        message = errors["customer_id"]
    return _order_page(request, form, errors, message=message, status=error.status if error else 422)
