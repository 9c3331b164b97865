"""A pasted address split into its fields, for every form of staff that asks for one."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from callcart.people.customers.public import read_pasted
from callcart.web.http import requires


@require_POST
@requires()
def split_address(request: HttpRequest) -> JsonResponse:
    """The fields of `text`, and which of them to look at first."""
    response = JsonResponse(asdict(read_pasted(request.POST.get("text", ""))))
    response["Cache-Control"] = "no-store"
    return response
