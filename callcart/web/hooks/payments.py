"""What payment providers tell us. The shop is the one that the signed key in the message names; where shops have accounts of
their own with a provider, it is also the one whose host the message came in by.

A 2xx is sent only once the message is booked and committed; with anything else the provider sends it again, which is safe.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callcart.commerce.payments.public import apply_webhook, traits_of
from callcart.core.errors import AppError, NotFound
from callcart.core.http import non_atomic
from callcart.people.tenants.public import get_tenant

MOST_BYTES = 64 * 1024


class MessageTooLong(AppError):
    """This message is longer than any that we expect."""

    code = "hook.too_long"
    status = 413


@csrf_exempt
@non_atomic
@require_POST
def payments(request: HttpRequest, provider: str) -> HttpResponse:
    """Book a message. Its signature is of the raw bytes, so they are never parsed before it is checked."""
    outcome = apply_webhook(provider, request.headers, body_of(request), host_tenant=_host_tenant(request))
    answer = traits_of(provider).answer
    return HttpResponse(answer, content_type="text/plain") if answer else JsonResponse({"outcome": outcome})


def _host_tenant(request: HttpRequest) -> int | None:
    """The shop whose host the message came in by: a provider with accounts of shops' own is verified with its keys."""
    tenant = getattr(request, "tenant", None)
    return int(tenant.id) if tenant is not None else None


def body_of(request: HttpRequest, *, most: int = MOST_BYTES) -> bytes:
    """The bytes sent, not one more than we take. Raises MessageTooLong."""
    body: bytes = request.read(most + 1)
    if len(body) > most:
        raise MessageTooLong
    return body


def active_shop(tenant_id: int) -> int:
    """The shop that an address names; NotFound where there is none, or it is closed."""
    if tenant_id > 2**31 - 1 or not get_tenant(tenant_id).is_active:
        raise NotFound
    return tenant_id
