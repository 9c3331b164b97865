"""Signing in by a code, one's own orders, details and addresses; and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.ids import new_id
from callcart.people.customers import transport
from callcart.people.customers.models import Address, Customer, CustomerSession, Phone
from callcart.people.customers.public import add_phone, create_customer
from tests.web.shop.visitor import ADDRESSES, Shop


def test_a_new_number_becomes_a_customer_with_the_code_that_was_sent(harbor: Shop) -> None:
    visitor = harbor.visitor()
    sent = visitor.post("/sign-in", phone="(202) 555-7201")
    assert "A real shop sends this code by text message." in sent.words
    done = visitor.post("/sign-in/code", phone="(202) 555-7201", code=f" {sent.code[:3]} {sent.code[3:]} ")
    assert done.to == "/account/details", "who has no name yet is asked for it"
    page = visitor.get("/account")
    assert page.status == 200
    assert "You are signed in." in page.words
    with harbor.acting():
        customer = Phone.objects.get(e164="+12025557201").customer
    assert (customer.source, customer.language) == ("shop", "en")


def test_outside_the_demo_no_page_holds_the_code(harbor: Shop) -> None:
    class Silent:
        shows_code = False

        def send(self, message: transport.CodeMessage) -> None: ...

    before = transport.in_use()
    transport.use(Silent())
    try:
        page = harbor.visitor().post("/sign-in", phone="(202) 555-7202")
    finally:
        transport.use(before)
    assert page.status == 200
    assert 'class="code num"' not in page.text


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_try_is_too_late(harbor: Shop) -> None:
    visitor = harbor.visitor()
    sent = visitor.post("/sign-in", phone="2025557203")
    wrong = f"{(int(sent.code) + 1) % 1_000_000:06d}"
    said = [visitor.post("/sign-in/code", phone="2025557203", code=wrong).error("code") for _each in range(5)]
    assert said[0] == "This code is not right. 4 tries are left."
    assert said[-1] == "This code has run out. Ask for a new one."
    assert visitor.post("/sign-in/code", phone="2025557203", code=sent.code).status == 422
    assert visitor.get("/account").status == 303


def test_a_code_runs_out_and_is_good_once(harbor: Shop) -> None:
    visitor = harbor.visitor()
    sent = visitor.post("/sign-in", phone="2025557204")
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        late = visitor.post("/sign-in/code", phone="2025557204", code=sent.code)
    assert late.error("code") == "This code has run out. Ask for a new one."
    assert visitor.post("/sign-in/code", phone="2025557204", code=sent.code).status == 303
    assert harbor.visitor().post("/sign-in/code", phone="2025557204", code=sent.code).status == 422


def test_asking_again_at_once_lets_the_first_code_be_typed(harbor: Shop) -> None:
    visitor = harbor.visitor()
    first = visitor.post("/sign-in", phone="2025557205")
    again = visitor.post("/sign-in", phone="2025557205")
    assert again.status == 429
    assert "A code was sent already." in again.words
    assert 'name="code"' in again.text
    assert visitor.post("/sign-in/code", phone="2025557205", code=first.code).status == 303


@pytest.mark.parametrize("phone", ["", "12", "x" * 10_000, "😀", "<b>1</b>", "\x00"])
def test_a_bad_number_is_said_at_its_field(harbor: Shop, phone: str) -> None:
    page = harbor.visitor().post("/sign-in", phone=phone)
    assert page.status == 422
    assert page.error("phone") == "This is not a telephone number."
    assert harbor.visitor().post("/sign-in/code", phone=phone, code="123456").status == 422


def test_one_comes_back_to_where_one_was_going_and_nowhere_else(harbor: Shop) -> None:
    visitor = harbor.visitor()
    assert visitor.get("/account/details").to == "/sign-in?next=%2Faccount%2Fdetails"
    sent = visitor.post("/sign-in", phone="2025557206", next="/checkout")
    assert sent.hidden("/sign-in/code")["next"] == "/checkout"
    assert (
        visitor.post("/sign-in/code", phone="2025557206", code=sent.code, next="/checkout").to == "/checkout"
    )
    other = harbor.visitor()
    sent = other.post("/sign-in", phone="2025557207", next="https://elsewhere.example/")
    done = other.post("/sign-in/code", phone="2025557207", code=sent.code, next="//elsewhere.example")
    assert done.to.startswith("/account")


def test_signing_out_ends_the_session_for_good(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.sign_in("2025557208")
    token = visitor.client.cookies["customer"].value
    visitor.post("/sign-out")
    assert visitor.get("/account").status == 303
    visitor.client.cookies["customer"] = token
    assert visitor.get("/account").status == 303
    with harbor.acting():
        assert not CustomerSession.objects.filter(
            customer__phones__e164="+12025557208", revoked_at=None
        ).exists()


def test_a_customers_session_opens_no_page_of_staff_and_no_other_shop(harbor: Shop, qinghe: Shop) -> None:
    visitor = harbor.visitor()
    visitor.sign_in("2025557209")
    token = visitor.client.cookies["customer"].value
    for path in ("/desk/", "/office/orders", "/profile"):
        assert visitor.get(path).to.startswith("/login")
    visitor.client.cookies["staff"] = token
    assert visitor.get("/office/orders").to.startswith("/login")
    next_door = qinghe.visitor()
    next_door.client.cookies["customer"] = token
    assert next_door.get("/account").to.startswith("/sign-in")


def test_details_are_saved_and_mistakes_said(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.sign_in("2025557210")
    done = visitor.post("/account/details", name="أدا 😀 <i>", language="zh-hans", consent_sms="1")
    assert done.status == 303
    with harbor.acting():
        customer = Customer.objects.get(phones__e164="+12025557210")
    assert (customer.name, customer.language) == ("أدا 😀 <i>", "zh-hans")
    assert customer.consent["sms"]["given"] is True
    assert customer.consent["sms"]["channel"] == "shop"
    page = visitor.get("/account/details")
    assert 'lang="zh-Hans"' in page.text
    assert "<i>" not in page.text
    english = harbor.visitor()
    english.client.cookies = visitor.client.cookies
    english.client.cookies["lang"] = "en"
    long = english.post("/account/details", name="x" * 10_000, language="en")
    assert long.error("name") == "At most 100 characters."
    assert english.post("/account/details", name="Ada", language="fr").status == 422


def test_addresses_are_added_changed_offered_first_and_removed(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.sign_in("2025557211")
    good = ADDRESSES["harbor"]
    assert (
        visitor.post("/account/address", **{**good, "street": ""}).error("street") == "Please fill this in."
    )
    visitor.post("/account/address", **good)
    visitor.post("/account/address", **{**good, "street": "2 Second Street"})
    with harbor.acting():
        first, second = Address.objects.filter(customer__phones__e164="+12025557211").order_by("created_at")
    assert first.is_default
    visitor.post(f"/account/address/{second.id}/default")
    visitor.post(f"/account/address/{first.id}", **{**good, "city": "Bangor", "postcode": "04401"})
    assert 'value="Bangor"' in visitor.get(f"/account/address/{first.id}").text
    visitor.post(f"/account/address/{second.id}/remove")
    with harbor.acting():
        (left,) = Address.objects.filter(customer__phones__e164="+12025557211")
    assert (left.id, left.city, left.is_default) == (first.id, "Bangor", True)


def test_another_customers_address_does_not_exist(harbor: Shop) -> None:
    owner, thief = harbor.visitor(), harbor.visitor()
    owner.sign_in("2025557212")
    owner.post("/account/address", **ADDRESSES["harbor"])
    thief.sign_in("2025557213")
    with harbor.acting():
        address = Address.objects.get(customer__phones__e164="+12025557212")
    path = f"/account/address/{address.id}"
    assert thief.get(path).status == 404
    assert thief.post(path, **{**ADDRESSES["harbor"], "street": "Stolen"}).status == 404
    assert thief.post(f"{path}/remove").status == 404
    assert thief.post(f"{path}/default").status == 404
    with harbor.acting():
        assert Address.objects.get(id=address.id).street == "12 Harbor Road"


def test_a_visitor_has_no_account_pages(harbor: Shop) -> None:
    visitor = harbor.visitor()
    some = "0190a0b0-0000-7000-8000-000000000000"
    for path in ("/account", "/account/details", "/account/address", f"/account/address/{some}"):
        assert visitor.get(path).to.startswith("/sign-in?next=")
    for path in ("/account/details", "/account/address", f"/account/address/{some}/remove"):
        assert visitor.post(path).to.startswith("/sign-in")


def test_a_number_staff_added_lately_is_told_when_it_will_sign_in(harbor: Shop) -> None:
    with harbor.acting():
        clerk = Actor(harbor.tenant_id, ActorKind.STAFF, id=new_id(), grants={"customers.edit": Grant()})
        known = create_customer(clerk, name="Ida Example", phone="2025557290")
        add_phone(clerk, known.id, "2025557291")
    visitor = harbor.visitor()
    page = visitor.sign_in("2025557291")
    assert page.status == 422
    assert "can sign in in 72 hours" in page.error("phone")
    assert visitor.get("/account").status == 303
    assert visitor.sign_in("2025557290").to == "/account"
