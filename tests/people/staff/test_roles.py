"""Roles: several add up, nobody hands on more than they hold, and somebody always remains who can manage staff."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff import grants
from callcart.people.staff.models import Role, Staff
from callcart.people.staff.public import (
    LastAdministrator,
    MoreThanYouHold,
    RoleInUse,
    actor_of,
    create_role,
    create_staff,
    deactivate_staff,
    delete_role,
    update_role,
)
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import at_once


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


def person(boss: Actor, email: str, *roles: Role) -> Staff:
    return create_staff(
        boss, email=email, name="X", password="long-enough-word-1", role_ids=[r.id for r in roles]
    )


def test_two_roles_add_up_to_the_wider(boss: Actor) -> None:
    small = create_role(
        boss, name="Small", wanted={"payments.refund": {"limit": 1000}, "orders.view": {"scope": "own"}}
    )
    large = create_role(
        boss, name="Large", wanted={"payments.refund": {"limit": 5000}, "orders.view": {"scope": "New York"}}
    )
    actor = actor_of(person(boss, "x@shop.example", small, large))
    assert actor.grants["payments.refund"] == Grant(limit=5000)
    assert set(actor.grants["orders.view"].scope.split(",")) == {"own", "New York"}
    assert actor.require("payments.refund", amount=5000)
    with pytest.raises(PermissionDenied):
        actor.require("payments.refund", amount=5001)


@pytest.mark.parametrize(
    "wanted",
    [
        {"no.such": {}},
        {"payments.refund": {"limit": -1}},
        {"payments.refund": {"limit": 10**30}},
        {"payments.refund": {"limit": True}},
        {"orders.place": {"limit": 5}},
        {"orders.place": {"scope": "own"}},
        {"orders.view": {"scope": "x" * 201}},
        {"orders.view": {"scope": "a\x00b"}},
        {"orders.view": "everything"},
    ],
)
def test_a_grant_that_cannot_be_is_named(boss: Actor, wanted: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        create_role(boss, name="R", wanted=wanted)
    assert set(refused.value.fields) == {f"grants.{name}" for name in wanted}
    assert not Role.objects.filter(name="R").exists()


def test_nobody_hands_on_more_than_they_hold(boss: Actor) -> None:
    held = {
        "staff.manage_roles": Grant(),
        "payments.refund": Grant(limit=1000),
        "orders.view": Grant(scope="own"),
    }
    clerk = Actor(boss.tenant_id, ActorKind.STAFF, id=new_id(), grants=held)
    before = AuditEntry.objects.count()
    for wanted in (
        {"payments.refund": {"limit": 1001}}, {"payments.refund": {}}, {"orders.view": {}}, {"orders.place": {}}, {"*": {}},
    ):  # fmt: skip
        with pytest.raises(MoreThanYouHold):
            create_role(clerk, name="R", wanted=wanted)
    assert AuditEntry.objects.count() == before
    assert create_role(
        clerk, name="R", wanted={"payments.refund": {"limit": 1000}, "orders.view": {"scope": "own"}}
    )


def test_a_role_in_use_stays_and_one_made_stronger_by_a_stranger_is_refused(boss: Actor) -> None:
    role = create_role(boss, name="R", wanted={"orders.view": {}})
    person(boss, "x@shop.example", role)
    with pytest.raises(RoleInUse):
        delete_role(boss, role.id)
    with pytest.raises(PermissionDenied):
        update_role(Actor(boss.tenant_id, ActorKind.STAFF, id=new_id()), role.id, wanted={"*": {}})
    assert Role.objects.get(id=role.id).grants == {"orders.view": {}}


def test_two_administrators_cannot_send_each_other_away_at_once(fresh_db: str) -> None:
    tenant_id = Tenant.objects.get(slug="harbor").id
    boss = Actor.system(tenant_id)
    with tenant_transaction(tenant_id):
        role = create_role(boss, name="Admin", wanted={"staff.manage": {}})
        people = [person(boss, f"{n}@shop.example", role) for n in "ab"]
    found = at_once(tenant_id, [lambda who=who: deactivate_staff(boss, who.id) for who in people])
    assert Counter(type(each).__name__ for each in found) == {"Staff": 1, "LastAdministrator": 1}
    assert any(isinstance(each, LastAdministrator) for each in found)
    with tenant_transaction(tenant_id):
        assert Staff.objects.filter(is_active=True).count() == 1


GRANTS = st.dictionaries(
    st.sampled_from(["payments.refund", "orders.view", "orders.place"]),
    st.fixed_dictionaries(
        {},
        optional={"limit": st.integers(0, 9), "scope": st.sampled_from(["own", "team", "Ohio", "Ohio,Utah"])},
    ),
)


@given(st.lists(GRANTS, min_size=1, max_size=4))
def test_what_roles_add_up_to_covers_each_of_them(roles: list[dict[str, Any]]) -> None:
    holder = Actor(1, ActorKind.STAFF, id=new_id(), grants=grants.merged(roles))
    for stored in roles:
        assert grants.missing(holder, grants.read(stored)) == []


def test_a_team_among_places_still_covers_oneself() -> None:
    roles = [{"orders.view": {"scope": scope}} for scope in ("own", "team", "Ohio")]
    holder = Actor(1, ActorKind.STAFF, id=new_id(), grants=grants.merged(roles))
    assert grants.missing(holder, grants.read(roles[0])) == []
