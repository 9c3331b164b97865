"""Signing in, with and without a code; what is said when it fails; the demo's list."""

import re

import pyotp
import pytest

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import LoginAttempt, Session
from callcart.people.staff.public import (
    actor_of,
    confirm_totp,
    create_staff,
    ensure_default_roles,
    start_totp,
)
from callcart.people.tenants.public import tenant_by_slug

EMAIL, PASSWORD = "amy@harbor.example", "a long enough sentence"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def amy(fresh_db):
    tenant = tenant_by_slug("harbor")
    with tenant_transaction(tenant.id):
        agent = ensure_default_roles()["agent"]
        return create_staff(
            Actor.system(tenant.id), email=EMAIL, name="Amy Alvarez", password=PASSWORD, role_ids=[agent.id]
        )


def type_in(client, password=PASSWORD, code="", extra=None, **headers):
    return client.post(
        "/login", {"email": EMAIL, "password": password, "code": code, **(extra or {})}, **headers
    )


def enrol(staff):
    with tenant_transaction(staff.tenant_id):
        secret = start_totp(actor_of(staff)).secret
        confirm_totp(actor_of(staff), pyotp.TOTP(secret).now())
        staff.totp_step = 0
        staff.__class__.objects.filter(id=staff.id).update(totp_step=0)
    return pyotp.TOTP(secret)


def test_signing_in_and_out(amy, client_for):
    client = client_for(None)
    response = type_in(client, extra={"next": "/profile"})
    assert (response.status_code, response["Location"]) == (303, "/profile")
    cookie = response.cookies["staff"]
    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Lax"
    assert b"Amy Alvarez" in client.get("/profile").content

    out = client.post("/logout")
    assert (out.status_code, out["Location"]) == (303, "/login")
    client.cookies["staff"] = cookie.value
    assert client.get("/profile")["Location"].startswith("/login"), (
        "the token itself is worth nothing any more"
    )


def test_somebody_signed_in_is_not_asked_again(amy, client_for):
    client = client_for(None)
    type_in(client)
    assert client.get("/login?next=/profile")["Location"] == "/profile"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http:///x"]
)
def test_signing_in_leads_nowhere_else(amy, client_for, wanted):
    location = type_in(client_for(None), extra={"next": wanted})["Location"]
    assert location.startswith("/") and not location.startswith("//")


def test_a_wrong_password_and_an_unknown_address_read_the_same(amy, client_for):
    client = client_for(None)
    wrong = type_in(client, password="not this one, sorry")
    unknown = client.post("/login", {"email": "nobody@harbor.example", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 401
    sentence = b"The e-mail address or the password is not right."
    assert sentence in wrong.content and sentence in unknown.content
    assert PASSWORD.encode() not in unknown.content
    assert "staff" not in wrong.cookies


def test_htmx_gets_only_the_middle_of_the_form(amy, client_for):
    response = type_in(client_for(None), password="not this one, sorry", **HTMX)
    assert response.status_code == 422
    assert b"<html" not in response.content
    assert b"not right" in response.content
    assert type_in(client_for(None), **HTMX)["HX-Redirect"].startswith("/")


def test_guessing_is_slowed_and_says_for_how_long(amy, client_for):
    client = client_for(None)
    for _ in range(5):
        type_in(client, password="not this one, sorry")
    type_in(client, password="not this one, sorry")
    locked = type_in(client)
    assert locked.status_code == 429
    assert b"data-until" in locked.content
    with tenant_transaction(amy.tenant_id):
        assert LoginAttempt.objects.exists(), "the failures are kept although their requests were rolled back"
        assert not Session.objects.exists()


def test_the_code_is_asked_for_and_taken_once(amy, client_for):
    totp = enrol(amy)
    client = client_for(None)
    asked = type_in(client, **HTMX)
    assert b'name="code"' in asked.content
    assert b"not right" not in asked.content

    wrong = type_in(client, code="000000", **HTMX)
    assert b'aria-invalid="true"' in wrong.content

    code = totp.now()
    assert type_in(client, code=code).status_code == 303
    assert type_in(client_for(None), code=code).status_code == 401


def test_the_demo_names_its_people_and_nothing_else_does(amy, client_for, monkeypatch):
    assert re.search(rb'data-sign-in-as="amy@harbor.example"', client_for(None).get("/login").content)
    from callcart.config import config
    from callcart.web.accounts import sign_in

    monkeypatch.setattr(sign_in, "config", lambda: config().model_copy(update={"demo": False}))
    assert b"data-sign-in-as" not in client_for(None).get("/login").content


def test_the_page_is_in_both_languages(amy, client_for):
    client = client_for(None)
    assert b"<h1>Sign in</h1>" in client.get("/login").content
    assert "<h1>登录</h1>" in client.get("/login", HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    assert "no-store" in client.get("/login")["Cache-Control"]


def test_odd_input_is_only_wrong(amy, client_for):
    for text in (
        "\x00",
        "a" * 10_000,
        "<script>",
        "😀@مثال.example",
        "\ud83d".encode("utf-8", "surrogatepass"),
    ):
        response = client_for(None).post("/login", {"email": text, "password": text})
        assert response.status_code in (401, 429)
        assert b"<script>" not in response.content.split(b"</head>")[1]
