"""A live process in a thread, on the test's own database; staff who are signed in."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import uvicorn

from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff
from callcart.people.staff.public import create_role, create_staff, start_session
from callcart.people.tenants.models import Tenant
from callcart.processes import live as process
from callcart.web.live.app import Live
from tests.web.live.page import Page

AGENT = ("desk.use", "routing.work", "voice.phone")
BOSS = (*AGENT, "board.view", "staff.manage")


class Server:
    """`port`; everything of the process in `live`; what must run in its loop by `call`."""

    def __init__(self, **options: Any) -> None:
        self.live = Live()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(128)
        self.port: int = self.socket.getsockname()[1]
        settings = {**process._options(), **options}
        settings.pop("ssl_certfile", None), settings.pop("ssl_keyfile", None)
        self.server = process._Server(
            self.live.say_farewell, uvicorn.Config(self.live.application, **settings)
        )
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 30
        while not self.server.started:
            assert time.monotonic() < deadline and self.thread.is_alive()
            time.sleep(0.01)

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self.server.serve(sockets=[self.socket])

        asyncio.run(serve())

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def server(fresh_db: str) -> Iterator[Server]:
    found = Server()
    yield found
    found.stop()


@dataclass
class Shop:
    """One tenant, from a test's point of view."""

    tenant_id: int
    host: str

    def person(self, name: str, permissions: tuple[str, ...] = AGENT) -> Staff:
        system = Actor.system(self.tenant_id)
        with tenant_transaction(self.tenant_id):
            role = create_role(system, name=f"Role of {name}", wanted={each: {} for each in permissions})
            return create_staff(
                system,
                email=f"{name}@{self.host.split('.')[0]}.example",
                name=name.title(),
                password="a long enough sentence",
                role_ids=[role.id],
            )

    def session(self, who: Staff) -> str:
        with tenant_transaction(self.tenant_id):
            return start_session(who, ip="127.0.0.1", user_agent="test")

    def emit(self, kind: str, *, staff_id: UUID | None = None, audience: str = "staff", **data: Any) -> int:
        with tenant_transaction(self.tenant_id):
            return events.emit(kind, staff_id=staff_id, audience=audience, data=data)


@pytest.fixture
def harbor(fresh_db: str) -> Shop:
    return Shop(Tenant.objects.get(slug="harbor").id, "harbor.localhost")


@pytest.fixture
def qinghe(fresh_db: str) -> Shop:
    from callcart.people.tenants.models import Host

    tenant = Tenant.objects.get(slug="qinghe")
    Host.objects.get_or_create(host="qinghe.localhost", tenant_id=tenant.id)
    return Shop(tenant.id, "qinghe.localhost")


@pytest.fixture
def open_page(server: Server) -> Iterator[Callable[..., Page]]:
    """`open_page(shop, session, …)`: a page with an open feed, closed after the test."""
    opened: list[Page] = []

    def make(shop: Shop, session: str, **options: Any) -> Page:
        page = Page.open(options.pop("port", server.port), session, host=shop.host, **options)
        opened.append(page)
        return page

    yield make
    for page in opened:
        page.close()
