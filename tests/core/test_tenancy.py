"""The tenant in hand: set for exactly one transaction, given back after a nested one, nothing shown without."""

from __future__ import annotations

import pytest
from django.db import InternalError, ProgrammingError, connections, transaction

from callcart.core.database import raw
from callcart.core.tenancy import (
    NoTenant,
    acting_for,
    current_tenant,
    current_tenant_or_none,
    tenant_session,
    tenant_transaction,
)
from callcart.people.customers.models import Customer
from callcart.people.tenants.models import Host, Tenant


def database_tenant() -> str:
    return str(raw.value("SELECT coalesce(current_setting('callcart.tenant', true), '')"))


def make(number: str) -> Customer:
    return Customer.objects.create(number=number, name=number)


def both() -> tuple[int, int]:
    first, second = Tenant.objects.order_by("id").values_list("id", flat=True)
    return first, second


def test_without_a_tenant_nothing_is_seen_or_written(fresh_db: str) -> None:
    one, _other = both()
    with tenant_transaction(one):
        make("a")
    assert not Customer.objects.exists()
    with pytest.raises(NoTenant):
        current_tenant()
    with pytest.raises(NoTenant):
        make("b")
    with acting_for(one), pytest.raises(ProgrammingError):
        make("b")
    assert current_tenant_or_none() is None


def test_the_tenant_ends_with_its_transaction(fresh_db: str) -> None:
    one, _other = both()
    with tenant_transaction(one):
        assert database_tenant() == str(one)
    assert database_tenant() == ""
    with pytest.raises(ValueError), tenant_transaction(one):
        raise ValueError
    assert database_tenant() == ""
    assert current_tenant_or_none() is None


def test_inside_another_tenant_the_outer_one_comes_back(fresh_db: str) -> None:
    one, other = both()
    with tenant_transaction(one):
        make("a")
        with tenant_transaction(other):
            assert not Customer.objects.exists()
            make("b")
        assert database_tenant() == str(one)
        with pytest.raises(ValueError), tenant_transaction(other):
            make("c")
            raise ValueError
        assert database_tenant() == str(one)
        assert current_tenant() == one
        assert [row.number for row in Customer.objects.all()] == ["a"]
    with tenant_transaction(other):
        assert [row.number for row in Customer.objects.all()] == ["b"]


def test_a_row_of_another_tenant_cannot_be_written(fresh_db: str) -> None:
    one, other = both()
    with tenant_transaction(one):
        mine = make("a")
        with pytest.raises(ProgrammingError), transaction.atomic():
            Customer.objects.create(number="x", tenant_id=other)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Customer.objects.filter(id=mine.id).update(tenant_id=other)
    with tenant_transaction(other):
        assert Customer.objects.filter(id=mine.id).update(name="stolen") == 0
        assert Customer.objects.filter(id=mine.id).first() is None
        assert Customer.objects.filter(id=mine.id).delete() == (0, {})


def test_a_session_sees_one_tenant_and_forgets_it(fresh_db: str) -> None:
    one, _other = both()
    with tenant_session(one):
        make("a")
        assert Customer.objects.count() == 1
        with tenant_transaction(one):
            make("b")
        assert Customer.objects.count() == 2
    assert database_tenant() == ""
    with pytest.raises(ValueError), tenant_session(one):
        raise ValueError
    assert database_tenant() == ""


def test_a_session_is_forgotten_after_a_broken_statement(fresh_db: str) -> None:
    one, _other = both()
    with pytest.raises((ProgrammingError, InternalError)), tenant_session(one):
        raw.one("SELECT nothing FROM nowhere")
    assert database_tenant() == ""


def test_the_directory_is_changed_for_ones_own_tenant_only(fresh_db: str) -> None:
    one, other = both()
    with tenant_transaction(one):
        assert Tenant.objects.filter(id=other).update(name="stolen") == 0
        assert Host.objects.filter(tenant_id=other).delete()[0] == 0
        with pytest.raises(ProgrammingError), transaction.atomic():
            Host.objects.create(tenant_id=other, host="stolen.example")
        assert Tenant.objects.filter(id=one).update(name="mine") == 1
    assert Tenant.objects.filter(id=one).update(name="nobody's") == 0


def test_the_system_role_sees_all(fresh_db: str) -> None:
    one, other = both()
    for tenant_id in (one, other):
        with tenant_transaction(tenant_id):
            make("a")
    assert Customer.objects.using("system").count() == 2
    connections["system"].close()
