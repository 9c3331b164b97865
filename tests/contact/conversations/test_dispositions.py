"""The tree of dispositions is edited by one person at a time, says all that is wrong at once, and forgets nothing."""

from __future__ import annotations

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Disposition
from callcart.contact.conversations.public import DispositionDraft
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, PermissionDenied
from callcart.core.models import AuditEntry, Event
from callcart.people.tenants.public import Tenant
from tests.contact.conversations.test_wrap_up import agent


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id)


def added(boss: Actor, code: str, key: int, parent: Disposition | None = None) -> Disposition:
    draft = DispositionDraft(code, code.title(), key, parent_id=parent.id if parent else None)
    return conversations.add_disposition(boss, draft)


def test_a_change_needs_the_version_that_was_seen(boss: Actor) -> None:
    row = added(boss, "order", 1)
    draft = DispositionDraft("order", "About an order", 4, "订单")
    assert conversations.change_disposition(boss, row.id, draft, version=1).version == 2
    for late in (
        lambda: conversations.change_disposition(
            boss, row.id, DispositionDraft("order", "Late", 2), version=1
        ),
        lambda: conversations.retire_disposition(boss, row.id, version=1),
        lambda: conversations.restore_disposition(boss, row.id, version=1),
    ):
        with pytest.raises(Conflict):
            late()
    row.refresh_from_db()
    assert (row.name, row.name_zh, row.key, row.is_active, row.version) == (
        "About an order",
        "订单",
        4,
        True,
        2,
    )
    entry = AuditEntry.objects.filter(action="conversations.dispositions").latest("at")
    assert (entry.before["key"], entry.after["key"]) == (1, 4)
    assert Event.objects.filter(kind="disposition.changed", subject_id=row.id).count() == 2


def test_every_wrong_field_is_named(boss: Actor) -> None:
    row = added(boss, "order", 1)
    leaf = added(boss, "order.new", 1, row)
    for draft, wrong in (
        (DispositionDraft("order", "", 0, parent_id=leaf.id), {"code", "name", "key", "parent"}),
        (DispositionDraft("", "n" * 101, 10), {"code", "name", "key"}),
        (DispositionDraft("x" * 41, "", 1, "字" * 101), {"code", "name_zh", "name"}),
    ):
        with pytest.raises(Invalid) as refused:
            conversations.add_disposition(boss, draft)
        assert set(refused.value.fields) == wrong
    with pytest.raises(Invalid) as refused:
        conversations.change_disposition(
            boss, row.id, DispositionDraft("other", "O", 1, parent_id=row.id), version=1
        )
    assert set(refused.value.fields) == {"code", "parent"}
    assert Disposition.objects.count() == 2


def test_a_choice_goes_with_what_is_under_it_and_comes_back_alone(boss: Actor) -> None:
    top = added(boss, "order", 1)
    leaf = added(boss, "order.new", 1, top)
    conversations.retire_disposition(boss, top.id, version=1)
    assert conversations.dispositions("en") == []
    assert [(node.is_active, len(node.children)) for node in conversations.all_dispositions("en")] == [
        (False, 1)
    ]
    with pytest.raises(Invalid) as refused:
        conversations.restore_disposition(boss, leaf.id)
    assert set(refused.value.fields) == {"parent"}
    taker = added(boss, "delivery", 1)
    with pytest.raises(Invalid) as refused:
        conversations.restore_disposition(boss, top.id, version=2)
    assert set(refused.value.fields) == {"key"}
    conversations.retire_disposition(boss, taker.id)
    conversations.restore_disposition(boss, top.id, version=2)
    conversations.restore_disposition(boss, leaf.id)
    assert [(node.code, len(node.children)) for node in conversations.dispositions("en")] == [("order", 1)]


def test_agents_may_not(tenant: Tenant, boss: Actor) -> None:
    row = added(boss, "order", 1)
    amy = agent(tenant)
    for verb in (
        lambda: conversations.add_disposition(amy, DispositionDraft("x", "X", 2)),
        lambda: conversations.change_disposition(amy, row.id, DispositionDraft("order", "X", 2), version=1),
        lambda: conversations.retire_disposition(amy, row.id),
        lambda: conversations.restore_disposition(amy, row.id),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    row.refresh_from_db()
    assert (row.name, row.key, row.is_active, row.version) == ("Order", 1, True, 1)
