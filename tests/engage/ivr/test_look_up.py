"""What the menu reads of the business, on real rows: who is welcomed how, and which order may be read out."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.orders.public import Order, confirm_order, ship_order
from callcart.commerce.payments.public import grant_credit
from callcart.commerce.shipping.public import ParcelState, set_parcel_state
from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.public import open_conversation
from callcart.contact.hours import public as hours
from callcart.contact.routing import public as routing
from callcart.contact.voice.flow import CallFacts
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.engage.ivr import aloud, guesses
from callcart.engage.ivr.blocks import On
from callcart.engage.ivr.flow import Menu
from callcart.engage.ivr.look_up import look_up, welcome_of
from callcart.engage.ivr.walk import FIND, IDENTIFY, READ
from callcart.people.customers.public import Customer, add_address, block_customer, create_customer
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant
from tests.commerce.shop import ADDRESS, Shop, open_shop

NUMBER = "+12125550142"
NOON = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)  # noon in New York, a Wednesday
WEEKDAYS = ((("09:00", "12:00"), ("13:00", "18:00")),) * 5 + ((), ())


@pytest.fixture
def shop(tenant: Tenant) -> Shop:
    made = open_shop(tenant)
    made.goods("MUG", price=1995, east=20, west=20)
    return made


@pytest.fixture
def guesses_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries are counted on connections of their own, which would be kept: `test_guesses` has them."""
    monkeypatch.setattr(guesses, "may_guess", lambda *_: True)


def facts(caller: str = NUMBER, *, tenant_id: int = 1, dialled: str = "") -> CallFacts:
    return CallFacts(tenant_id, UUID(int=1), "en", caller_e164=caller, service_number=dialled)


def customer(shop: Shop, **changes: str) -> Customer:
    return create_customer(shop.boss, **{"name": "Ada Example", "phone": NUMBER, "language": "en", **changes})


def ordered(shop: Shop) -> Customer:
    """A customer with an order of two mugs, placed the day before `NOON`."""
    ada = customer(shop)
    with clock.frozen(datetime(2026, 11, 24, 15, 0, tzinfo=UTC)):
        shop.place(("MUG", 2), customer_id=ada.id)
    return ada


def test_a_known_caller_with_an_order_is_offered_it(shop: Shop) -> None:
    ordered(shop)
    welcome = welcome_of(facts()).plain()
    assert welcome["order"] is True
    assert welcome["names"] == {"en": "Harbor & Pine", "zh-hans": "海港松木"}
    assert welcome["languages"] == ["en", "zh-hans"]
    assert welcome["recorded"] is True


def test_the_last_order_is_read_from_its_rows(shop: Shop) -> None:
    ada = ordered(shop)
    with clock.frozen(NOON):
        shop.place(("MUG", 1), customer_id=ada.id)
        order = shop.place(("MUG", 2), customer_id=ada.id)
        order = confirm_order(shop.boss, order.id, version=order.version)
        parcel = ship_order(shop.boss, order.id, version=order.version, carrier="Swift", tracking="SW1")
        set_parcel_state(
            shop.boss, parcel.id, ParcelState.OUT_FOR_DELIVERY, at=NOON, place="17 Ada Lane", text="for Ada Example"
        )  # fmt: skip
        said = look_up(facts(), READ, {})
        proven = look_up(facts(), READ, {"order": str(order.id), "customer": str(ada.id)})
    assert " ".join(said["en"]) == (
        "Your last order was placed today. It has 2 items. "
        "Your parcel is out for delivery. It left the depot today at noon. You pay when it is handed to you."
    )
    assert said["zh-hans"][1:] == ["包裹正在派送中，今天中午十二点整从网点发出。", "签收时请付款。"]
    assert proven["en"][0].replace(", ", " ") == (
        f"Your order number {' '.join(order.number)} was placed today. It has 2 items and comes to 44 dollars and 90 cents."
    )


def test_nothing_is_read_out_that_the_number_does_not_prove(shop: Shop) -> None:
    ordered(shop)
    spoken = str(look_up(facts(), READ, {})).casefold()
    (number,) = Order.objects.values_list("number", flat=True)
    for private in ("ada", "pine street", "portland", "97201", "5550142", "thing", "东西", "dollar", "美元"):
        assert private not in spoken, private
    assert aloud.digits(number, "en") not in spoken and aloud.digits(number, "zh-hans") not in spoken


def test_who_pretends_a_customers_number_cannot_prove_to_be_them(shop: Shop, guesses_free: None) -> None:
    """He knows the number, and so its last digits; of the order he hears nothing that he could prove himself with."""
    ada = ordered(shop)
    grant_credit(
        shop.boss, customer_id=ada.id, amount=Money(1250, "USD"), reason="goodwill", idempotency_key="k1"
    )
    (order,) = Order.objects.all()
    spoken = " ".join(look_up(facts(), READ, {})["en"] + look_up(facts(), READ, {"what": "parcel"})["en"])
    heard = [each for each in spoken.replace(",", " ").split() if each.isdigit()]
    assert not any(each in order.number for each in ("".join(heard), *heard) if len(each) > 1), spoken
    for guess in ("", "1", order.number[:-1], order.number[::-1]):
        assert look_up(called(shop, NUMBER), IDENTIFY, {"number": guess, "code": NUMBER[-4:]}) is None
    assert look_up(facts(), READ, {"what": "credit"}) is None


@pytest.mark.parametrize(
    "caller", ["", "+12125550199", "+8613800001234"], ids=["hidden", "unknown", "foreign"]
)
def test_a_stranger_is_offered_nothing(shop: Shop, caller: str) -> None:
    ordered(shop)
    assert welcome_of(facts(caller)).plain()["order"] is False
    assert look_up(facts(caller), READ, {}) is None


def test_whoever_shares_a_number_hears_nothing_of_orders(shop: Shop) -> None:
    ordered(shop)
    customer(shop, name="Bea Example", language="zh-hans")
    assert welcome_of(facts()).plain()["order"] is False
    assert look_up(facts(), READ, {}) is None


def test_who_only_receives_parcels_at_the_number_hears_nothing(shop: Shop) -> None:
    ada = customer(shop, phone="+12125550177")
    add_address(shop.boss, ada.id, name=ADDRESS.name, phone=NUMBER, country="US", province="Oregon",
                city="Portland", street="1 Pine Street", postcode="97201")  # fmt: skip
    shop.place(("MUG", 2), customer_id=ada.id)
    assert look_up(facts(), READ, {}) is None


def test_a_blocked_customer_hears_nothing(shop: Shop) -> None:
    ada = ordered(shop)
    block_customer(shop.boss, ada.id, reason="fraud")
    assert welcome_of(facts()).plain()["order"] is False


def test_a_customer_without_an_order_is_offered_none(shop: Shop) -> None:
    customer(shop)
    assert welcome_of(facts()).plain()["order"] is False


def test_the_callers_language_comes_first_where_the_shop_speaks_it(shop: Shop) -> None:
    customer(shop, language="zh-hans")
    assert welcome_of(facts()).plain()["languages"] == ["zh-hans", "en"]
    update_tenant(shop.boss, settings={"languages": ["en"]})
    assert welcome_of(facts()).plain()["languages"] == ["en"]


def test_the_number_dialled_greets_in_its_own_way(shop: Shop) -> None:
    add_service_number(shop.boss, "+12025550100", name="Sales", greeting="greeting.winter")
    dialled = facts(tenant_id=shop.tenant_id, dialled="+12025550100")
    assert welcome_of(dialled).plain()["greetings"] == {"en": "greeting.winter", "zh-hans": "greeting.winter"}
    assert welcome_of(facts(tenant_id=shop.tenant_id)).plain()["greetings"] == {"en": "", "zh-hans": ""}


def test_out_of_hours_the_caller_is_told_when_the_shop_opens(shop: Shop) -> None:
    update_tenant(shop.boss, settings={"business_hours": WEEKDAYS})
    with clock.frozen(NOON.replace(hour=18)):
        assert welcome_of(facts()).plain()["is_open"] is True
    with clock.frozen(NOON):
        welcome = welcome_of(facts()).plain()
    assert welcome["is_open"] is False
    assert welcome["opens"] == {
        "en": "We open again today at 1 PM.",
        "zh-hans": "我们将于今天下午一点整恢复服务。",
    }


def test_a_queue_of_its_own_hours_is_asked_by_the_number_that_leads_to_it(shop: Shop) -> None:
    queue = routing.add_queue(shop.boss, "night", name="Night").id
    add_service_number(shop.boss, "+12025550177", name="Night", queue_id=queue)
    hours.set_queue_hours(shop.boss, queue, week=((),) * 7)
    assert welcome_of(facts()).plain()["is_open"] is True
    found = welcome_of(facts(dialled="+12025550177")).plain()
    assert (found["is_open"], found["opens"]) == (False, {}), "never: no time is said"
    assert welcome_of(facts(), queue=queue).plain()["is_open"] is False
    with clock.frozen(NOON):
        hours.override(shop.boss, queue, is_open=True)
        assert welcome_of(facts(dialled="+12025550177")).plain()["is_open"] is True, "at once"


def test_another_shops_customer_is_a_stranger(shop: Shop, other_tenant: Tenant) -> None:
    ordered(shop)
    with tenant_transaction(other_tenant.id):
        assert welcome_of(facts(tenant_id=other_tenant.id)).plain()["order"] is False
        assert look_up(facts(tenant_id=other_tenant.id), READ, {}) is None


def test_a_question_nobody_knows_is_an_error(shop: Shop) -> None:
    with pytest.raises(LookupError):
        Menu().look_up(facts(), "weather", {})


def called(shop: Shop, caller: str = "") -> CallFacts:
    """The facts of a call whose conversation is there."""
    talk = open_conversation(shop.boss, caller_e164=caller)
    return CallFacts(shop.tenant_id, talk.id, "en", caller_e164=caller)


def test_whoever_says_number_and_last_digits_may_hear_of_that_order(shop: Shop, guesses_free: None) -> None:
    ada = ordered(shop)
    (order,) = Order.objects.all()
    call = called(shop)
    proven = look_up(call, IDENTIFY, {"number": order.number, "code": NUMBER[-4:]})
    assert proven["order_id"] == str(order.id)
    assert (proven["known"], proven["customer_id"], proven["tier"]) == (True, str(ada.id), "standard")
    said = look_up(call, READ, {"what": "order", "order": str(order.id), "customer": str(ada.id)})
    assert said["en"][0].startswith("Your order, number ")
    talk = Conversation.objects.get(id=call.conversation_id)
    assert talk.customer_id == ada.id
    (step,) = Step.objects.filter(conversation_id=talk.id, kind="caller.identified")
    assert step.data == {"by": "order", "customer_id": str(ada.id)}
    assert [(link.kind, link.object_id) for link in talk.links.all()] == [("order", order.id)]


def test_a_receiver_may_hear_of_the_order_and_of_nothing_else(shop: Shop, guesses_free: None) -> None:
    ordered(shop)
    (order,) = Order.objects.all()
    Order.objects.update(ship_phone="+12125550777")
    call = called(shop)
    assert look_up(call, IDENTIFY, {"number": order.number, "code": "0777"}) == {
        "order": True,
        "order_id": str(order.id),
    }
    assert look_up(call, READ, {"what": "credit", "order": str(order.id), "customer": ""}) is None
    assert Conversation.objects.get(id=call.conversation_id).customer_id is None
    assert not Step.objects.filter(kind="caller.identified").exists()


@pytest.mark.parametrize("code", ["0143", "", "14", "٠١٤٢"])
def test_a_wrong_code_or_number_proves_nothing(shop: Shop, guesses_free: None, code: str) -> None:
    ordered(shop)
    (order,) = Order.objects.all()
    assert look_up(facts(""), IDENTIFY, {"number": order.number, "code": code}) is None
    assert look_up(facts(""), IDENTIFY, {"number": "99999", "code": NUMBER[-4:]}) is None


def test_a_blocked_buyer_proves_nothing(shop: Shop, guesses_free: None) -> None:
    ada = ordered(shop)
    (order,) = Order.objects.all()
    block_customer(shop.boss, ada.id, reason="fraud")
    assert look_up(facts(""), IDENTIFY, {"number": order.number, "code": NUMBER[-4:]}) is None


def test_an_order_is_found_by_its_number_for_its_buyer_alone(shop: Shop) -> None:
    ordered(shop)
    (order,) = Order.objects.all()
    assert look_up(called(shop, NUMBER), FIND, {"digits": order.number}) == {"order_id": str(order.id)}
    assert look_up(facts("+12125550199"), FIND, {"digits": order.number}) is None
    assert look_up(facts(), FIND, {"digits": "0"}) is None


def test_where_the_parcel_is_and_the_credit_are_read_alone(shop: Shop) -> None:
    ada = ordered(shop)
    grant_credit(
        shop.boss, customer_id=ada.id, amount=Money(1250, "USD"), reason="goodwill", idempotency_key="k1"
    )
    assert look_up(facts(), READ, {"what": "credit"}) is None, "a number can be pretended"
    assert look_up(facts(""), READ, {"what": "credit", "customer": str(ada.id)}) == {
        "en": ["Your store credit is 12 dollars and 50 cents."],
        "zh-hans": ["您的账户余额为十二美元五十美分。"],
    }
    said = look_up(facts(), READ, {"what": "parcel"})["en"]
    assert said[0] == "Your last order." and "dollars" not in " ".join(said)


def test_branches_are_told_who_calls(shop: Shop) -> None:
    assert {key: welcome_of(facts()).plain()[key] for key in ("known", "tier", "vip", "case")} == {
        "known": False, "tier": "", "vip": False, "case": False,
    }  # fmt: skip
    customer(shop, tier="vip")
    found = welcome_of(facts(dialled="+12025550100")).plain()
    assert (found["known"], found["tier"], found["vip"], found["case"], found["number"]) == (
        True, "vip", True, False, "+12025550100",
    )  # fmt: skip


def test_a_return_that_is_open_is_told_only_where_a_branch_asks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = ordered(shop)
    asked: list[UUID] = []

    def cases(_actor: Actor, customer_id: UUID, *, most: int) -> list[Any]:
        asked.append(customer_id)
        return [SimpleNamespace(case=SimpleNamespace(state=aftersales.OPEN[0]))]

    monkeypatch.setattr(aftersales, "cases_of_customer", cases)
    assert welcome_of(facts(), {On.ORDER}).plain()["case"] is False
    assert asked == []
    assert welcome_of(facts(), {On.CASE}).plain()["case"] is True
    assert asked == [ada.id]
    assert welcome_of(facts(), {On.CASE}).plain()["order"] is False
