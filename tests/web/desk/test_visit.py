"""Whoever answers a chat sees the visitor's page and cart: never what opens something by itself, and nothing where the shop said no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Cart
from callcart.contact.conversations.models import Step
from callcart.contact.messaging import jobs
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Line, Transcript, Visitor
from callcart.contact.messaging.public import visits
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.core.models import Event
from tests.web.desk.chats import Chats, Guest
from tests.web.desk.stage import Stage

LAMP = "https://harbor.example/p/desk-lamp"


def cart(desk: Stage, quantity: int = 2) -> str:
    token = orders.new_cart_token()
    with desk.transaction():
        orders.add_to_cart(token, desk.variant("LA01"), quantity=quantity)
    return token


def is_at(guest: Guest, page: str = LAMP, *, cart: str = "", title: str = "Desk Lamp") -> Any:
    client = Client(HTTP_HOST=f"{guest.chats.stage.slug}.localhost")
    client.cookies["cart"] = cart
    address = f"/chat/{guest.chats.line}/page"
    body, headers = {"page": page, "title": title}, {"X-Chat-Token": guest.token}
    return client.post(address, body, content_type="application/json", headers=headers)


def page_of(desk: Stage, talk: UUID) -> str:
    return desk.client().get(f"/desk/c/{talk}").content.decode()


def told(desk: Stage, talk: UUID) -> int:
    with desk.transaction():
        return Event.objects.filter(kind="chat.visitor", subject_id=talk).count()


def test_page_and_cart_stand_at_the_desk_with_sums(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    assert "data-visit" not in page_of(desk, guest.talk.id)
    assert is_at(guest, f"{LAMP}?coupon=SECRET#here", cart=cart(desk)).status_code == 200
    page = page_of(desk, guest.talk.id)
    with desk.transaction():
        goods = orders.view_cart_of(Visitor.objects.get(id=guest.id).cart_id, customer_id=None).goods  # type: ignore[arg-type]
    assert "Desk Lamp" in page and "harbor.example/p/desk-lamp" in page and "SECRET" not in page
    assert "2 × " in page and f"{goods.minor / 100:.2f}" in page
    assert told(desk, guest.talk.id) == 1


def test_a_visitor_is_called_by_the_name_he_gave(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    page, inbox = page_of(desk, guest.talk.id), desk.client().get("/desk/inbox").content.decode()
    assert '<h2 class="strip-name">Ann</h2>' in page and 'name="name" value="Ann"' in page
    assert '<span class="inbox-name">Ann</span>' in inbox
    with desk.transaction():
        Visitor.objects.filter(id=guest.id).update(name="")
    assert '<h2 class="strip-name">Visitor</h2>' in page_of(desk, guest.talk.id)


def test_each_move_is_told_and_only_another_page_is_a_step(desk: Stage, chats: Chats) -> None:
    guest, full = chats.taken(), cart(desk)
    for page in (LAMP, LAMP, "https://harbor.example/cart"):
        is_at(guest, page, cart=full)
    assert told(desk, guest.talk.id) == 3
    with desk.transaction():
        steps = Step.objects.filter(conversation_id=guest.talk.id, kind="visitor.page").order_by("id")
        assert [each.data["page"] for each in steps] == [LAMP, "https://harbor.example/cart"]


def test_a_page_loaded_again_and_again_does_not_rush_the_desks(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    for n in range(visits.TOLD_A_MINUTE + 5):
        is_at(guest, f"{LAMP}-{n}")
    assert told(desk, guest.talk.id) == visits.TOLD_A_MINUTE
    assert f"desk-lamp-{visits.TOLD_A_MINUTE + 4}" in page_of(
        desk, guest.talk.id
    )  # looked at, it is the last one


def test_of_an_ordered_cart_nothing_is_shown(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    is_at(guest, cart=cart(desk))
    with desk.transaction():
        Cart.objects.filter(id=Visitor.objects.get(id=guest.id).cart_id).update(order_id=desk.order().id)
    assert "The cart is empty." in page_of(desk, guest.talk.id)


def test_the_cart_is_the_one_his_browser_proves(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    for token in ("", "x" * 40, "' OR 1=1"):
        is_at(guest, cart=token)
        with desk.transaction():
            assert Visitor.objects.get(id=guest.id).cart_id is None


def test_switched_off_nothing_is_kept_told_or_shown(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    is_at(guest, cart=cart(desk))
    with desk.transaction():
        line = Line.objects.get(id=chats.line)
        messaging.change_line(
            desk.boss, line.id, name=line.name, address=line.address, queue_id=line.queue_id, language="",
            values={"watch": "off"}, version=line.version,
        )  # fmt: skip
    try:
        is_at(guest, "https://harbor.example/account")
        assert told(desk, guest.talk.id) == 1 and "data-visit" not in page_of(desk, guest.talk.id)
        other = chats.taken()
        is_at(other)
        with desk.transaction():
            row = Visitor.objects.get(id=other.id)
            assert (row.page, row.page_title, row.cart_id) == ("", "", None)
        frame = desk.client().get(f"/chat/{chats.line}/").content.decode()
        assert "data-watch" not in frame and "sees which page" not in frame
    finally:
        with desk.transaction():
            Line.objects.filter(id=chats.line).update(values={})
    frame = desk.client().get(f"/chat/{chats.line}/").content.decode()
    assert "data-watch" in frame and "sees which page you are on" in frame


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("https://a.example/pay/AZxJd0aQ3f8cBd12kLmN_pQrSt-uVw", "https://a.example/pay/…"),
        ("https://a.example/pay/AZxJd0aQ3f8cBd12kLmN_pQrSt-uVw/back", "https://a.example/pay/…/back"),
        ("https://a.example/pictures/0123456789abcdef0123456789abcdef", "https://a.example/pictures/…"),
        ("https://a.example/p/organic-cotton-t-shirt-size-42-blue", "https://a.example/p/organic-cotton-t-shirt-size-42-blue"),
        ("https://a.example/order/100482?x=1", "https://a.example/order/100482"),
        ("javascript:alert(1)", ""),
        ("ftp://a.example", ""),
    ],
)  # fmt: skip
def test_what_opens_something_by_itself_is_not_kept(page: str, kept: str) -> None:
    assert visits.plain_address(page) == kept


def test_both_sides_see_that_the_other_writes(desk: Stage, chats: Chats) -> None:
    guest = chats.taken()
    assert guest.ask("typing", {}).status_code == 200
    assert desk.send(f"c/{guest.talk.id}/here", {"writes": True}).status_code == 200
    with desk.transaction():
        kinds = list(Event.objects.filter(subject_id=guest.talk.id).values_list("kind", flat=True))
    assert kinds.count("chat.typing") == 1 and kinds.count("agent.typing") == 1
    assert "customer-types" in page_of(desk, guest.talk.id)


def test_where_somebody_was_is_forgotten_after_a_day(desk: Stage, chats: Chats) -> None:
    old, fresh = chats.visitor(), chats.visitor()
    for each in (old, fresh):
        is_at(each)
    with desk.transaction():
        Visitor.objects.filter(id=old.id).update(page_at=now() - jobs.VISITS_KEPT - timedelta(minutes=1))
        for visitor, at in ((old.id, timedelta(days=31)), (fresh.id, timedelta(days=29))):
            Transcript.objects.create(
                visitor_id=visitor,
                conversation_id=new_id(),
                key="k",
                address="a@b.example",
                place=1,
                at=now() - at,
            )
    jobs.forget_visits()
    with desk.transaction():
        pages = dict(Visitor.objects.filter(id__in=[old.id, fresh.id]).values_list("id", "page"))
        assert pages == {old.id: "", fresh.id: LAMP}
        kept = Transcript.objects.filter(visitor_id__in=[old.id, fresh.id]).values_list(
            "visitor_id", flat=True
        )
        assert list(kept) == [fresh.id]
