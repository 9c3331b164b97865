"""Who may connect: our own pages only, and signed-in staff only. The way from the event loop to the database, too: a few
threads, each with its own connection.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import close_old_connections, connections
from django.http.request import split_domain_port
from psycopg_pool import ConnectionPool
from starlette.requests import HTTPConnection

from callcart.config import config
from callcart.core.actor import Actor
from callcart.core.database import parameters
from callcart.core.errors import AppError, NotSignedIn, PermissionDenied
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import resolve_session
from callcart.people.tenants.public import tenant_by_host
from callcart.web.forwarded import visitor_address
from callcart.web.middleware import SESSION_COOKIE

Given = ParamSpec("Given")
Found = TypeVar("Found")
THREADS = 6
_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="live-database")


class ForeignPage(PermissionDenied):
    """Only pages of this shop may connect."""

    code = "live.foreign_page"


class FeedTokenUnreadable(AppError):
    """The feed cannot continue from this token."""

    code = "live.token"
    status = 422


async def in_database(
    function: Callable[Given, Found], *arguments: Given.args, **named: Given.kwargs
) -> Found:
    """Run a function that reads or writes the database in one of the threads."""

    def run() -> Found:
        close_old_connections()  # one that died with its server is noticed and opened anew
        return function(*arguments, **named)

    return await asyncio.get_running_loop().run_in_executor(_threads, run)


_outbox: ConnectionPool[psycopg.Connection[Any]] | None = None
_opening = threading.Lock()


@contextmanager
def outbox() -> Iterator[psycopg.Connection[Any]]:
    """An autocommit connection of the system role, to read events by. In one of the threads."""
    global _outbox
    with _opening:
        if _outbox is None:
            _outbox = ConnectionPool(
                kwargs={**parameters("system"), "autocommit": True, "application_name": "callcart-live"},
                min_size=0,
                max_size=THREADS,
                timeout=5,
                max_idle=60,
                name="outbox",
                check=ConnectionPool.check_connection,
                open=True,
            )
    with _outbox.connection() as connection:
        yield connection


async def leave_database() -> None:
    """Close the connections of all the threads; the next use opens them anew."""
    global _outbox
    if _outbox is not None:
        _outbox.close()
        _outbox = None
    together = threading.Barrier(THREADS)  # one of these tasks for each thread

    def close() -> None:
        connections.close_all()
        together.wait(10)

    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(_threads, close) for _each in range(THREADS)))


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection's page and person, as far as it names them."""

    host: str
    origin: str
    token: str

    @classmethod
    def of(cls, connection: HTTPConnection) -> Caller:
        host, _ = split_domain_port(connection.headers.get("host", ""))
        return cls(
            host=host.strip("[]"),
            origin=connection.headers.get("origin", ""),
            token=connection.cookies.get(SESSION_COOKIE, ""),
        )

    def require_own_page(self) -> None:
        """Raises ForeignPage unless a page of this very host, served by our web process, is asking. A browser names
        the page's origin by itself; a page cannot change it."""
        if not self.host or self.origin not in own_origins(self.host):
            raise ForeignPage


def address_of(connection: HTTPConnection) -> str:
    """The network address of whoever connects, also behind proxies that are trusted."""
    peer = connection.client.host if connection.client else ""
    forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
    return visitor_address(peer, forwarded, trusted=config().trusted_proxies)


def own_origins(host: str) -> tuple[str, ...]:
    """The origins of our own pages on a host; a browser leaves out the port that goes without saying."""
    settings = config()
    scheme, usual = ("https", 443) if settings.tls else ("http", 80)
    name = f"[{host}]" if ":" in host else host
    if settings.web_port == usual:
        return (f"{scheme}://{name}",)
    return (f"{scheme}://{name}:{settings.web_port}",)


async def sign_in(caller: Caller) -> Actor:
    """The staff member of the session cookie, in the tenant of the host. Raises NotSignedIn."""
    if not caller.token or len(caller.token) > 200:
        raise NotSignedIn
    return await in_database(_actor, caller.host, caller.token)


def _actor(host: str, token: str) -> Actor:
    tenant = tenant_by_host(host)
    if tenant is None:
        raise NotSignedIn
    with tenant_transaction(tenant.id):
        actor = resolve_session(token)
    if actor is None or actor.id is None:
        raise NotSignedIn
    return actor
