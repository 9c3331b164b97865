"""A pasted address split into the fields of the checkout. Nothing is kept of it; the visitor checks what was filled in."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from callcart.people.customers.public import read_pasted
from callcart.web.shop.regions import regions_of
from callcart.web.shop.visit import tenant_of


@require_POST
def split_address(request: HttpRequest) -> JsonResponse:
    """The fields of `text`, and which of them to look at first. A province is written as the form's list has it."""
    found = asdict(read_pasted(request.POST.get("text", "")))
    known = {name: code for code, name in regions_of(tenant_of(request).country, "en")}
    found["province"] = known.get(found["province"], found["province"])
    response = JsonResponse(found)
    response["Cache-Control"] = "private, no-store"
    return response
