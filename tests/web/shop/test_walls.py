"""Walls: the shop next door, caches, cookies, forms from elsewhere, methods; whatever the page."""

from __future__ import annotations

import pytest
from django.urls import URLPattern

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Case
from callcart.commerce.catalog.models import Product
from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.payments.public import pay_token
from callcart.commerce.supply.models import ArrivalNotice
from callcart.core.ids import new_id
from callcart.people.customers.models import Address
from callcart.web.shop.pictures import picture_url
from callcart.web.shop.urls import urlpatterns
from tests.commerce.invoicing.conftest import DRAFT
from tests.web.shop.test_returns import a_picture, delivered
from tests.web.shop.test_survey import asked
from tests.web.shop.visitor import ADDRESSES, Shop, Visitor

BY_ID = {"product", "picture", "pay", "pay_start", "pay_back", "pay_state", "order", "cancel", "address"} | {
    "address_remove", "address_default", "category", "pay_gift_card", "pay_credit", "invoice", "invoice_buyer",
    "return_ask", "return", "return_cancel", "return_sent", "return_slip", "return_picture", "arrival_forget", "survey",
}  # fmt: skip
POSTED = {
    "pay_start", "cancel", "address_remove", "address_default", "pay_gift_card", "pay_credit", "invoice_buyer",
    "return_cancel", "return_sent", "arrival_forget",
}  # fmt: skip
PERSONAL = ("/cart", "/checkout", "/track", "/sign-in", "/account", "/account/details")


def _things(shop: Shop, visitor: Visitor) -> dict[str, str]:
    """An address of every by-id page, for things of this shop that do exist."""
    visitor.sign_in(shop.phone())
    visitor.post("/account/address", **ADDRESSES[shop.slug])
    order = visitor.order(shop.goods())
    with shop.acting():
        token = pay_token(shop.boss, order.id)
        address = Address.objects.filter(customer_id=order.customer_id).first()
        product = Product.objects.exclude(images=[]).order_by("slug")[0]
        shelf = product.category.slug
    assert address is not None
    return _given_back(shop, visitor) | {
        "pay_gift_card": f"/pay/{token}/gift-card",
        "pay_credit": f"/pay/{token}/store-credit",
        "invoice_buyer": f"/order/{order.number}/invoice",
        "product": f"/p/{product.slug}",
        "category": f"/shelf/{shelf}",
        "picture": picture_url(product.images[0]),
        "pay": f"/pay/{token}",
        "pay_start": f"/pay/{token}/go",
        "pay_back": f"/pay/{token}/back",
        "pay_state": f"/pay/{token}/state",
        "order": f"/order/{order.number}",
        "cancel": f"/order/{order.number}/cancel",
        "address": f"/account/address/{address.id}",
        "address_remove": f"/account/address/{address.id}/remove",
        "address_default": f"/account/address/{address.id}/default",
        "survey": asked(shop)[1],
    }


def _given_back(shop: Shop, visitor: Visitor) -> dict[str, str]:
    """Addresses of a return with a picture, of its order's invoice, and of a product waited for."""
    order = delivered(shop, visitor, shop.goods(stock=5))
    with shop.acting():
        line = order.lines.get()
    asked = {"kind": "return", "key": str(new_id()), "reason": "does_not_fit", f"units-{line.id}": "1"}
    visitor.client.post(f"/order/{order.number}/return", {**asked, "pictures": [a_picture()]})
    visitor.post("/tell-me", sku=shop.goods(stock=0), channel="sms", quantity=1)
    with shop.acting():
        case = Case.objects.get(order=order)
        aftersales.approve(shop.boss, case.id, version=case.version)
        picture = case.pictures.get().id
        if not invoicing.seller().version:
            invoicing.save_seller(shop.boss, DRAFT, version=0)
        invoice = invoicing.issue_invoice(shop.boss, order.id, idempotency_key=str(new_id()))
        letter = invoicing.document_token(invoice.id)
        notice = ArrivalNotice.objects.get(customer_id=order.customer_id)
    return {
        "return_ask": f"/order/{order.number}/return",
        "return": f"/return/{case.number}",
        "return_cancel": f"/return/{case.number}/cancel",
        "return_sent": f"/return/{case.number}/sent",
        "return_slip": f"/return/{case.number}/slip",
        "return_picture": f"/return/{case.number}/pictures/{picture}",
        "invoice": f"/invoice/{letter}",
        "arrival_forget": f"/account/waiting/{notice.id}/forget",
    }


def test_every_address_by_id_is_known_to_this_walk() -> None:
    found = {
        each.name for each in urlpatterns if isinstance(each, URLPattern) and each.pattern.converters
    } | {"picture"}
    assert found == BY_ID


def test_the_other_shop_finds_none_of_it(harbor: Shop, qinghe: Shop) -> None:
    mine = _things(qinghe, qinghe.visitor())
    assert set(mine) == BY_ID
    stranger = harbor.visitor()
    stranger.sign_in(harbor.phone())
    kitchen = (
        {"category"} if mine["category"] == "/shelf/kitchen" else set()
    )  # both shops have one of that name
    for name, path in mine.items():
        if name in kitchen:
            continue
        page = stranger.post(path) if name in POSTED else stranger.get(path)
        assert page.status == 404, (name, path)


def test_the_owner_does_find_it(qinghe: Shop) -> None:
    visitor = qinghe.visitor()
    for name, path in _things(qinghe, visitor).items():
        if name not in POSTED:
            assert visitor.client.get(path).status_code == 200, (name, path)


@pytest.mark.parametrize("path", PERSONAL)
def test_personal_pages_are_stored_nowhere(harbor: Shop, path: str) -> None:
    visitor = harbor.visitor()
    if path.startswith("/account"):
        visitor.sign_in(harbor.phone())
    elif path == "/checkout":
        visitor.add(harbor.goods())
    answer = visitor.get(path).response
    assert answer["Cache-Control"] == "private, no-store"


def test_shelves_with_somebodys_own_prices_are_stored_nowhere(harbor: Shop) -> None:
    visitor, sku = harbor.visitor(), harbor.goods()
    visitor.sign_in(harbor.phone())
    for path in ("/", f"/search?q={sku}x", f"/p/{sku.lower()}", "/help"):
        assert visitor.get(path).response["Cache-Control"] == "private, no-store", path


def test_open_pages_are_kept_by_no_shared_cache_and_pictures_by_all(harbor: Shop) -> None:
    answer = harbor.visitor().get("/").response
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]
    with harbor.acting():
        image = Product.objects.exclude(images=[])[0].images[0]
    picture = harbor.visitor().get(picture_url(image)).response
    assert "immutable" in picture["Cache-Control"]
    assert picture["Content-Security-Policy"].startswith("default-src 'none'")
    assert not picture.cookies


def test_only_pictures_are_given_out(harbor: Shop) -> None:
    from callcart.core import files

    with harbor.acting():
        key = files.put(b"RIFFsecret", kind="recording", suffix=".wav")
        wrong_kind = files.put(b"<svg/>", kind="export", suffix=".svg")
    visitor = harbor.visitor()
    for each in (key, wrong_kind):
        name = each.rpartition("/")[2]
        assert visitor.get(f"/pictures/{name}").status == 404
        assert visitor.get(f"/pictures/..%2f{each}").status == 404


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.sign_in(harbor.phone())
    visitor.order(harbor.goods())
    for name in ("customer", "cart", "orders"):
        cookie = visitor.client.cookies[name]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax"), name


def test_a_form_from_elsewhere_does_nothing(harbor: Shop) -> None:
    from django.test import Client

    sku = harbor.goods()
    client = Client(enforce_csrf_checks=True, HTTP_HOST="harbor.localhost")
    for path in (
        "/cart/add", "/cart/change", "/cart/prices", "/checkout", "/checkout/place", "/track", "/sign-in",
        "/sign-in/code", "/sign-out", "/account/details", "/order/10001/cancel", "/pay/x/go",
    ):  # fmt: skip
        assert client.post(path, {"sku": sku, "quantity": "1"}).status_code == 403, path


def test_changes_are_not_made_by_following_a_link(harbor: Shop) -> None:
    visitor = harbor.visitor()
    for path in ("/cart/add", "/cart/change", "/cart/prices", "/checkout/place", "/sign-out", "/pay/x/go"):
        assert visitor.get(path).status == 405, path


def test_what_a_page_says_on_arrival_cannot_be_put_into_its_mouth(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.client.cookies["said"] = "Send your card number to evil.example"
    assert "evil.example" not in visitor.get("/").text
