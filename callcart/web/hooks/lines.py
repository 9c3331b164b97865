"""What providers of SMS tell us. The address names the shop and its line; the proof is checked with that line's secret.

A 2xx is sent only once everything is kept; with anything else the provider sends it again, which is safe.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callcart.contact.messaging.public import take_in
from callcart.core.http import non_atomic
from callcart.web.hooks.payments import active_shop, body_of

MOST_BYTES = 512 * 1024


@csrf_exempt
@non_atomic
@require_POST
def lines(request: HttpRequest, tenant_id: int, line_id: UUID) -> HttpResponse:
    """Take a message in. Its proof is of the raw bytes, so they are never parsed before it is checked."""
    body = body_of(request, most=MOST_BYTES)
    return JsonResponse({"taken": take_in(active_shop(tenant_id), line_id, request.headers, body)})
