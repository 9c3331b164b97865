"""What carriers tell us. The address names the shop and its carrier; the signature is checked with that carrier's account.

A 2xx is sent only once everything is taken in and committed; with anything else the carrier sends it again, which is safe.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callcart.commerce.shipping.public import take_webhook
from callcart.core.http import non_atomic
from callcart.core.tenancy import acting_for
from callcart.web.hooks.payments import active_shop, body_of

MOST_BYTES = 512 * 1024  # an aggregator sends the whole history of a parcel each time


@csrf_exempt
@non_atomic
@require_POST
def carriers(request: HttpRequest, tenant_id: int, carrier_id: UUID) -> HttpResponse:
    """Take a message in. Its signature is of the raw bytes, so they are never parsed before it is checked."""
    body = body_of(request, most=MOST_BYTES)
    with acting_for(active_shop(tenant_id)):
        taken = take_webhook(carrier_id, request.headers, body)
    return JsonResponse({"new": taken.new, "known": taken.known, "unknown": len(taken.unknown)})
