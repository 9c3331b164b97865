"""Whoever asks is known by the key alone; what is refused says why, in the reader's language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.core.tenancy import tenant_transaction
from callcart.people.keys.public import revoke_key
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop
from tests.web.api.program import ROOT, Program, audited, program_with


def test_without_a_key(program: Program) -> None:
    for secret in ("", "nonsense", "cck_1_" + "x" * 43, program.secret[:-1] + "!"):
        answer = replace(program, secret=secret).get("/products")
        assert (answer.status_code, answer.json()["code"]) == (401, "key_refused"), secret
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key(program: Program) -> None:
    revoke_key(program.shop.boss, program.key.id)
    assert program.get("/products").status_code == 401


def test_a_staff_cookie_opens_nothing(shop: Shop, client_for: object) -> None:
    from tests.web.office.office import hire

    owner = hire(shop.tenant_id)["owner"]
    client = client_for(owner)  # type: ignore[operator]
    assert client.get(f"{ROOT}/products").status_code == 401


def test_a_permission_it_does_not_hold(shop: Shop) -> None:
    shop.goods("TEA", west=5)
    weak = program_with(shop, "catalog.view")
    for verb, path, body in (
        ("GET", "/stock", None),
        ("GET", "/orders", None),
        ("GET", "/customers", None),
        ("GET", "/promotions", None),
        ("GET", "/parcels", None),
        ("POST", "/products", {"name": "Cup", "variants": [{"sku": "CUP", "price_minor": 1}]}),
        ("POST", "/stock/receive", {"sku": "TEA", "warehouse": "west", "quantity": 1}),
        ("POST", "/orders", weak.order_body(("TEA", 1))),
        ("POST", "/customers", {"name": "Ada"}),
    ):
        answer = weak.send(verb, path, body, key="k1")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied"), path
    assert shop.stock("TEA") == {"west": (5, 0)}


def test_the_shop_is_the_keys_whatever_the_host(program: Program, other_tenant: Tenant) -> None:
    program.shop.goods("TEA")
    with tenant_transaction(other_tenant.id):
        theirs = program_with(open_shop(other_tenant), "catalog.view")
    assert [each["variants"][0]["sku"] for each in program.get("/products").json()["items"]] == ["TEA"]
    assert theirs.get("/products").json()["items"] == []  # sent to the first one's host


def test_too_many_requests(shop: Shop) -> None:
    program = program_with(shop, "catalog.view")
    program.key.per_minute = 1
    program.key.save()
    answers = [program.get("/categories") for _each in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "key_too_fast"
    assert answers[-1].json()["retryable"] is True
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'"x"', b'{"name": NaN}', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000]
)
def test_a_body_that_is_no_json(program: Program, body: bytes) -> None:
    answer = program.post("/customers", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_each_wrong_field_is_named(program: Program) -> None:
    body = program.order_body(("TEA", 0), surprise=1)
    body["lines"].append({"sku": "x\u0000", "quantity": 1.5})
    del body["delivery_method"]
    answer = program.post("/orders", body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert answer.json()["fields"] == {
        "idempotency_key": "Please fill this in.",
        "surprise": "This field is not known.",
        "delivery_method": "Please fill this in.",
        "lines.0.quantity": "Input should be greater than or equal to 1",
        "lines.1.sku": "This text holds characters that cannot be kept.",
        "lines.1.quantity": "Input should be a valid integer",
    }


def test_refusals_speak_the_readers_language(program: Program) -> None:
    english, chinese = (
        program.get("/products/00000000-0000-7000-8000-000000000000", language=each).json()["message"]
        for each in ("en", "zh-CN,zh;q=0.9")
    )
    assert english == "This does not exist, or you may not see it."
    assert chinese != english


def test_an_unknown_address_is_json(program: Program) -> None:
    for path in ("/nothing", "/orders/not-an-id"):
        answer = program.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_changes_are_in_the_audit_under_the_keys_name(program: Program) -> None:
    assert program.post("/customers", {"name": "Ada"}).status_code == 201
    entry = audited("customers.create")[0]
    assert (entry.actor_kind, entry.actor_id, entry.actor_name, entry.channel) == (
        "key",
        program.key.id,
        program.key.name,
        "api",
    )


def test_what_is_refused_is_rolled_back(program: Program) -> None:
    """The second variant has the first one's code: the product is not made either."""
    twice = [{"sku": "CUP", "price_minor": 100}, {"sku": "CUP", "price_minor": 100}]
    answer = program.post("/products", {"name": "Cup", "variants": twice})
    assert (answer.status_code, answer.json()["code"]) == (409, "catalog.sku_taken")
    assert program.get("/products?text=cup").json()["items"] == []


def test_the_reference_and_the_schema_are_open(program: Program, client_for: object) -> None:
    client = client_for(None)  # type: ignore[operator]
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "Place an order" in page.content.decode()
    schema = client.get(f"{ROOT}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert f"{ROOT}/orders" in schema["paths"]
