"""One tenant never sees, changes or adds to another's rows, in any table there is."""

from __future__ import annotations

import psycopg
import pytest

from callcart.core.database import parameters, raw
from callcart.core.tenancy import tenant_transaction


def _tables() -> list[str]:
    rows = raw.all(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        " AND coalesce(obj_description(c.oid), '') <> 'directory' ORDER BY 1"
    )
    return [str(row[0]) for row in rows]


def test_every_tenant_table_has_forced_row_security(db: None) -> None:
    tables = _tables()
    assert len(tables) > 30
    loose = raw.all(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT (relrowsecurity AND relforcerowsecurity)",
        (tables,),
    )
    assert loose == []


def test_every_table_is_known_to_be_a_tenants_or_shared(db: None) -> None:
    """A table without a tenant_id is here because somebody thought about it."""
    shared = {
        *("django_content_type", "django_migrations", "tenants_tenant", "tenants_host"),
        *("voice_exchange", "voice_stranger"),
    }
    rows = raw.all(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT 1 FROM pg_attribute a"
        " WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)"
    )
    assert {str(row[0]) for row in rows if not str(row[0]).startswith("procrastinate_")} <= shared


def test_the_application_role_is_held_by_row_security(db: None) -> None:
    assert raw.one("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == (
        False,
        False,
    )


def test_walk_every_table_as_the_other_tenant(demo_db: str) -> None:
    from callcart.people.tenants.models import Tenant

    ids = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    assert len(ids) == 2
    with psycopg.connect(**parameters("system"), autocommit=True) as system:
        filled = {
            table: {row[0] for row in system.execute(f"SELECT DISTINCT tenant_id FROM {table}").fetchall()}
            for table in _tables()
        }
    assert sum(len(found) == 2 for found in filled.values()) > 25, filled
    for mine in ids:
        with tenant_transaction(mine):
            for table in filled:
                assert raw.value(f"SELECT count(*) FROM {table} WHERE tenant_id <> %s", (mine,)) == 0, table
                if table != "core_auditentry":
                    assert (
                        raw.all(
                            f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id <> %s RETURNING 1",
                            (mine,),
                        )
                        == []
                    )


def test_nothing_is_seen_without_a_tenant(demo_db: str) -> None:
    for table in _tables():
        assert raw.value(f"SELECT count(*) FROM {table}") == 0, table


def test_a_row_cannot_be_written_into_another_tenant(demo_db: str) -> None:
    from django.db.utils import ProgrammingError

    with pytest.raises(ProgrammingError, match="row-level security"), tenant_transaction(1):
        raw.one("INSERT INTO core_counter (tenant_id, kind, value) VALUES (2, 'forged', 1) RETURNING id")
