"""Fixtures on real PostgreSQL.

`db`         one migrated database for the run; the test's transaction is rolled back.
`tenant`     inside `db`: acting for the tenant `harbor`; `other_tenant` is `qinghe`, not entered.
`fresh_db`   a database of its own like the template, with real commits and real connections (races, kills).
`demo_db`    the same with both demo shops, which are seeded once a run.
`client_for` a browser-less client signed in as a staff member.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from tests import environment, spares

HOME = environment.prepare()

import django  # noqa: E402

django.setup()

import hypothesis  # noqa: E402
import psycopg  # noqa: E402
from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from callcart.config import config  # noqa: E402
from callcart.core import ids  # noqa: E402
from callcart.core.database import migrate, raw  # noqa: E402
from callcart.core.dsn import connection_parameters  # noqa: E402
from callcart.core.secrets import secret  # noqa: E402
from callcart.core.tenancy import tenant_transaction  # noqa: E402
from callcart.processes.postgres.cluster import SUPERUSER  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from callcart.people.staff.models import Staff
    from callcart.people.tenants.models import Tenant

# The same examples in every run: a suite that passed passes again. Look for new ones with HYPOTHESIS_SEARCH=1.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
if not os.environ.get("HYPOTHESIS_SEARCH"):
    hypothesis.settings.load_profile("steady")


# What a password costs was most of what the suite cost. The real price is in tests/people/staff/test_passwords.py.
PASSWORD_COST = {
    name: getattr(Argon2PasswordHasher, name) for name in ("time_cost", "memory_cost", "parallelism")
}
for cost, least in (("time_cost", 1), ("memory_cost", 8), ("parallelism", 1)):
    setattr(Argon2PasswordHasher, cost, least)


# Folders whose tests share one running system: where the suite runs in several processes, each stays in one of them.
TOGETHER = ("tests/journeys", "tests/integrations/asterisk")
# Files that share the demo shops, whose making takes longer than their tests.
OF_DEMO = ("tests/tenancy/test_walk.py", "tests/processes/test_backup.py")


def _group(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    folder = path.rpartition("/")[0]
    return "demo shops" if path in OF_DEMO else folder if folder in TOGETHER else path


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: they would be what everybody waits for at the end."""
    items.sort(key=lambda item: _group(item.nodeid) not in TOGETHER)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file at a time, a whole folder where it shares a system. Marks would not do: pytest 9.2 took away how they are read."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Scheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """On a given server there are one set of roles and one database: one process."""
    return 1 if "CALLCART_DATABASE_URL" in os.environ else None


def pytest_unconfigure() -> None:
    environment.clear(HOME)


_serial = itertools.count(1)
ALIASES = ("default", "owner", "system")


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    """The name of a migrated database holding two empty tenants, to be copied. Nobody writes into it: the database that child
    processes find by the settings is another one like it."""
    from callcart.processes.postgres import server

    with server.running():
        try:
            _hurry()
            migrate(verbosity=0)
            _make_tenants()
            name = _copy(str(connection_parameters("owner")["dbname"]))
            _remember(name)
            yield name
            _drop(name)
        finally:
            _disconnect()


def _remember(template: str) -> None:
    """How the template looks, so that a database which a test has used can be made like it again."""
    if not config().database_url:
        with _chief(template) as admin:
            _origins[template] = spares.look_at(admin)


def _hurry() -> None:
    """A server of ours waits for no disk: what it holds need not outlive a power cut, only processes that are killed."""
    if config().database_url:
        return
    with _chief() as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER SYSTEM SET full_page_writes = off")
        admin.execute("SELECT pg_reload_conf()")


def _chief(database: str = "postgres") -> psycopg.Connection[Any]:
    """Whoever may do most: the superuser of a server of ours, the owner on a given one."""
    if config().database_url:
        return psycopg.connect(**connection_parameters("owner"), autocommit=True)  # type: ignore[arg-type]
    return psycopg.connect(
        host="127.0.0.1", port=config().postgres_port, dbname=database, user=SUPERUSER, password=secret("postgres_superuser"),
        autocommit=True,
    )  # fmt: skip


def _make_tenants() -> None:
    from callcart.people.tenants.models import Tenant
    from tests.shops import make_harbor, make_qinghe

    if not Tenant.objects.exists():
        make_harbor()
        make_qinghe()


def _disconnect() -> None:
    """Nothing of the database in use is kept in this process."""
    from callcart.people.tenants import directory

    connections.close_all()
    raw.close()
    ids.forget_blocks()
    directory.forget()


@contextmanager
def _database(template: str) -> Iterator[str]:
    """A database like a template, for the length of the block: one that is spare, or a copy."""
    spare = _spares.get(template)
    name = spare.pop() if spare else _copy(template)
    try:
        with _using(name):
            yield name
    finally:
        if not _is_spare(name, template):
            _drop(name)


_origins: dict[str, spares.Origin] = {}
_spares: dict[str, list[str]] = {}


def _is_spare(name: str, template: str) -> bool:
    """Whether the next one who wants a copy of the template can have this database. Only a superuser can put it back."""
    if template not in _origins:
        return False
    try:
        with _chief(name) as admin:
            if not spares.put_back(admin, _origins[template]):
                return False
    except psycopg.Error:  # it cannot be reached, or something in it is held: not worth a second try
        return False
    _spares.setdefault(template, []).append(name)
    return True


def _copy(template: str) -> str:
    name = f"callcart_test_{HOME.name.rsplit('-', 1)[-1].lower()}_{next(_serial)}"
    _disconnect()  # nobody may be connected to what is copied
    with psycopg.connect(**connection_parameters("owner"), autocommit=True) as admin:  # type: ignore[arg-type]
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


@contextmanager
def _using(name: str) -> Iterator[None]:
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    _disconnect()
    for alias in ALIASES:
        connections[alias].settings_dict["NAME"] = name
    try:
        yield
    finally:
        _disconnect()
        for alias in ALIASES:
            connections[alias].settings_dict["NAME"] = before[alias]


def _drop(name: str) -> None:
    """Drop a database. Where autovacuum is at work in it, only a superuser may end that; on a given server it is waited for."""
    with _chief() as admin:
        for attempt in range(40):
            try:
                admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                if attempt == 39:
                    raise
                time.sleep(0.25)
            else:
                return


@pytest.fixture(scope="session")
def demo_template(template: str) -> Iterator[str]:
    """The name of a database with both demo shops as set-up makes them, to be copied."""
    from callcart.demo.seed import seed

    name = _copy(template)
    with _using(name):
        seed(verbosity=0)
    yield name
    _drop(name)


@pytest.fixture(scope="session")
def shared_database(template: str) -> Iterator[str]:
    """The database of all tests that roll back. Made before any that a folder's tests share, it stays the outer one."""
    with _database(template) as name:
        yield name


@pytest.fixture
def db(shared_database: str) -> Iterator[None]:
    """A transaction on a migrated database, rolled back after the test. Where a folder's tests share a database of their own,
    it is left for this one."""
    elsewhere = connections["default"].settings_dict["NAME"] != shared_database
    with _using(shared_database) if elsewhere else nullcontext(), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@pytest.fixture
def fresh_db(template: str) -> Iterator[str]:
    """A database of the test's own, with real commits; the value is its name."""
    with _database(template) as name:
        yield name


@pytest.fixture
def demo_db(demo_template: str) -> Iterator[str]:
    """As `fresh_db`, with both demo shops in it."""
    with _database(demo_template) as name:
        yield name


def _tenant(slug: str) -> Tenant:
    from callcart.people.tenants.models import Tenant

    return Tenant.objects.get(slug=slug)


@pytest.fixture
def tenant(db: None) -> Iterator[Tenant]:
    """Acting for `harbor` (USD, New York) inside the test's transaction."""
    found = _tenant("harbor")
    with tenant_transaction(found.id):
        yield found


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    """The tenant `qinghe` (CNY, Shanghai); not entered."""
    return _tenant("qinghe")


@pytest.fixture
def client_for() -> Callable[..., Client]:
    """`client_for(staff)` or `client_for(None)`: a client on the tenant's host. Use with `fresh_db` or `tenant`."""
    from django.test import Client

    from callcart.people.staff.public import start_session
    from callcart.web.middleware import SESSION_COOKIE

    def make(staff: Staff | None = None, *, host: str = "harbor.localhost", **extra: Any) -> Client:
        client = Client(enforce_csrf_checks=False, HTTP_HOST=host, **extra)
        if staff is not None:
            client.cookies[SESSION_COOKIE] = start_session(staff, ip="127.0.0.1", user_agent="test")
        return client

    return make
