"""The API as one thing: its routers, how a body is read, and how each kind of refusal becomes our JSON."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from callcart.core.errors import AppError, Invalid
from callcart.people.keys.public import KeyRefused
from callcart.web.api import customers, orders, parcels, payments, products, promotions, sets, stock
from callcart.web.api.doors import ByKey
from callcart.web.api.shapes import Refusal
from callcart.web.errors import PageMissing, error_response

VERSION = "1"
_REFUSALS = {
    400: "This is not readable",
    401: "No valid key",
    403: "The key may not do this",
    404: "It does not exist, or the key does not reach it",
    409: "It was changed meanwhile, or the state does not allow it",
    413: "This is too long",
    422: "Fields are wrong",
    429: "Too many requests; see Retry-After",
    503: "Not just now; send it again",
}
_WHERE = {"body", "query", "path", "header", "form"}


class Unreadable(AppError):
    """The body of this request is not readable JSON in UTF-8."""

    code = "unreadable"
    status = 400


class StrictParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no endless nesting, an object at the top."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            found = json.loads(request.body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise Unreadable from None
        if not isinstance(found, dict):
            raise Unreadable
        return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class Service(NinjaAPI):
    """With the shape of refusals in the schema of each call."""

    def get_openapi_schema(self, **values: Any) -> Any:
        schema = super().get_openapi_schema(**values)
        schema["components"]["schemas"]["Refusal"] = Refusal.model_json_schema()
        said = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
        for verbs in schema["paths"].values():
            for call in verbs.values():
                call["responses"] |= {
                    status: {"description": text, "content": said} for status, text in _REFUSALS.items()
                }
        return schema


api = Service(
    title="Callcart",
    version=VERSION,
    description="Products, stock, customers, orders, money and parcels of one shop.",
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
    auth=ByKey(),
    parser=StrictParser(),
)
for prefix, router in (
    ("", products.router),
    ("", sets.router),
    ("", stock.router),
    ("", customers.router),
    ("", orders.router),
    ("", payments.router),
    ("", parcels.router),
    ("", promotions.router),
):
    api.add_router(prefix, router)


@api.exception_handler(AppError)
def refused(request: HttpRequest, error: AppError) -> HttpResponse:
    """What a verb refuses. The status rolls the request's transaction back."""
    response = error_response(request, error)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refused(request, KeyRefused())


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return error_response(request, PageMissing())


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return error_response(request, Unreadable())


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Every field that is wrong, by the path of its name (`lines.0.quantity`)."""
    return error_response(request, Invalid(fields={_name(each["loc"]): _say(each) for each in error.errors}))


def _name(where: tuple[Any, ...]) -> str:
    """Ninja says (`body`, name of the argument, …); people say the field."""
    parts = [str(part) for part in where]
    if parts and parts[0] in _WHERE:
        inner = parts[2:] if parts[0] == "body" else parts[1:]
        parts = inner or parts[:1]
    return ".".join(parts).lower().replace("-", "_")[:200]


def _say(problem: dict[str, Any]) -> str:
    """Pydantic's sentence, or ours where the field is simply not there or not known."""
    match problem.get("type"):
        case "missing":
            return _("Please fill this in.")
        case "extra_forbidden":
            return _("This field is not known.")
        case _:
            return str(problem.get("msg", "")).removeprefix("Value error, ")[:300]
