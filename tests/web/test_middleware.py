"""What happens round every view: tenant, transaction, refusals, headers, language."""

import base64
import json

import pytest
from django.test import override_settings

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Team
from callcart.people.staff.public import create_role, create_staff
from callcart.people.tenants.public import tenant_by_slug

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _probes():
    with override_settings(ROOT_URLCONF="tests.web.probe_urls"):
        yield


def teams(slug="harbor"):
    with tenant_transaction(tenant_by_slug(slug).id):
        return list(Team.objects.order_by("name").values_list("name", flat=True))


def staff_member(*, slug="harbor", language="en", timezone="", grants=None):
    tenant = tenant_by_slug(slug)
    system = Actor.system(tenant.id)
    with tenant_transaction(tenant.id):
        role = create_role(system, name="Probe", wanted=grants or {})
        return create_staff(
            system,
            email="probe@harbor.example",
            name="Pat Probe",
            password="a long enough sentence",
            language=language,
            timezone=timezone,
            role_ids=[role.id],
        )


def signed_in(client_for, who, host="harbor.localhost"):
    with tenant_transaction(who.tenant_id):
        return client_for(who, host=host)


def test_a_good_answer_commits_for_the_tenant_of_the_host(fresh_db, client_for):
    assert client_for(None).get("/write/on").content == b"done"
    assert teams() == ["probe on"]
    assert teams("qinghe") == []


@pytest.mark.parametrize(
    ("what", "status"), [("refuse", 409), ("invalid", 422), ("deadlock", 503), ("status", 422)]
)
def test_a_refusal_leaves_nothing_behind(fresh_db, client_for, what, status):
    assert client_for(None).get(f"/write/{what}").status_code == status
    assert teams() == []


def test_a_fault_leaves_nothing_behind_and_tells_no_secrets(fresh_db, client_for):
    client = client_for(None)
    client.raise_request_exception = False
    response = client.get("/write/break")
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content
    assert b"RuntimeError" not in response.content
    assert teams() == []


def test_attempt_undoes_only_what_was_refused(fresh_db, client_for):
    assert client_for(None).get("/write/caught").content == b"probe.sold Only 1 left. False"
    assert teams() == ["probe caught"]


def test_a_view_that_calls_a_provider_runs_outside_of_a_transaction(fresh_db, client_for):
    tenant = tenant_by_slug("harbor")
    assert client_for(None).get("/outside").content == f"False {tenant.id} True".encode()


def test_a_refusal_as_a_page_as_json_and_for_htmx(tenant, client_for):
    client = client_for(None)
    page = client.get("/write/refuse")
    assert b"Somebody was quicker" in page.content
    assert b"Only 3 left." in page.content

    machine = client.get("/write/invalid", HTTP_ACCEPT="application/json")
    assert machine.json() == {
        "code": "invalid",
        "message": "Please check the fields marked below.",
        "retryable": False,
        "fields": {"phone": "Too short."},
    }

    htmx = client.get("/write/invalid", **HTMX)
    assert (htmx.status_code, htmx["HX-Reswap"], htmx.content) == (422, "none", b"")
    assert json.loads(htmx["HX-Trigger"])["callcart:error"]["fields"] == {"phone": "Too short."}


def test_a_deadlock_may_be_sent_again(tenant, client_for):
    answer = client_for(None).get("/write/deadlock", HTTP_ACCEPT="application/json").json()
    assert (answer["code"], answer["retryable"]) == ("busy", True)


def test_unknown_addresses_are_a_page_in_the_readers_language(tenant, client_for):
    response = client_for(None).get("/nowhere", HTTP_ACCEPT_LANGUAGE="zh-CN")
    assert response.status_code == 404
    assert "页面不存在" in response.content.decode()
    assert 'lang="zh-Hans"' in response.content.decode()


def test_templates_escape(tenant, client_for):
    content = client_for(None).get("/shell").content
    assert b"<title>&lt;b&gt;&amp; " in content
    assert b"<h1>&lt;b&gt;&amp;</h1>" in content


def test_staff_pages_ask_to_sign_in_and_come_back(tenant, client_for):
    client = client_for(None)
    page = client.get("/office/permitted?page=2")
    assert (page.status_code, page["Location"]) == (302, "/login?next=%2Foffice%2Fpermitted%3Fpage%3D2")
    office = client.get(
        "/office/permitted", HTTP_HX_CURRENT_URL="https://harbor.localhost/office/orders?q=1", **HTMX
    )
    assert (office.status_code, office["HX-Redirect"]) == (401, "/login?next=%2Foffice%2Forders%3Fq%3D1")
    assert client.get("/office/permitted", HTTP_ACCEPT="application/json").json()["code"] == "not_signed_in"


def test_the_desk_is_never_left_when_a_session_ends(tenant, client_for):
    desk = client_for(None).get(
        "/office/permitted", HTTP_HX_CURRENT_URL="https://harbor.localhost/desk/", **HTMX
    )
    assert "HX-Redirect" not in desk
    assert json.loads(desk["HX-Trigger"])["callcart:error"]["sign_in"] == "/login?next=%2Fdesk%2F"


def test_permission_is_needed(fresh_db, client_for):
    client = signed_in(client_for, staff_member())
    assert client.get("/office/permitted").status_code == 403


def test_permission_is_enough(fresh_db, client_for):
    client = signed_in(client_for, staff_member(grants={"staff.view": {}}))
    assert client.get("/office/permitted").content == b"permitted"


def test_staff_read_in_their_own_language_and_zone(fresh_db, client_for):
    client = signed_in(client_for, staff_member(language="zh-hans", timezone="Asia/Tokyo"))
    client.cookies["lang"] = "en"
    assert client.get("/office/who").content.decode() == "harbor|Pat Probe|zh-hans|zh-hans|Asia/Tokyo|USD"


def test_a_session_is_worth_nothing_at_another_tenant(fresh_db, client_for):
    client = signed_in(client_for, staff_member(), host="qinghe.localhost")
    assert client.get("/office/who", HTTP_HOST="qinghe.localhost").content.decode().split("|")[:2] == [
        "qinghe",
        "",
    ]


@pytest.mark.parametrize(
    ("host", "cookie", "header", "written"),
    [
        ("qinghe.localhost", "", "", "qinghe||zh-hans|zh-hans|Asia/Shanghai|CNY"),
        ("qinghe.localhost", "en", "zh-CN", "qinghe||en|en|Asia/Shanghai|CNY"),
        ("harbor.localhost", "", "zh-CN,en;q=0.5", "harbor||zh-hans|zh-hans|America/New_York|USD"),
        ("harbor.localhost", "nonsense", "fr", "harbor||en|en|America/New_York|USD"),
        ("unknown.example", "", "", "harbor||en|en|America/New_York|USD"),
    ],
)
def test_visitors_language(tenant, client_for, host, cookie, header, written):
    client = client_for(None, host=host)
    client.cookies["lang"] = cookie
    assert client.get("/who", HTTP_ACCEPT_LANGUAGE=header, HTTP_HOST=host).content.decode() == written


def test_language_is_changed_by_post_and_kept_with_the_staff_member(fresh_db, client_for):
    member = staff_member()
    client = signed_in(client_for, member)
    response = client.post("/language", {"language": "zh-hans", "next": "https://evil.example/"})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert response.cookies["lang"].value == "zh-hans"
    assert client.get("/office/who").content.decode().split("|")[2] == "zh-hans"
    assert client.post("/language", {"language": "xx"}).status_code == 422
    assert client.get("/language").status_code == 405


def test_headers(tenant, client_for):
    response = client_for(None).get("/who")
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Permissions-Policy"].startswith("microphone=(self)")
    assert response["Strict-Transport-Security"]


def test_forms_need_their_token(tenant, client_for):
    client = client_for(None)
    client.handler.enforce_csrf_checks = True
    response = client.post("/language", {"language": "en"})
    assert response.status_code == 403
    assert b"open too long" in response.content


def test_a_toast_travels_over_a_redirect(tenant, client_for):
    response = client_for(None).get("/toasted")
    assert (response.status_code, response["Location"]) == (303, "/after#there")
    said = json.loads(base64.urlsafe_b64decode(response.cookies["toast"].value))
    assert said == {"text": "Gespeichert ✓ 已保存", "kind": "success"}
    htmx = client_for(None).get("/toasted", **HTMX)
    assert (htmx.status_code, htmx["HX-Redirect"]) == (204, "/after")


def test_events_for_htmx_add_up(tenant, client_for):
    events = json.loads(client_for(None).get("/toasted?both", **HTMX)["HX-Trigger"])
    assert events == {"probe:changed": {"id": 1}, "callcart:toast": {"text": "已保存", "kind": "success"}}
