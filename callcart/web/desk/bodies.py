"""Reading what the desk's scripts send: small JSON objects or forms. A wrong shape is a clear refusal, never a fault."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse

from callcart.core.errors import NotFound
from callcart.web.errors import BadRequest
from callcart.web.http import wanted_id

MAX_BODY = 200_000


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request, or the fields of its form."""
    if request.content_type != "application/json":
        return {name: request.POST[name] for name in request.POST}
    if len(request.body) > MAX_BODY:
        raise BadRequest
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(found, dict):
        raise BadRequest
    return found


def text_of(body: dict[str, Any], name: str, *, most: int = 25_000) -> str:
    """A text of the body, without NUL characters; empty where it is none."""
    value = body.get(name)
    return value.replace("\x00", "")[:most] if isinstance(value, str) else ""


def id_of(body: dict[str, Any], name: str) -> UUID | None:
    """An id of the body, None where there is none; NotFound for what is no id."""
    value = body.get(name)
    if value in (None, ""):
        return None
    return wanted_id(str(value))


def wanted(body: dict[str, Any], name: str) -> UUID:
    """An id that has to be there; NotFound where it is not."""
    found = id_of(body, name)
    if found is None:
        raise NotFound
    return found


def answer(**values: Any) -> JsonResponse:
    """JSON for our scripts, never kept by a cache."""
    response = JsonResponse(values)
    response["Cache-Control"] = "no-store"
    return response
