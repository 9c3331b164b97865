"""The secret a program sends with its request, and the shop it says it belongs to. What it may do is `people.keys`' business."""

from __future__ import annotations

from django.http import HttpRequest

from callcart.core.errors import NotFound
from callcart.people.keys.public import tenant_of
from callcart.people.tenants.public import Tenant, get_tenant

API = "/api/"
_SCHEME = "bearer "


def bearer(request: HttpRequest) -> str:
    """The token of `Authorization: Bearer …`, empty where there is none."""
    given = request.headers.get("Authorization", "")
    return given[len(_SCHEME) :].strip() if given[: len(_SCHEME)].lower() == _SCHEME else ""


def tenant_of_key(request: HttpRequest) -> Tenant | None:
    """The active shop that the key of an API request names, whatever host it was sent to; else None."""
    if not request.path_info.startswith(API):
        return None
    tenant_id = tenant_of(bearer(request))
    if tenant_id is None:
        return None
    try:
        found = get_tenant(tenant_id)
    except NotFound:
        return None
    return found if found.is_active else None
