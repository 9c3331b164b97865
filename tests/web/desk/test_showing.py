"""An order is shown in a chat: only the visitor's own, once; it stands as it is, is paid or agreed to, and nothing of it is said twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import DraftAddress, DraftLine, OrderDraft, place_order
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.contact.conversations.models import Step
from callcart.contact.messaging.models import Message
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import NotFound, PermissionDenied
from callcart.engage.cards import public as cards
from callcart.web.live.chats import Chats as LiveChats
from callcart.web.live.chats import Guest as Page
from tests.web.desk.chats import Chats, Guest
from tests.web.desk.stage import GRACE, Stage


def show(desk: Stage, guest: Guest, order: Order, *, key: UUID | None = None, login: str = "amy") -> Any:
    body = {"order": str(order.id), "message_id": str(key or uuid4())}
    return desk.send(f"c/{guest.talk.id}/orders/show", body, login=login)


def prepaid(desk: Stage) -> Order:
    draft = OrderDraft(
        lines=(DraftLine(desk.variant("LA01"), 2),),
        channel="phone",
        address=DraftAddress("Grace Whitfield", GRACE, "US", "ME", "Portland", "", "12 Ferry Landing", "04101"),
        delivery_method=DeliveryMethod.objects.filter(is_active=True)[0].code,
        payment_method="prepaid",
        customer_id=desk.customer(),
    )  # fmt: skip
    return place_order(desk.boss, draft, idempotency_key=str(uuid4()))


def others_order(desk: Stage) -> Order:
    with desk.transaction():
        found = Order.objects.exclude(customer_id=desk.customer()).first()
    assert found is not None
    return found


def the_card(guest: Guest) -> dict[str, Any]:
    [found] = guest.ask("cards").json()["cards"]  # type: ignore[attr-defined]
    return dict(found)


def test_the_persons_orders_are_offered_and_one_is_shown_once(desk: Stage, chats: Chats) -> None:
    order, guest, key = desk.order(), chats.taken(customer=desk.customer()), uuid4()
    menu = desk.client().get(f"/desk/c/{guest.talk.id}/orders").content.decode()
    assert f'data-show-order="{order.id}"' in menu and str(others_order(desk).id) not in menu
    answers = [show(desk, guest, order, key=key) for _time in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    heard = guest.ask("heard?after=1").json()["messages"]  # type: ignore[attr-defined]
    assert [(each["text"], each["mine"]) for each in heard] == [("", False)]
    card = heard[0]["card"]
    assert card["lines"] == ["1 × Desk Lamp"] or card["lines"][0].startswith("1 × ")
    assert (card["waits"], card["pay"], card["agreed"]) == (True, "", False)
    assert "Ferry" not in str(card) and "Grace" not in str(card) and GRACE not in str(card)
    with desk.transaction():
        assert Step.objects.filter(conversation_id=guest.talk.id, kind="linked").count() == 1
    page = desk.client().get(f"/desk/c/{guest.talk.id}").content.decode()
    assert "data-shown-card" in page and "Order taken" not in page


def test_by_the_same_press_no_other_order_is_shown(desk: Stage, chats: Chats) -> None:
    guest, key = chats.taken(customer=desk.customer()), uuid4()
    assert show(desk, guest, desk.order(), key=key).status_code == 200
    again = show(desk, guest, desk.order(), key=key)
    assert (again.status_code, again.json()["code"]) == (409, "cards.already_shown")
    assert len(guest.ask("cards").json()["cards"]) == 1  # type: ignore[attr-defined]


def test_somebody_elses_order_is_shown_only_by_who_may(desk: Stage, chats: Chats) -> None:
    guest, theirs = chats.taken(customer=desk.customer()), others_order(desk)
    refused = show(desk, guest, theirs)
    assert refused.status_code == 403
    assert guest.ask("cards").json()["cards"] == []  # type: ignore[attr-defined]
    with desk.transaction():
        assert Message.objects.filter(conversation_id=guest.talk.id).count() == 1
        assert not guest.chats.stage.record(guest.talk.id).links.exists()
    stranger = chats.taken()  # nobody we know: whose order it is cannot be told
    assert show(desk, stranger, desk.order()).status_code == 403
    assert show(desk, guest, theirs, login="super").status_code == 200


def test_an_order_out_of_the_agents_reach_is_not_there(desk: Stage, chats: Chats) -> None:
    guest, order = chats.taken(customer=desk.customer()), desk.order()
    grants = {
        "messaging.write": Grant(),
        "conversations.view": Grant(),
        "orders.view": Grant(scope="own"),
        "cards.others": Grant(),
    }
    amy = Actor(desk.tenant_id, ActorKind.STAFF, id=desk.staff["amy"].id, grants=grants)
    with desk.transaction():
        assert order.id not in {each.id for each in cards.orders_to_show(amy, guest.talk.id)}
        with pytest.raises(NotFound):
            cards.show_order(amy, guest.talk.id, order.id, message_id=uuid4())


def test_the_visitor_agrees_once_and_the_order_is_confirmed(desk: Stage, chats: Chats) -> None:
    order, guest = desk.order(), chats.taken(customer=desk.customer())
    show(desk, guest, order)
    card = the_card(guest)
    body = {"place": card["place"], "version": card["version"]}
    answers = [guest.ask("agree", body) for _time in range(2)]
    assert [(each.status_code, each.json()["confirmed"]) for each in answers] == [(200, True), (200, True)]  # type: ignore[attr-defined]
    with desk.transaction():
        assert Order.objects.get(id=order.id).state == "confirmed"
        assert Step.objects.filter(conversation_id=guest.talk.id, kind="card.agreed").count() == 1
    card = the_card(guest)
    assert (card["agreed"], card["waits"], card["labels"][0]) == (True, False, "Confirmed")
    assert "The customer said yes" in desk.client().get(f"/desk/c/{guest.talk.id}").content.decode()


def test_what_was_changed_after_it_was_shown_is_not_agreed_to(desk: Stage, chats: Chats) -> None:
    order, guest = desk.order(), chats.taken(customer=desk.customer())
    show(desk, guest, order)
    card = the_card(guest)
    with desk.transaction():
        orders.hold_order(desk.boss, order.id, reason="address", version=order.version)
    refused = guest.ask("agree", {"place": card["place"], "version": card["version"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "order.stale")  # type: ignore[attr-defined]
    now = the_card(guest)
    assert (now["waits"], now["state"], now["agreed"]) == (False, "on_hold", False)
    late = guest.ask("agree", {"place": now["place"], "version": now["version"]})
    assert late.json()["code"] == "cards.nothing_to_agree"  # type: ignore[attr-defined]


def test_a_doubtful_order_waits_for_who_decides(desk: Stage, chats: Chats) -> None:
    order, guest = desk.order(), chats.taken(customer=desk.customer())
    show(desk, guest, order)
    with desk.transaction():
        Order.objects.filter(id=order.id).update(flags=["large_amount"])
    card = the_card(guest)
    answer = guest.ask("agree", {"place": card["place"], "version": card["version"]}).json()  # type: ignore[attr-defined]
    assert answer["confirmed"] is False and answer["cards"][0]["agreed"] is True
    with desk.transaction():
        assert Order.objects.get(id=order.id).state == "placed"


def test_a_prepaid_order_is_paid_and_not_agreed_to(desk: Stage, chats: Chats) -> None:
    with desk.transaction():
        order = prepaid(desk)
    guest = chats.taken(customer=desk.customer())
    show(desk, guest, order)
    card = the_card(guest)
    assert card["pay"].startswith("/pay/") and not card["waits"]
    refused = guest.ask("agree", {"place": card["place"], "version": card["version"]})
    assert refused.json()["code"] == "cards.nothing_to_agree"  # type: ignore[attr-defined]
    with desk.transaction():
        assert Order.objects.get(id=order.id).state == "placed"
        orders.cancel_order(desk.boss, order.id, reason="no longer wanted", version=order.version)
    assert (the_card(guest)["pay"], the_card(guest)["labels"][0]) == ("", "Cancelled")


def test_another_visitor_neither_sees_nor_agrees(desk: Stage, chats: Chats) -> None:
    guest = chats.taken(customer=desk.customer())
    show(desk, guest, desk.order())
    card, eve = the_card(guest), chats.visitor("I am Eve")
    assert eve.ask("cards").json()["cards"] == []  # type: ignore[attr-defined]
    assert eve.ask("agree", {"place": card["place"], "version": card["version"]}).status_code == 404


def test_a_page_hears_of_the_orders_it_shows_and_of_no_others() -> None:
    class News:
        def __init__(self, kind: str, subject: UUID, tenant_id: int = 1) -> None:
            self.kind, self.subject_id, self.tenant_id = kind, subject, tenant_id

    one, two, talk, hub = uuid4(), uuid4(), uuid4(), LiveChats()
    page = Page(1, uuid4(), None)
    hub.follow(page, talk, frozenset({one}))
    for kind, subject, tenant in (
        ("order.changed", two, 1),
        ("order.changed", one, 2),
        ("order.placed", one, 1),
    ):
        hub.hear(News(kind, subject, tenant))  # type: ignore[arg-type]
    assert page.news == set()
    for kind in ("order.changed", "payment.changed", "parcel.changed"):
        hub.hear(News(kind, one))  # type: ignore[arg-type]
    assert page.news == {"card.changed"}
    page.news.clear()
    hub.follow(page, talk, frozenset())
    hub.hear(News("order.changed", one))  # type: ignore[arg-type]
    assert page.news == set()


def test_in_a_mail_nothing_is_shown(desk: Stage, chats: Chats, letters: Any) -> None:
    taken = letters.taken()
    body = {"order": str(others_order(desk).id), "message_id": str(uuid4())}
    assert desk.send(f"c/{taken}/orders/show", body, login="super").json()["code"] == "cards.only_in_chats"


def test_without_the_right_to_see_orders_there_is_nothing_to_show(desk: Stage, chats: Chats) -> None:
    guest = chats.taken(customer=desk.customer())
    actor = Actor(
        desk.tenant_id, ActorKind.STAFF, id=desk.staff["amy"].id,
        grants={"messaging.write": Grant(), "conversations.view": Grant(), "conversations.handle": Grant()},
    )  # fmt: skip
    with desk.transaction(), pytest.raises(PermissionDenied):
        cards.orders_to_show(actor, guest.talk.id)
