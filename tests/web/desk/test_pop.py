"""Who it is, before the answer: the match and its reason, candidates, strangers; and no number in full for whoever may not see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.commerce.shipping.models import Parcel
from callcart.commerce.shipping.public import Carrier, CarrierDraft, save_carrier
from callcart.contact.conversations.public import add_step
from callcart.core.clock import now
from callcart.core.ids import spoken
from callcart.core.models import AuditEntry
from callcart.people.customers.models import Phone
from callcart.people.customers.public import create_customer
from tests.web.desk.stage import GRACE, STRANGER, Stage

SHARED = "+12025550777"


@pytest.fixture
def household(desk: Stage) -> Iterator[list[str]]:
    """Two customers with one number."""
    with desk.transaction():
        made = [
            create_customer(desk.boss, name=name, phone=SHARED, language="en")
            for name in ("Ida Household", "Otto Household")
        ]
    yield [str(each.id) for each in made]
    with desk.transaction():
        Phone.objects.filter(e164=SHARED).delete()


def _page(desk: Stage, talk: object, login: str = "amy", language: str = "en") -> str:
    answer = desk.client(login, language=language).get(f"/desk/c/{talk}")
    assert answer.status_code == 200
    return answer.content.decode()


def _digits(e164: str) -> re.Pattern[str]:
    """The national number however it may be written."""
    return re.compile(r"[\s().-]*".join(e164[2:]))


def test_a_known_number_names_its_customer_and_the_reason(desk: Stage) -> None:
    page = _page(desk, desk.ringing())
    assert '<h2 class="strip-name">Grace Whitfield</h2>' in page
    assert "known by their number" in page
    assert "Gold" in page
    assert "****0123" in page


def test_a_number_alone_is_said_to_prove_nothing_and_a_proof_is_said(desk: Stage) -> None:
    """Whoever pretends a customer's number is named as the customer, and marked as not proven."""
    talk = desk.ringing()
    page = _page(desk, talk)
    assert "Known by number only" in page and "A number can be pretended." in page
    assert "仅凭来电号码识别" in _page(desk, talk, language="zh-hans")
    with desk.transaction():
        other, grace = uuid4(), Phone.objects.get(e164=GRACE).customer_id
        add_step(talk, "caller.identified", data={"by": "pin", "customer_id": str(other)})
    assert "Known by number only" in _page(desk, talk), "somebody else's proof is none"
    for by, said in (("order", "Identified by order and code"), ("pin", "Identified by PIN")):
        with desk.transaction():
            add_step(talk, "caller.identified", data={"by": by, "customer_id": str(grace)})
        page = _page(desk, talk)
        assert said in page and "Known by number only" not in page
    assert "Caller identified" in page, "on the path"


def test_the_number_in_full_is_nowhere_for_an_agent(desk: Stage) -> None:
    for number in (GRACE, STRANGER):
        desk.clear()
        for phase in ("ringing", "talking", "wrapping"):
            talk = getattr(desk, phase)(number)
            page = _page(desk, talk)
            assert not _digits(number).search(page), (number, phase)
            assert number not in desk.client().get("/desk/inbox").content.decode()
            desk.clear()


def test_the_customers_own_page_is_masked_too(desk: Stage) -> None:
    with desk.transaction():
        customer = Phone.objects.get(e164=GRACE).customer_id
    for page in (f"customer/{customer}", f"order?customer={customer}"):
        text = desk.client().get(f"/desk/{page}").content.decode()
        assert not _digits(GRACE).search(text), page


def test_a_supervisor_gets_the_strangers_number_filled_in_and_the_audit_knows(desk: Stage) -> None:
    talk = desk.ringing(STRANGER, login="super")
    page = _page(desk, talk, "super")
    assert 'value="(202) 555-0999"' in page
    with desk.transaction():
        assert AuditEntry.objects.filter(action="customers.see_phone", subject_id=talk).exists()


def test_a_stranger_gets_a_form_that_takes_the_callers_number(desk: Stage) -> None:
    page = _page(desk, desk.ringing(STRANGER))
    assert "New caller ****0999" in page
    assert "data-new-customer" in page
    assert "Nobody we know for sure: ask for the name" in page


def test_a_hidden_number_says_so(desk: Stage) -> None:
    page = _page(desk, desk.ringing(""))
    assert '<h2 class="strip-name">Hidden number</h2>' in page
    assert "The caller hides their number" in page


def test_a_number_that_is_none_is_shown_as_it_came(desk: Stage) -> None:
    page = _page(desk, desk.ringing("", raw='<script>alert("1")</script>'))
    assert "Unknown caller" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_several_customers_with_one_number_are_candidates(desk: Stage, household: list[str]) -> None:
    talk = desk.ringing(SHARED)
    page = _page(desk, talk)
    assert "One of 2 customers" in page
    assert "****0777 · " in page
    for customer in household:
        assert f'data-pick="{customer}"' in page
    assert 'data-digit="1"' in page
    answer = desk.client().post(
        f"/desk/c/{talk}/customer", {"customer": household[1]}, content_type="application/json"
    )
    assert answer.json() == {"customer": household[1]}
    assert str(desk.record(talk).customer_id) == household[1]
    assert "Otto Household" in _page(desk, talk)


def test_the_receiver_of_an_order_is_a_candidate_only(desk: Stage) -> None:
    with desk.transaction():
        from callcart.commerce.orders.models import Order

        order = Order.objects.filter(state="placed").first() or Order.objects.all()[0]
        Order.objects.filter(id=order.id).update(ship_phone="+12025550888")
    page = _page(desk, desk.ringing("+12025550888"))
    assert "number on one of their orders" in page
    assert "Perhaps " in page


def test_the_parcel_on_the_van_is_the_first_line(desk: Stage) -> None:
    order = desk.order()
    with desk.transaction():
        made = Parcel.objects.create(
            order_id=order.id,
            number="1",
            state="out_for_delivery",
            carrier="Swift",
            tracking="SW1",
            place="Portland",
            state_at=now(),
        )
    try:
        page = _page(desk, desk.ringing())
    finally:
        with desk.transaction():
            made.delete()
    first = re.search(r'<li class="wanted-line wanted-(\w+)">.*?<span>(.*?)</span>', page, re.DOTALL)
    assert first is not None
    assert first[1] == "green"
    assert first[2].startswith(f"Order {spoken(order.number)} is out for delivery, scanned ")
    card = page[page.index('<article class="order-card"') :]
    assert spoken(order.number) in card
    assert "Cash on delivery" in card
    assert "Out for delivery" in card
    assert "Swift · SW1 · Portland · scanned " in card


def test_an_order_without_parcel_says_where_its_goods_are_held(desk: Stage) -> None:
    desk.order(sku="SK08")
    page = _page(desk, desk.ringing())
    assert "is not sent yet, held in Portland" in page
    assert "Goods held" in page


def test_it_all_stands_in_chinese_too(desk: Stage) -> None:
    page = _page(desk, desk.ringing(), language="zh-hans")
    assert "Grace Whitfield" in page
    assert 'data-call="answer"' in page


def test_a_parcel_names_its_carrier_in_the_agents_language(desk: Stage) -> None:
    order = desk.order(quantity=1)
    with desk.transaction():
        carrier = Carrier.objects.filter(code="t-swift").first() or save_carrier(
            desk.boss, CarrierDraft(code="t-swift", name="Swift Test Post", name_zh="迅达快递")
        )
        confirmed = confirm_order(desk.boss, order.id, version=order.version)
        parcel = ship_order(
            desk.boss, order.id, version=confirmed.version, carrier=carrier.name, tracking="TQ77"
        )
        assert parcel.carried_by_id == carrier.id
        customer = desk.customer()
    for language, said in (("en", "Swift Test Post · TQ77"), ("zh-hans", "迅达快递 · TQ77")):
        page = desk.client(language=language).get(f"/desk/customer/{customer}").content.decode()
        assert said in page
