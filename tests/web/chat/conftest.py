"""`chat`: harbor with a chat, asked as a visitor's page asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from callcart.contact.messaging import public as messaging
from callcart.core.tenancy import tenant_transaction
from callcart.core.tokens import new_token
from callcart.people.tenants.models import Tenant
from tests.conftest import _database
from tests.contact.routing.floor import Floor, build

_serial = count(1)


@dataclass
class Chat:
    floor: Floor
    line_id: UUID
    host: str = "harbor.localhost"
    addresses: Any = field(default_factory=lambda: (f"198.51.100.{n}" for n in range(1, 250)))

    def client(self) -> Client:
        """A browser at an address of its own."""
        return Client(HTTP_HOST=self.host, REMOTE_ADDR=next(self.addresses), enforce_csrf_checks=True)

    def url(self, path: str = "") -> str:
        return f"/chat/{self.line_id}/{path}"

    def begin(
        self, client: Client | None = None, text: str = "Hello", **more: Any
    ) -> tuple[Client, str, dict[str, Any]]:
        client = client or self.client()
        token = new_token()
        answer = self.post(client, "begin", {"text": text, "key": self.key(), **more}, token)
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
        return client, token, told

    @staticmethod
    def key() -> str:
        return f"k{next(_serial)}"

    def post(self, client: Client, path: str, body: dict[str, Any], token: str = "") -> HttpResponse:
        headers = {"X-Chat-Token": token} if token else {}
        return client.post(self.url(path), json.dumps(body), content_type="application/json", headers=headers)  # type: ignore[return-value]

    def say(self, client: Client, token: str, text: str, **more: Any) -> HttpResponse:
        data = {"text": text, "key": self.key(), **more}
        return client.post(self.url("say"), data, headers={"X-Chat-Token": token})  # type: ignore[return-value]

    def heard(self, client: Client, token: str, after: int = 0) -> dict[str, Any]:
        answer = client.get(self.url(f"heard?after={after}"), headers={"X-Chat-Token": token})
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="package")
def made(template: str, shared_database: str) -> Iterator[Chat]:
    with _database(template):
        floor = build(Tenant.objects.get(slug="harbor").id)
        with tenant_transaction(floor.tenant_id):
            line = messaging.add_line(
                floor.boss, "web", name="Chat", address="shop", queue_id=floor.queues["sales"],
                values={"origins": "https://blog.example", "greeting": "Ahoy!"},
            )  # fmt: skip
        yield Chat(floor, line.id)


@pytest.fixture
def chat(made: Chat) -> Chat:
    return made
