"""The audit keeps what it is given, in its tenant, for good."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction

from callcart.core import audit, clock
from callcart.core.actor import Actor, ActorKind
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant


def test_an_entry_says_who_did_what_to_what(tenant: Tenant) -> None:
    who, what = uuid4(), uuid4()
    actor = Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=who, name="Amy", channel="desk")
    with clock.frozen(datetime(2026, 3, 1, 9, tzinfo=UTC)):
        audit.record(
            actor, "orders.cancel", subject=("order", what), before={"n": 1}, after={"n": 2}, reason="asked"
        )
    entry = AuditEntry.objects.get()
    assert (entry.actor_kind, entry.actor_id, entry.actor_name, entry.channel) == (
        "staff",
        who,
        "Amy",
        "desk",
    )
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("orders.cancel", "order", what)
    assert (entry.before, entry.after, entry.reason) == ({"n": 1}, {"n": 2}, "asked")
    assert entry.at == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_any_value_can_be_kept(tenant: Tenant) -> None:
    key = uuid4()
    values = {
        "id": key,
        "day": date(2026, 1, 2),
        "deep": {"ids": [key], "money": Money(5, "USD")},
        "none": None,
    }
    audit.record(Actor.system(tenant.id), "x", after=values)
    kept = AuditEntry.objects.get().after
    assert kept["id"] == str(key)
    assert kept["day"] == "2026-01-02"
    assert kept["deep"]["ids"] == [str(key)]
    assert kept["none"] is None


@pytest.mark.parametrize("change", ["UPDATE core_auditentry SET reason = 'x'", "DELETE FROM core_auditentry"])
def test_nothing_is_ever_changed_or_removed(tenant: Tenant, change: str) -> None:
    from callcart.core.database import raw

    audit.record(Actor.system(tenant.id), "x", reason="first")
    with pytest.raises(ProgrammingError), transaction.atomic():
        raw.one(change + " RETURNING 1")
    assert AuditEntry.objects.get().reason == "first"


def test_other_shops_do_not_see_it(tenant: Tenant, other_tenant: Tenant) -> None:
    audit.record(Actor.system(tenant.id), "x")
    with tenant_transaction(other_tenant.id):
        assert not AuditEntry.objects.exists()
