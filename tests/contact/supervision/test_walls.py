"""Wall displays: an address with a token that can be withdrawn, of which only the digest is kept."""

from __future__ import annotations

import pytest

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.contact.supervision.models import Wall
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.contact.supervision.people import boss_of


def test_it_shows_until_withdrawn(tenant: Tenant) -> None:
    boss = boss_of(tenant.id, new_id())
    queue = routing.add_queue(Actor.system(tenant.id), "sales", name="Sales").id
    made, token = supervision.make_wall(boss, "Hall", queues=[queue], language="zh-hans")
    found = supervision.wall_of(token)
    assert (found.id, found.queues, found.language) == (made.id, [queue], "zh-hans")
    assert token not in str(list(Wall.objects.values()))
    assert Wall.objects.get().seen_at is not None
    supervision.revoke_wall(boss, made.id)
    with pytest.raises(NotFound):
        supervision.wall_of(token)
    with pytest.raises(NotFound):
        supervision.revoke_wall(boss, made.id)
    assert supervision.walls(boss) == []


def test_another_shops_token_shows_nothing(tenant: Tenant, other_tenant: Tenant) -> None:
    _made, token = supervision.make_wall(boss_of(tenant.id, new_id()), "Hall")
    with tenant_transaction(other_tenant.id), pytest.raises(NotFound):
        supervision.wall_of(token)


def test_what_cannot_be_is_refused(tenant: Tenant) -> None:
    with pytest.raises(Invalid) as refused:
        supervision.make_wall(boss_of(tenant.id, new_id()), " ", queues=[new_id()], language="fr")
    assert set(refused.value.fields) == {"name", "queues", "language"}
    with pytest.raises(PermissionDenied):
        supervision.make_wall(boss_of(tenant.id, new_id(), only=()), "Hall")
    assert not Wall.objects.exists()
