"""Following an order: by its number and telephone number, from the account, cancelling it; and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcart.commerce.orders.models import History, Order
from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.commerce.payments.public import relieve
from callcart.commerce.shipping.models import Parcel
from callcart.commerce.shipping.public import set_parcel_state
from callcart.core import clock
from callcart.core.ids import check_digit
from callcart.core.money import Money
from tests.web.shop.visitor import Shop

WRONG = "We find no order with this number and telephone number. Please check both."
PHONE = "(202) 555-0199"


def test_number_and_phone_in_any_form_show_the_order_from_any_browser(harbor: Shop) -> None:
    order = harbor.visitor().order(harbor.goods())
    spoken = " ".join(order.number)
    for phone in (PHONE, "+1 202 555 0199", "2025550199", "001-202-555-0199"):
        visitor = harbor.visitor()
        assert visitor.post("/track", number=spoken, phone=phone).to == f"/order/{order.number}"
        assert visitor.get(f"/order/{order.number}").status == 200
        assert visitor.get(f"/order/{order.number}").status == 200, "and later again"


def test_what_was_wrong_is_not_said(harbor: Shop) -> None:
    order = harbor.visitor().order(harbor.goods())
    nobody = f"9999{check_digit('9999')}"
    answers = set()
    for number, phone in (
        (order.number, "(202) 555-0198"),
        (nobody, PHONE),
        (nobody, "(202) 555-0198"),
        ("12345", PHONE),
        (order.number, "not a number"),
        ("<b>", "<b>"),
    ):
        page = harbor.visitor().post("/track", number=number, phone=phone)
        assert page.status == 404
        answers.add(WRONG if WRONG in page.words else page.words)
        assert "<b>" not in page.text.partition("<main")[2].partition("<input")[0]
    assert answers == {WRONG}


def test_empty_fields_are_named(harbor: Shop) -> None:
    page = harbor.visitor().post("/track", number=" ", phone="")
    assert page.status == 422
    assert page.error("number") == page.error("phone") == "Please fill this in."


def test_guessing_numbers_of_one_phone_is_slowed_down_from_every_browser(harbor: Shop) -> None:
    visitor = harbor.visitor()
    visitor.add(harbor.goods())
    page = visitor.place(visitor.checkout(phone="(202) 555-0171"))
    number = page.to.removeprefix("/order/").partition("?")[0]
    start = datetime(2026, 12, 1, 12, tzinfo=UTC)
    with clock.frozen(start):
        guesses = [
            harbor.visitor().post("/track", number=str(guess), phone="202 555 0171").status
            for guess in range(30000, 30010)
        ]
        assert guesses == [404] * 10
        stopped = harbor.visitor().post("/track", number=number, phone="(202) 555-0171")
        assert stopped.status == 429, "also with the right number now: no oracle"
        assert stopped.response["Retry-After"] == "3601"
        assert "Try again in" in stopped.words
    with clock.frozen(start + timedelta(hours=1, seconds=2)):
        assert harbor.visitor().post("/track", number=number, phone="202-555-0171").status == 303


def test_another_spelling_is_no_other_guess(harbor: Shop) -> None:
    """Extensions and figures of other scripts are read past, so they buy no further guesses."""
    with clock.frozen(datetime(2026, 12, 4, 12, tzinfo=UTC)):
        numbers = [
            harbor.visitor().post("/track", number="50007" + "٣" * extra, phone=f"20255562{extra:02d}").status
            for extra in range(11)
        ]
        phones = [
            harbor.visitor()
            .post("/track", number=str(51000 + extra), phone=f"202 555 0173 ext {extra}")
            .status
            for extra in range(11)
        ]
    assert numbers == phones == [404] * 10 + [429]


def test_guessing_from_one_address_is_slowed_down(harbor: Shop) -> None:
    visitor = harbor.visitor()
    with clock.frozen(datetime(2026, 12, 2, 12, tzinfo=UTC)):
        statuses = [
            visitor.post("/track", number=str(40000 + guess), phone=f"2025553{guess:03d}").status
            for guess in range(41)
        ]
    assert statuses == [404] * 40 + [429]


def test_an_order_is_nobody_elses(harbor: Shop) -> None:
    owner = harbor.visitor()
    order = owner.order(harbor.goods())
    signed_in = harbor.visitor()
    signed_in.sign_in("202 555 7101")
    for visitor in (harbor.visitor(), signed_in):
        assert visitor.get(f"/order/{order.number}").status == 404
        assert visitor.get(f"/order/{order.id}").status == 404
        assert visitor.post(f"/order/{order.number}/cancel", version=1, reason="mine now").status == 404
    with harbor.acting():
        assert Order.objects.get(id=order.id).state == "placed"


def test_a_forged_or_foreign_proof_proves_nothing(harbor: Shop, qinghe: Shop) -> None:
    from callcart.commerce.orders.public import follow_proof

    order = harbor.visitor().order(harbor.goods())
    for proof in ("", "x", "[]", "eyJ0" * 900, follow_proof(qinghe.tenant_id, [order.id])):
        visitor = harbor.visitor()
        visitor.client.cookies["orders"] = proof
        assert visitor.get(f"/order/{order.number}").status == 404
    good = harbor.visitor()
    good.client.cookies["orders"] = follow_proof(harbor.tenant_id, [order.id])
    assert good.get(f"/order/{order.number}").status == 200


def test_the_page_says_how_far_it_is(harbor: Shop) -> None:
    visitor = harbor.visitor()
    order = visitor.order(harbor.goods())
    path = f"/order/{order.number}"
    assert '<li class="now" aria-current="step">Placed</li>' in visitor.get(path).text
    with harbor.acting():
        made = confirm_order(harbor.boss, order.id, version=order.version)
        parcel = ship_order(
            harbor.boss, order.id, version=made.version, carrier="Swift", tracking=f"SW{order.number}"
        )
    page = visitor.get(path)
    assert '<li class="now" aria-current="step">Confirmed</li>' in page.text
    assert f"SW{order.number}" in page.words
    for state, step in (("out_for_delivery", "On its way"), ("delivered", "Delivered")):
        with harbor.acting():
            set_parcel_state(harbor.boss, Parcel.objects.get(id=parcel.id).id, state=state, place="Bangor")
        page = visitor.get(path)
        assert f">{step}</li>" in page.text
    assert page.text.count('<li class="done"') == 4


def test_a_guest_cancels_until_it_is_confirmed_and_the_stock_comes_back(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=3), harbor.visitor()
    order = visitor.order(sku)
    page = visitor.get(f"/order/{order.number}")
    assert "Cancel this order" in page.words
    sent = visitor.post(
        f"/order/{order.number}/cancel", version=page.hidden(f"/order/{order.number}/cancel")["version"],
        reason="I changed my mind",
    )  # fmt: skip
    assert sent.to == f"/order/{order.number}"
    after = visitor.get(sent.to)
    assert "Your order was cancelled." in after.words
    assert "Cancel this order" not in after.words
    assert harbor.left(sku) == 3
    with harbor.acting():
        row = History.objects.get(order_id=order.id, kind="cancelled")
    assert (row.actor_kind, row.channel, row.reason) == ("customer", "shop", "I changed my mind")


def test_a_confirmed_order_is_not_cancelled_by_its_customer(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=3), harbor.visitor()
    order = visitor.order(sku)
    with harbor.acting():
        made = confirm_order(harbor.boss, order.id, version=order.version)
    page = visitor.get(f"/order/{order.number}")
    assert "Cancel this order" not in page.words
    refused = visitor.post(f"/order/{order.number}/cancel", version=made.version, reason="too late")
    assert refused.status == 409
    assert harbor.left(sku) == 2
    with harbor.acting():
        assert Order.objects.get(id=order.id).state == "confirmed"


@pytest.mark.parametrize(
    ("version", "reason", "status"),
    [("", "why", 409), ("99", "why", 409), ("<b>", "why", 409), ("1", "", 422), ("1", "x" * 10_000, 422)],
)
def test_a_bad_cancellation_changes_nothing(harbor: Shop, version: str, reason: str, status: int) -> None:
    visitor = harbor.visitor()
    order = visitor.order(harbor.goods())
    page = visitor.post(f"/order/{order.number}/cancel", version=version, reason=reason)
    assert page.status == status
    assert 'role="alert"' in page.text
    with harbor.acting():
        assert Order.objects.get(id=order.id).state == "placed"


def test_staff_reasons_and_names_stay_inside(harbor: Shop) -> None:
    from callcart.commerce.orders.public import hold_order

    visitor = harbor.visitor()
    order = visitor.order(harbor.goods())
    with harbor.acting():
        hold_order(harbor.boss, order.id, reason="looks like fraud", version=order.version)
    page = visitor.get(f"/order/{order.number}")
    assert "Your order is being checked; we will be in touch." in page.words
    assert "fraud" not in page.text


def test_what_came_back_undelivered_is_taken_off_what_is_to_be_paid(harbor: Shop) -> None:
    for language, said in (
        ("en", "Came back undelivered −$5.00 You pay"),
        ("zh-hans", "未妥投退回 −$5.00 应付金额"),
    ):
        visitor = harbor.visitor(language=language)
        order = visitor.order(harbor.goods())
        path = f"/order/{order.number}"
        assert said not in visitor.get(path).words
        with harbor.acting():
            relieve(harbor.boss, order.id, not_collected=Money(500, "USD"))
        left = Money(order.total_minor - 500, "USD").format()
        assert f"{said} {left}" in visitor.get(path).words
