"""Keys are given within what the giver holds, shown once, and end at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import frozen, now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.people.keys.models import ApiKey
from callcart.people.keys.public import (
    KeyRefused,
    KeyRevoked,
    KeyTooFast,
    create_key,
    list_keys,
    resolve_key,
    revoke_key,
    tenant_of,
)
from callcart.people.staff.public import MoreThanYouHold
from callcart.people.tenants.public import Tenant

SEES = {"orders.view": {}}


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


def _staff(boss: Actor, **grants: Grant) -> Actor:
    held = {name.replace("__", "."): grant for name, grant in grants.items()}
    return Actor(boss.tenant_id, ActorKind.STAFF, id=new_id(), name="Sam", grants=held)


def test_the_secret_is_not_kept(boss: Actor) -> None:
    given = create_key(boss, name="Till", wanted=SEES)
    row = ApiKey.objects.values().get()
    assert given.secret not in str(row)
    assert row["hint"] == given.secret[-4:]
    assert tenant_of(given.secret) == boss.tenant_id


def test_a_key_is_an_actor_of_its_own(boss: Actor) -> None:
    given = create_key(boss, name="Till", wanted={"orders.view": {"scope": "own"}})
    actor = resolve_key(given.secret, address="192.0.2.1")
    assert (actor.kind, actor.id, actor.name, actor.channel) == (ActorKind.KEY, given.key.id, "Till", "api")
    assert actor.grants == {"orders.view": Grant(scope="own")}
    assert not actor.is_staff


def test_who_gives_holds_it_to_the_same_extent(boss: Actor) -> None:
    giver = _staff(boss, keys__manage=Grant(), payments__refund=Grant(limit=5000))
    with pytest.raises(MoreThanYouHold):
        create_key(giver, name="Till", wanted={"payments.refund": {"limit": 5001}})
    with pytest.raises(MoreThanYouHold):
        create_key(giver, name="Till", wanted={"payments.refund": {}})
    with pytest.raises(MoreThanYouHold):
        create_key(giver, name="Till", wanted=SEES)
    assert not ApiKey.objects.exists()
    create_key(giver, name="Till", wanted={"payments.refund": {"limit": 5000}})


@pytest.mark.parametrize("permission", ["*", "staff.manage", "staff.manage_roles", "keys.manage"])
def test_no_key_makes_people_roles_or_keys(boss: Actor, permission: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_key(boss, name="Till", wanted={permission: {}})
    assert set(refused.value.fields) == {f"grants.{permission}"}


def test_all_that_is_wrong_is_said_at_once(boss: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        create_key(boss, name=" ", wanted={"no.such": {}}, per_minute=0, expires_at=now())
    assert set(refused.value.fields) == {"name", "per_minute", "expires_at", "grants.no.such"}


def test_only_with_the_permission(boss: Actor) -> None:
    given = create_key(boss, name="Till", wanted=SEES)
    for deny in (
        lambda who: create_key(who, name="Other", wanted=SEES),
        lambda who: revoke_key(who, given.key.id),
        list_keys,
    ):
        with pytest.raises(PermissionDenied):
            deny(_staff(boss, orders__view=Grant()))
    assert [row.state for row in list_keys(boss)] == ["active"]


def test_names_are_taken_until_revoked(boss: Actor) -> None:
    first = create_key(boss, name="Till", wanted=SEES)
    with pytest.raises(Invalid):
        create_key(boss, name="Till", wanted=SEES)
    revoke_key(boss, first.key.id)
    create_key(boss, name="Till", wanted=SEES)
    assert [row.state for row in list_keys(boss)] == ["active", "revoked"]


def test_a_revoked_key_opens_nothing(boss: Actor) -> None:
    given = create_key(boss, name="Till", wanted=SEES)
    revoke_key(boss, given.key.id)
    with pytest.raises(KeyRefused):
        resolve_key(given.secret, address="")
    with pytest.raises(KeyRevoked):
        revoke_key(boss, given.key.id)
    with pytest.raises(NotFound):
        revoke_key(boss, new_id())
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "keys.create",
        "keys.revoke",
    ]


def test_an_expired_key_opens_nothing(boss: Actor) -> None:
    end = now() + timedelta(hours=1)
    given = create_key(boss, name="Till", wanted=SEES, expires_at=end)
    assert resolve_key(given.secret, address="").id == given.key.id
    with frozen(end), pytest.raises(KeyRefused):
        resolve_key(given.secret, address="")
    with frozen(end):
        assert [row.state for row in list_keys(boss)] == ["expired"]


@pytest.mark.parametrize(
    "secret", ["", "cck_1_x", "cck_1_" + "a" * 43, "cck_99999999999_" + "a" * 43, "\ud800"]
)
def test_an_unknown_secret_is_refused(boss: Actor, secret: str) -> None:
    with pytest.raises(KeyRefused):
        resolve_key(secret, address="")


def test_so_many_requests_a_minute(boss: Actor) -> None:
    given = create_key(boss, name="Till", wanted=SEES, per_minute=2)
    start = now().replace(second=20, microsecond=0)
    with frozen(start):
        for _each in range(2):
            resolve_key(given.secret, address="192.0.2.7")
        with pytest.raises(KeyTooFast) as refused:
            resolve_key(given.secret, address="192.0.2.7")
    assert refused.value.details["retry_after"] == 40
    with frozen(start + timedelta(seconds=40)):
        resolve_key(given.secret, address="192.0.2.8")
    row = list_keys(boss)[0]
    assert (row.last_at, row.last_from) == (start + timedelta(seconds=40), "192.0.2.8")


def test_another_shops_secret_is_unknown_here(boss: Actor, other_tenant: Tenant) -> None:
    from callcart.core.tenancy import tenant_transaction

    given = create_key(boss, name="Till", wanted=SEES)
    with tenant_transaction(other_tenant.id), pytest.raises(KeyRefused):
        resolve_key(given.secret, address="")
