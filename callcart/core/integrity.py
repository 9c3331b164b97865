"""Counting again. Each domain that keeps sums beside what they are made of has an `integrity.sql`: a query that gives one row
(tenant, what, subject, found, should be) for everything that does not add up, and none in a healthy shop.

`find_all` looks at all tenants as the system role, each domain in a read-only transaction of its own: run it at night, or on
a replica. `find_in` looks at one domain inside the transaction in hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import structlog
from django.apps import apps

from callcart.core import jobs
from callcart.core.database import Row, parameters, raw

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that does not add up."""

    tenant_id: int
    what: str
    subject: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"tenant {self.tenant_id}: {self.what}, {self.subject}: is {self.found}, should be {self.expected}"


def find_all() -> Iterator[Mismatch]:
    """What does not add up in any tenant."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = on")
        connection.execute(
            "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('transaction_timeout', 'statement_timeout')"
        )
        for label in domains():
            yield from map(_of, connection.execute(_query(label).encode()))


def find_in(label: str) -> list[Mismatch]:
    """What does not add up in one domain of the tenant acted for."""
    return [_of(row) for row in raw.all(_query(label).replace("%", "%%"))]


def domains() -> list[str]:
    """The app labels of the domains that can be counted again."""
    return [each.label for each in apps.get_app_configs() if _path(each.label).exists()]


def _path(label: str) -> Path:
    return Path(apps.get_app_config(label).path) / "integrity.sql"


def _query(label: str) -> str:
    return _path(label).read_text(encoding="utf-8")


def _of(row: Row) -> Mismatch:
    return Mismatch(int(row[0]), *(str(each) for each in row[1:]))


@jobs.periodic(cron="20 3 * * *")
def nightly() -> None:
    """Every night; what is off goes to the log by its id, without what is in it."""
    for mismatch in find_all():
        log.error(
            "integrity.off",
            tenant=mismatch.tenant_id,
            what=mismatch.what,
            subject=mismatch.subject,
            found=mismatch.found,
            expected=mismatch.expected,
        )
