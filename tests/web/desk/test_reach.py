"""The screen pop shows no further than its reader's permissions reach: orders, colleagues' talks, the customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from callcart.commerce.orders.models import Order
from callcart.contact.conversations import public as conversations
from callcart.core.ids import spoken
from callcart.people.customers.models import Phone
from callcart.people.customers.public import create_customer
from callcart.people.staff.models import Role, Staff
from callcart.people.staff.public import create_team
from tests.web.desk.stage import GRACE, Stage

Narrow = Callable[..., None]
_numbers = count(100)


@pytest.fixture
def narrow(desk: Stage) -> Iterator[Narrow]:
    """Changes what agents may: a grant, or None to take the permission away (`orders__view=None`)."""
    with desk.transaction():
        role = Role.objects.get(key="agent")

    def change(**grants: Any) -> None:
        named = {name.replace("__", "."): grant for name, grant in grants.items()}
        left = {name: grant for name, grant in (role.grants | named).items() if grant is not None}
        with desk.transaction():
            Role.objects.filter(id=role.id).update(grants=left)

    yield change
    with desk.transaction():
        Role.objects.filter(id=role.id).update(grants=role.grants)


def _page(desk: Stage, path: str) -> str:
    answer = desk.client("amy").get(f"/desk/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def newcomer(desk: Stage) -> Iterator[str]:
    """The number of a customer nobody else has taken an order of."""
    number = f"+12025557{next(_numbers):03}"
    with desk.transaction():
        made = create_customer(desk.boss, name="Nell Newcomer", phone=number, language="en")
    yield number
    with desk.transaction():
        Phone.objects.filter(customer=made).delete()


@pytest.mark.parametrize("grant", [None, {"scope": "own"}, {"scope": "Ohio,VT"}])
def test_orders_out_of_reach_are_not_shown(desk: Stage, narrow: Narrow, newcomer: str, grant: Any) -> None:
    order, talk, customer = desk.order(newcomer), desk.talking(newcomer), desk.customer(newcomer)
    shown, form = f'aria-label="Order {spoken(order.number)}"', f"order?customer={customer}"
    assert shown in _page(desk, f"c/{talk}")
    assert shown in _page(desk, f"customer/{customer}")
    assert f"order:{order.id}" in _page(desk, form)
    assert "Nell Newcomer" in _page(desk, f"look-up?q={order.number}")
    narrow(orders__view=grant)
    for path in (f"c/{talk}", f"customer/{customer}"):
        page = _page(desk, path)
        assert shown not in page
        assert str(order.id) not in page
        assert "None that you may see." in page
        assert "No orders yet" not in page
    assert str(order.id) not in _page(desk, form)
    found = _page(desk, f"look-up?q={order.number}")  # their own number may have the same digits
    assert f"Order {spoken(order.number)}" not in found


@pytest.mark.parametrize("scope", ["own", "team", "Ohio,me"])
def test_orders_within_reach_are(desk: Stage, narrow: Narrow, scope: str) -> None:
    order, talk = desk.order(), desk.talking()
    with desk.transaction():
        Order.objects.filter(id=order.id).update(agent_id=desk.staff["amy"].id)
    narrow(orders__view={"scope": scope})
    assert f'aria-label="Order {spoken(order.number)}"' in _page(desk, f"c/{talk}")


def test_the_address_of_an_order_out_of_reach_is_not_used(desk: Stage, narrow: Narrow) -> None:
    order = desk.order()
    body = {"customer_id": str(desk.customer()), "address_id": f"order:{order.id}", "lines": []}
    narrow(orders__view={"scope": "own"})
    with desk.transaction():
        from callcart.people.staff.public import actor_of
        from callcart.web.desk.drafts import draft_of

        amy = actor_of(desk.staff["amy"])
        assert draft_of(amy, body).address is None
        assert draft_of(desk.boss, body).address is not None


def test_colleagues_talks_stay_with_them(desk: Stage, narrow: Narrow) -> None:
    theirs = desk.wrapping(login="ben")
    with desk.transaction():
        conversations.set_customer(desk.boss, theirs, desk.customer())
        conversations.submit_wrap_up(
            desk.boss, theirs, note="quite private", disposition_id=_any_disposition()
        )
    talk = desk.talking()
    assert "quite private" in _page(desk, f"c/{talk}")
    narrow(conversations__view={"scope": "own"})
    page = _page(desk, f"c/{talk}")
    assert "quite private" not in page
    assert str(theirs) not in page
    for other in (theirs, desk.waiting()):
        assert desk.client("amy").get(f"/desk/c/{other}").status_code == 404
    assert desk.send(f"c/{theirs}/note", {"text": "hello"}).status_code == 404


def test_a_teams_talks_are_its_leaders(desk: Stage, narrow: Narrow) -> None:
    theirs, strangers = desk.wrapping(login="ben"), desk.wrapping(login="cora")
    with desk.transaction():
        for talk, note in ((theirs, "of the team"), (strangers, "of another one")):
            conversations.set_customer(desk.boss, talk, desk.customer())
            conversations.submit_wrap_up(desk.boss, talk, note=note, disposition_id=_any_disposition())
        team = create_team(desk.boss, name="Evening")
        mates = Staff.objects.filter(id__in=[desk.staff[name].id for name in ("amy", "ben")])
        mates.update(team=team)
    try:
        narrow(conversations__view={"scope": "team"})
        page = _page(desk, f"c/{desk.talking()}")
        assert "of the team" in page and "of another one" not in page and str(strangers) not in page
        for talk, status in ((theirs, 200), (desk.waiting(), 200), (strangers, 404)):
            assert desk.client("amy").get(f"/desk/c/{talk}").status_code == status
    finally:
        with desk.transaction():
            mates.update(team=None)
            team.delete()


def _any_disposition() -> Any:
    from callcart.contact.conversations.models import Disposition

    return Disposition.objects.filter(is_active=True, parent__isnull=False)[0].id


def test_a_ringing_call_shows_whoever_sees_their_own_only(desk: Stage, narrow: Narrow) -> None:
    narrow(conversations__view={"scope": "own"})
    assert "Grace Whitfield" in _page(desk, f"c/{desk.ringing()}")


def test_without_the_right_to_see_customers_a_caller_is_a_number(desk: Stage, narrow: Narrow) -> None:
    talk = desk.talking(GRACE)
    narrow(customers__view=None)
    page = _page(desk, f"c/{talk}")
    assert "Grace" not in page
    assert "****0123" in page
