"""What is not there, refused or broken is told by the shop itself, in the visitor's language, with a way on."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from django.test import Client

from callcart.web.shop import visit
from tests.web.shop.visitor import Shop

GONE = (
    "/nowhere",
    "/p/no-such-thing",
    "/shelf/no-such-shelf",
    "/order/10001",
    "/pay/x",
    "/cart/nowhere/at/all",
)


@pytest.mark.parametrize("path", GONE)
def test_what_is_not_there_is_a_page_of_the_shop(harbor: Shop, path: str) -> None:
    page = harbor.visitor().get(path)
    assert page.status == 404
    assert 'href="/static/' in page.text
    assert "shop/shop.css" in page.text
    assert "app.css" not in page.text, "the office's look"
    assert "There is nothing here" in page.words
    assert re.search(r'<main.*<a class="btn" href="/">To the start page</a>.*</main>', page.text, re.DOTALL)
    assert re.search(r'<main.*<a class="btn" href="tel:\+.*</main>', page.text, re.DOTALL), "a person"
    assert 'href="/shelf/kitchen"' in page.text
    assert page.response["Cache-Control"] == "private, no-store"
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", page.text)


def test_it_speaks_the_visitors_language(qinghe: Shop) -> None:
    for path in GONE:
        page = qinghe.visitor(language="zh-hans").get(path)
        assert 'lang="zh-Hans"' in page.text
        assert "页面不存在" in page.words
        assert not re.search(r"[A-Za-z]{4}", page.words.partition(">")[2]), page.words


def test_a_product_that_is_gone_is_said_to_be(harbor: Shop) -> None:
    assert "We do not sell this any more" in harbor.visitor().get("/p/no-such-thing").words
    assert "We do not sell this any more" not in harbor.visitor().get("/nowhere").words


def test_it_knows_the_visitor_and_the_cart(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.add(harbor.goods(), 3)
    visitor.sign_in(harbor.phone())
    page = visitor.get("/p/no-such-thing")
    assert 'aria-label="Cart, 3 items"' in page.text
    assert ">Your account</a>" in page.text


def test_a_refused_form_is_told_there_too(harbor: Shop) -> None:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="harbor.localhost")
    page = client.post("/cart/add", {"sku": "x"})
    assert page.status_code == 403
    assert b"shop/shop.css" in page.content
    assert b"This form was open too long" in page.content


def test_its_own_form_works_for_who_comes_there_first(harbor: Shop) -> None:
    """A dead link is often the first page of somebody; the language can be changed from there."""
    client = Client(enforce_csrf_checks=True, HTTP_HOST="harbor.localhost")
    text = client.get("/p/no-such-thing").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[-1]
    sent = client.post("/language", {"language": "zh-hans", "next": "/p/x", "csrfmiddlewaretoken": token})
    assert sent.status_code in {302, 303}


def test_without_the_database_it_still_is_the_shop(harbor: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise OperationalError("gone")

    visitor = harbor.visitor(raise_request_exception=False)
    monkeypatch.setattr(visit, "_read", broken)
    monkeypatch.setattr(visit.customers, "guest_actor", broken)
    page = visitor.get("/")
    assert page.status == 500
    assert "Something broke on our side" in page.words
    assert re.search(r"reference: [0-9a-f]{8}", page.words)
    assert "shop/shop.css" in page.text
    gone = visitor.get("/nowhere")
    assert gone.status == 404
    assert "shop/shop.css" in gone.text


def test_what_was_to_be_said_waits_for_the_page_that_was_asked_for(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.add(harbor.goods())
    assert "It is in your cart." not in visitor.get("/favicon.ico").words
    assert "It is in your cart." in visitor.get("/cart").words


def test_pages_of_staff_keep_their_own(harbor: Shop) -> None:
    page = harbor.visitor().get("/office/nowhere")
    assert page.status == 404
    assert "shop/shop.css" not in page.text


def test_machines_get_their_answer(harbor: Shop) -> None:
    page = Client(HTTP_HOST="harbor.localhost", HTTP_ACCEPT="application/json").get("/nowhere")
    assert page.json()["code"] == "not_found"
