"""A shop's other program in tests: it has a key and speaks JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from callcart.core.actor import Actor
from callcart.core.models import AuditEntry
from callcart.people.keys.public import ApiKey, create_key
from tests.commerce.shop import ADDRESS, Shop

ROOT = "/api/v1"


@dataclass
class Program:
    """`shop` holds the goods. Answers are Django's, `.json()` reads them."""

    shop: Shop
    secret: str
    key: ApiKey

    def send(
        self, verb: str, path: str, body: Any = None, *, key: str = "", language: str = "en", **headers: str
    ) -> Any:
        """Send a request; `key` is the Idempotency-Key."""
        if key:
            headers["HTTP_IDEMPOTENCY_KEY"] = key
        return Client(HTTP_HOST="harbor.localhost").generic(
            verb,
            ROOT + path,
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {self.secret}" if self.secret else "",
            HTTP_ACCEPT_LANGUAGE=language,
            **headers,
        )

    def get(self, path: str, **values: Any) -> Any:
        return self.send("GET", path, **values)

    def post(self, path: str, body: Any, **values: Any) -> Any:
        return self.send("POST", path, body, **values)

    def order_body(self, *lines: tuple[str, int], **changes: Any) -> dict[str, Any]:
        return {
            "lines": [{"sku": sku, "quantity": units} for sku, units in lines],
            "address": {
                "name": ADDRESS.name, "phone": ADDRESS.phone, "country": "US", "province": "Oregon", "city": "Portland",
                "street": ADDRESS.street, "postcode": "97201",
            },
            "delivery_method": "ground", "payment_method": "cod",
        } | changes  # fmt: skip


def program_with(shop: Shop, *permissions: str, **grants: dict[str, Any]) -> Program:
    """A program whose key holds these; `orders__view={"scope": "own"}` narrows one."""
    wanted = {name: {} for name in permissions} | {k.replace("__", "."): v for k, v in grants.items()}
    boss = Actor.system(shop.tenant_id, "test")
    given = create_key(boss, name=f"program {ApiKey.objects.count()}", wanted=wanted)
    return Program(shop, given.secret, given.key)


def audited(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("id"))
