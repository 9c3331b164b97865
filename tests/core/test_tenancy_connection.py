"""The outermost transaction of a tenant: one message to begin it, and a connection that died is replaced unnoticed."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connections

from callcart.core.database import parameters, raw
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant


def test_a_connection_that_died_between_requests_is_replaced(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        pid = raw.value("SELECT pg_backend_pid()")
    with psycopg.connect(**parameters("default"), autocommit=True) as same_role:
        same_role.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with tenant_transaction(tenant.id):
        assert raw.value("SELECT current_setting('callcart.tenant')") == str(tenant.id)
        assert raw.value("SELECT pg_backend_pid()") != pid


def test_one_that_dies_inside_is_an_error_and_the_next_is_well(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with pytest.raises(Exception, match=r"terminat|closed|lost"):
        with tenant_transaction(tenant.id):
            raw.value("SELECT pg_terminate_backend(pg_backend_pid())")
    with tenant_transaction(tenant.id):
        assert raw.value("SELECT current_setting('callcart.tenant')") == str(tenant.id)


def test_the_setting_ends_with_the_transaction(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        assert connections["default"].in_atomic_block
    assert raw.value("SELECT coalesce(current_setting('callcart.tenant', true), '')") == ""


def test_an_exception_rolls_back_and_leaves_the_connection_usable(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with pytest.raises(ZeroDivisionError), tenant_transaction(tenant.id):
        raw.one("SELECT set_config('callcart.other', 'x', true)")
        raise ZeroDivisionError
    assert raw.value("SELECT coalesce(current_setting('callcart.other', true), '')") == ""
    with tenant_transaction(tenant.id):
        assert Tenant.objects.count() == 2
