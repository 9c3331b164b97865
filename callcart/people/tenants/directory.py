"""Which tenant a host name or a service number belongs to. Answers are kept a few seconds in the process, so that a
request or a call costs no look-up; a change made elsewhere is seen when they run out.

A returned tenant is shared by all threads: read it, change it by the verbs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

from callcart.config import config
from callcart.core.errors import NotFound
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.models import Host, ServiceNumber, Tenant

TTL_SECONDS = 10.0
_MOST = 10_000
_kept: dict[tuple[str, Any], tuple[float, Any]] = {}
_lock = threading.Lock()
Found = TypeVar("Found")


def tenant_by_host(host: str) -> Tenant | None:
    """The tenant of a host name (no port); on a host nobody claimed, the installation's default tenant."""
    name = host.strip().rstrip(".").casefold()[:253]
    return _keep(("host", name), lambda: _of_host(name)) or tenant_by_slug(config().default_tenant)


def tenant_by_slug(slug: str) -> Tenant | None:
    return _keep(("slug", slug), lambda: Tenant.objects.filter(slug=slug, is_active=True).first())


def tenant_by_number(e164: str) -> Tenant | None:
    """The tenant of a service number in E.164; None for a number nobody has."""
    found = service_number(e164)
    return None if found is None else found.tenant


def service_number(e164: str) -> ServiceNumber | None:
    """The service number a customer dialled, with its tenant; only active ones of active tenants."""
    return _keep(
        ("number", e164),
        lambda: (
            ServiceNumber.objects.select_related("tenant")
            .filter(number=e164, is_active=True, tenant__is_active=True)
            .first()
        ),
    )


def get_tenant(tenant_id: int | None = None) -> Tenant:
    """A tenant by id, or the one acted for; NotFound."""
    wanted = current_tenant() if tenant_id is None else tenant_id
    found = _keep(("id", wanted), lambda: Tenant.objects.filter(id=wanted).first())
    if found is None:
        raise NotFound
    return found


def list_tenants() -> list[Tenant]:
    """Every active tenant; for processes that serve them all."""
    return list(Tenant.objects.filter(is_active=True).order_by("id"))


def list_hosts(tenant_id: int | None = None) -> list[Host]:
    return list(Host.objects.filter(tenant_id=tenant_id or current_tenant()).order_by("host"))


def list_service_numbers(tenant_id: int | None = None) -> list[ServiceNumber]:
    return list(ServiceNumber.objects.filter(tenant_id=tenant_id or current_tenant()).order_by("number"))


def forget() -> None:
    """Drop what this process keeps; done at every change, and by tests."""
    with _lock:
        _kept.clear()


def forget_now_and_after_commit() -> None:
    """Another thread may read the old row between our change and its commit."""
    forget()
    transaction.on_commit(forget)


def _of_host(name: str) -> Tenant | None:
    found = Host.objects.select_related("tenant").filter(host=name, tenant__is_active=True).first()
    return None if found is None else found.tenant


def _changing() -> bool:
    """Whether the transaction in hand has changed a tenant: what it reads may yet be rolled back, and is not for others."""
    waiting = transaction.get_connection().run_on_commit
    return any(each[1] is forget for each in waiting)


def _keep(key: tuple[str, Any], look_up: Callable[[], Found]) -> Found:
    if _changing():
        return look_up()
    moment = time.monotonic()
    with _lock:
        until, value = _kept.get(key, (0.0, None))
        if moment < until:
            kept: Found = value
            return kept
    found = look_up()
    with _lock:
        if len(_kept) >= _MOST:  # host names come from outside
            _kept.clear()
        _kept[key] = (moment + TTL_SECONDS, found)
    return found
