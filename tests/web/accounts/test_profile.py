"""One's own account: language, zone, password, second factor, sessions."""

import json
import re

import pyotp
import pytest

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Session, Staff
from callcart.people.staff.public import create_staff, start_session
from callcart.people.tenants.public import tenant_by_slug
from callcart.web.accounts.browsers import browser_name, is_phone

PASSWORD = "a long enough sentence"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def amy(fresh_db):
    tenant = tenant_by_slug("harbor")
    with tenant_transaction(tenant.id):
        return create_staff(
            Actor.system(tenant.id), email="amy@harbor.example", name="Amy", password=PASSWORD
        )


@pytest.fixture
def client(amy, client_for):
    with tenant_transaction(amy.tenant_id):
        return client_for(amy)


def stored(amy):
    with tenant_transaction(amy.tenant_id):
        return Staff.objects.get(id=amy.id)


def said(response):
    return json.loads(response["HX-Trigger"])["callcart:error"]


def test_language_zone_and_theme_are_kept(amy, client):
    response = client.post(
        "/profile/preferences", {"language": "zh-hans", "timezone": "Asia/Tokyo", "theme": "dark"}
    )
    assert (response.status_code, response["Location"]) == (303, "/profile")
    assert (stored(amy).language, stored(amy).timezone) == ("zh-hans", "Asia/Tokyo")
    page = client.get("/profile").content.decode()
    assert '<html lang="zh-Hans" data-theme="dark">' in page
    assert "个人资料与安全" in page
    assert '<option value="Asia/Tokyo" selected>' in page


def test_unknown_language_and_zone_change_nothing(amy, client):
    assert said(client.post("/profile/preferences", {"language": "xx"}, **HTMX))["fields"].keys() == {
        "language"
    }
    bad = client.post("/profile/preferences", {"language": "zh-hans", "timezone": "Mars/Base"}, **HTMX)
    assert said(bad)["fields"].keys() == {"timezone"}
    assert stored(amy).language == "en"


def test_a_new_password_ends_the_other_sessions(amy, client):
    with tenant_transaction(amy.tenant_id):
        start_session(amy)
    new = "another quite long sentence"
    response = client.post("/profile/password", {"old": PASSWORD, "new": new, "again": new})
    assert response.status_code == 303 and "toast" in response.cookies
    with tenant_transaction(amy.tenant_id):
        assert Session.objects.filter(revoked_at=None).count() == 1
    assert client.get("/profile").status_code == 200


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"old": PASSWORD, "new": "x" * 20, "again": "y" * 20}, "again"),
        (
            {"old": "wrong", "new": "another quite long sentence", "again": "another quite long sentence"},
            "old",
        ),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "new"),
    ],
)
def test_a_password_refused_names_its_field(amy, client, typed, field):
    before = stored(amy).password
    assert said(client.post("/profile/password", typed, **HTMX))["fields"].keys() == {field}
    assert stored(amy).password == before


def test_second_factor_on_and_off(amy, client):
    page = client.post("/profile/two-step", {"begin": "1"}).content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page)[1]
    assert said(client.post("/profile/two-step", {"code": "000000"}, **HTMX))["fields"].keys() == {"code"}
    assert client.post("/profile/two-step", {"code": pyotp.TOTP(secret).now()}).status_code == 303
    assert stored(amy).has_totp
    assert secret not in client.get("/profile").content.decode()

    assert said(client.post("/profile/two-step/off", {"password": "wrong"}, **HTMX))["fields"].keys() == {
        "password"
    }
    assert client.post("/profile/two-step/off", {"password": PASSWORD}).status_code == 303
    assert not stored(amy).has_totp


def test_guesses_at_the_password_that_switches_it_off_are_counted(amy, client):
    guesses = [client.post("/profile/two-step/off", {"password": f"guess {n}"}).status_code for n in range(7)]
    assert guesses[0] == 422 and guesses[-1] == 429
    assert client.post("/profile/two-step/off", {"password": PASSWORD}).status_code == 429, "no oracle"


def test_sessions_are_listed_and_ended(amy, client):
    with tenant_transaction(amy.tenant_id):
        start_session(
            amy, ip="10.0.0.9", user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Mobile Safari/604.1"
        )
        other = Session.objects.get(ip="10.0.0.9").id
    page = client.get("/profile").content.decode()
    assert "Safari, iPhone" in page and "This browser" in page
    assert client.post("/profile/sessions/end", {"session": str(other)}).status_code == 303
    assert "10.0.0.9" not in client.get("/profile").content.decode()
    assert client.post("/profile/sessions/end", {"session": "others"}).status_code == 303
    assert client.get("/profile").status_code == 200


@pytest.mark.parametrize("session", ["", "nonsense", "01a212e1-806f-7d3d-bcc8-2f765ef936bf"])
def test_no_such_session(amy, client, session):
    assert client.post("/profile/sessions/end", {"session": session}).status_code == 404


@pytest.mark.parametrize(
    "path", ["", "/start", "/preferences", "/password", "/two-step", "/two-step/off", "/sessions/end"]
)
def test_strangers_see_nothing(fresh_db, client_for, path):
    ask = client_for(None).get if path in ("", "/start") else client_for(None).post
    assert ask(f"/profile{path}")["Location"].startswith("/login")


@pytest.mark.parametrize(
    ("user_agent", "name", "phone"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge, Windows",
            False,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux", False),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36",
            "Chrome, Android",
            True,
        ),
        ("", "Unknown browser", False),
    ],
)
def test_browsers_have_names(user_agent, name, phone):
    assert (browser_name(user_agent), is_phone(user_agent)) == (name, phone)
