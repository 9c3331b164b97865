"""`address`: where both shops are served, with an owner and an agent `amy` each; `browser`: a Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import create_staff, ensure_default_roles
from callcart.people.tenants.public import tenant_by_slug
from callcart.web.accounts.sign_in import DEMO_PASSWORD
from tests.journeys.browser import chromium
from tests.web.looking import beside_a_loop
from tests.web.serving import serving


@pytest.fixture
def address(fresh_db: str) -> Iterator[str]:
    for slug in ("harbor", "qinghe"):
        tenant = tenant_by_slug(slug)
        assert tenant is not None
        with tenant_transaction(tenant.id):
            roles = ensure_default_roles()
            for name, key in (("owner", "owner"), ("amy", "agent")):
                create_staff(
                    Actor.system(tenant.id),
                    email=f"{name}@{slug}.example",
                    name=f"{name.title()} Example",
                    password=DEMO_PASSWORD,
                    role_ids=[roles[key].id],
                )
    with serving() as port:
        yield f"http://harbor.localhost:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with beside_a_loop(), chromium() as started:
        yield started
