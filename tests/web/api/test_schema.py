"""Whatever a program sends, within the schema or not, the API answers and does not break; and it answers in its own shapes."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from callcart.web.api.service import api
from tests.commerce.shop import Shop
from tests.web.api.program import Program

EXAMPLES = 3
IDS = {"order_id", "product_id", "variant_id", "customer_id", "parcel_id"}


@pytest.fixture
def filled(program: Program, shop: Shop) -> Program:
    """A shop in which something is found; its key is never too fast."""
    program.key.per_minute = 10_000
    program.key.save()
    shop.goods("TEA", price=2000, west=50)
    program.post("/orders", program.order_body(("TEA", 1)), key="k1")
    program.post("/customers", {"name": "Ada", "phone": "(212) 555-0142"})
    return program


def _ids(program: Program) -> dict[str, str]:
    product = program.get("/products").json()["items"][0]
    return {
        "order_id": program.get("/orders").json()["items"][0]["id"],
        "product_id": product["id"],
        "variant_id": product["variants"][0]["id"],
        "customer_id": program.get("/customers").json()["items"][0]["id"],
    }


def _inside_the_test() -> Any:
    """Our application as WSGI, in the transaction of the test: the end of a request closes no connection."""
    handler = ClientHandler(enforce_csrf_checks=False)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # what comes back is read as it is
        response = handler(environ)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    return application


def test_nothing_sent_breaks_it(filled: Program) -> None:
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    schema.app = _inside_the_test()
    known, seen = _ids(filled), dict[str, set[int]]()
    for operation in schema.get_all_operations():
        ready = operation.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(ready, mode, filled.secret, known, seen.setdefault(ready.label, set()))
    assert len(seen) > 35
    reached = {
        label: each - {401} for label, each in seen.items()
    }  # some of what is generated spoils the key
    assert all(each and not each & {403, 429} for each in reached.values()), reached
    assert sum(bool(each & {200, 201}) for each in seen.values()) > 10  # and often got somewhere


def _try(operation: Any, mode: GenerationMode, secret: str, known: dict[str, str], seen: set[int]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        for name in IDS & set(case.path_parameters or {}):
            case.path_parameters[name] = known.get(name, case.path_parameters[name])
        response = case.call(headers={"Authorization": f"Bearer {secret}"})
        seen.add(response.status_code)
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])

    attempt()
