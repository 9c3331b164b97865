"""A database is used again only where it is as its template is, to the row, the sequence and what the planner knows."""

from __future__ import annotations

import pytest

from callcart.config import config
from callcart.core.ids import next_number
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.tenants.models import Tenant
from tests import spares
from tests.conftest import _chief, _disconnect, _origins

pytestmark = pytest.mark.skipif(bool(config().database_url), reason="a given server's databases are copied")


def test_what_was_written_is_taken_out(template: str, fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        Customer.objects.create(number=next_number("customer"), name="Ann")
    Tenant.objects.filter(id=tenant.id).update(name="Another")
    _disconnect()
    with _chief(fresh_db) as admin:
        admin.execute("ANALYZE")
        written = spares.look_at(admin)
        assert written.rows != _origins[template].rows
        assert spares.put_back(admin, _origins[template])
        assert spares.look_at(admin) == _origins[template]
    assert Tenant.objects.get(slug="harbor").name == "Harbor & Pine"


CHANGES = (
    "CREATE TABLE one_more (id int)",
    "DROP POLICY tenant ON customers_customer",
    "CREATE FUNCTION one_more() RETURNS int LANGUAGE sql RETURN 1",
    "REVOKE INSERT ON customers_customer FROM callcart_app",
    "ALTER TABLE customers_customer ALTER name SET DEFAULT 'x'",
    "CREATE INDEX one_more ON customers_customer (name)",
)


def test_a_changed_schema_is_not_used_again(template: str, fresh_db: str) -> None:
    with _chief(fresh_db) as admin:
        for change in CHANGES:
            with admin.transaction(force_rollback=True):
                admin.execute(change)
                assert not spares.put_back(admin, _origins[template]), change
        assert spares.put_back(admin, _origins[template])
