"""Keys in the office: made with what one holds, shown once, revoked."""

from __future__ import annotations

import re

from django.test import Client

from callcart.people.keys.models import ApiKey
from tests.web.office.office import Office, field_error, words


def _made(office: Office, **changes: object) -> tuple[object, str]:
    posted = {
        "name": "Till",
        "grant": ["orders.view", "payments.refund"],
        "limit-payments.refund": "50.00",
    } | changes
    answer = office.client().post("/office/api-keys/new", posted)
    found = re.search(r"cck_\d+_[\w-]{43}", answer.content.decode())
    return answer, found[0] if found else ""


def test_a_key_is_made_and_shown_once(office: Office) -> None:
    answer, secret = _made(office)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert secret
    key = ApiKey.objects.get()
    assert key.grants == {"orders.view": {}, "payments.refund": {"limit": 5000}}
    for path in ("/office/api-keys", f"/office/api-keys/{key.id}"):
        page = office.client().get(path)
        assert (page.status_code, secret in page.content.decode()) == (200, False)
        assert "Till" in words(page)
    api = Client(HTTP_HOST="harbor.localhost").get("/api/v1/orders", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert api.status_code == 200


def test_what_is_wrong_comes_back_with_what_was_typed(office: Office) -> None:
    answer, secret = _made(office, name="", expires_on="2001-01-01", per_minute="many")
    assert (answer.status_code, secret) == (422, "")  # type: ignore[attr-defined]
    for name in ("name", "expires_at", "per_minute"):
        shown = "expires_on" if name == "expires_at" else name
        assert field_error(answer, shown), name
    assert 'value="50.00"' in answer.content.decode()  # type: ignore[attr-defined]
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked(office: Office) -> None:
    _answer, secret = _made(office)
    key = ApiKey.objects.get()
    assert office.client().post(f"/office/api-keys/{key.id}/revoke").status_code == 303
    api = Client(HTTP_HOST="harbor.localhost").get("/api/v1/orders", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert api.status_code == 401
    assert office.client().post(f"/office/api-keys/{key.id}/revoke").status_code == 409
    assert "Revoked" in words(office.client().get("/office/api-keys"))


def test_only_who_may(office: Office) -> None:
    _made(office)
    key = ApiKey.objects.get()
    for path in ("/office/api-keys", "/office/api-keys/new", f"/office/api-keys/{key.id}"):
        assert office.client("supervisor").get(path).status_code == 403
    assert office.client("supervisor").post(f"/office/api-keys/{key.id}/revoke").status_code == 403
    assert "API keys" not in words(office.client("supervisor").get("/office/orders"))
    assert "API keys" in words(office.client().get("/office/orders"))


def test_the_page_offers_what_one_holds(office: Office) -> None:
    narrow = office.narrowed("agent", keys__manage={})
    page = narrow.get("/office/api-keys/new").content.decode()
    assert 'value="orders.view"' in page
    assert 'value="payments.refund"' not in page
    assert 'value="staff.manage"' not in page


def test_the_api_asks_for_nothing_that_cannot_be_given() -> None:
    from pathlib import Path

    import callcart.web.api as package
    from callcart.core.permissions import known
    from callcart.web.api.permissions import SERVED

    text = "".join(each.read_text() for each in Path(package.__file__).parent.glob("*.py"))
    asked = {
        name
        for call in re.findall(r"allowed\(request, ([^)]*)\)", text)
        for name in re.findall(r'"([\w.]+)"', call)
    }
    assert len(asked) > 15
    assert asked <= set(SERVED) <= set(known())
