"""Addresses of the shop."""

from __future__ import annotations

from django.urls import path, re_path

from callcart.web.shop import (
    account,
    arrival,
    browse,
    cart,
    checkout,
    gift_card,
    help,
    invoice,
    order,
    pasting,
    paying,
    pictures,
    returns,
    sign_in,
    survey,
)

app_name = "shop"
urlpatterns = [
    path("", browse.home, name="home"),
    path("search", browse.search, name="search"),
    path("shelf/<slug:slug>", browse.category, name="category"),
    path("p/<slug:slug>", browse.product, name="product"),
    re_path(
        r"^pictures/(?P<digest>[0-9a-f]{64})\.(?P<suffix>svg|png|jpg|webp)$", pictures.picture, name="picture"
    ),
    re_path(
        r"^pictures/(?P<form>thumb|medium|fallback)/(?P<digest>[0-9a-f]{64})$",
        pictures.picture_form,
        name="picture_form",
    ),
    path("cart", cart.cart, name="cart"),
    path("cart/add", cart.add, name="cart_add"),
    path("cart/change", cart.change, name="cart_change"),
    path("cart/prices", cart.accept, name="cart_prices"),
    path("cart/coupon", cart.coupon, name="cart_coupon"),
    path("checkout", checkout.checkout, name="checkout"),
    path("checkout/address", pasting.split_address, name="split_address"),
    path("checkout/place", checkout.place, name="place"),
    path("pay/<str:token>", paying.pay, name="pay"),
    path("pay/<str:token>/gift-card", paying.gift_card, name="pay_gift_card"),
    path("pay/<str:token>/store-credit", paying.store_credit, name="pay_credit"),
    path("gift-card", gift_card.gift_card, name="gift_card"),
    path("pay/<str:token>/go", paying.start, name="pay_start"),
    path("pay/<str:token>/back", paying.back, name="pay_back"),
    path("pay/<str:token>/state", paying.state, name="pay_state"),
    path("survey/<str:token>", survey.survey, name="survey"),
    path("track", order.track, name="track"),
    path("order/<str:number>", order.order, name="order"),
    path("order/<str:number>/invoice", invoice.buyer, name="invoice_buyer"),
    path("invoice/<str:token>", invoice.pdf, name="invoice"),
    path("order/<str:number>/cancel", order.cancel, name="cancel"),
    path("order/<str:number>/return", returns.ask, name="return_ask"),
    path("return/<str:number>", returns.case, name="return"),
    path("return/<str:number>/cancel", returns.cancel, name="return_cancel"),
    path("return/<str:number>/sent", returns.sent, name="return_sent"),
    path("return/<str:number>/slip", returns.slip, name="return_slip"),
    path("return/<str:number>/pictures/<uuid:picture_id>", returns.picture, name="return_picture"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/code", sign_in.code, name="code"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("account", account.account, name="account"),
    path("account/details", account.details, name="details"),
    path("tell-me", arrival.ask, name="arrival_ask"),
    path("account/waiting/<uuid:notice_id>/forget", arrival.forget, name="arrival_forget"),
    path("account/address", account.address, name="address_new"),
    path("account/address/<uuid:address_id>", account.address, name="address"),
    path("account/address/<uuid:address_id>/remove", account.remove_address, name="address_remove"),
    path("account/address/<uuid:address_id>/default", account.default_address, name="address_default"),
    path("help", help.help_page, name="help"),
]
