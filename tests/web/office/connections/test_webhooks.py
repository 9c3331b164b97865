"""Webhooks in the office: made, tested, sent again, switched, removed."""

from __future__ import annotations

import re

from callcart.engage.webhooks.models import Delivery, Endpoint
from tests.web.office.office import Office, field_error, words

URL = "https://example.com/hooks"
POSTED = {"name": "Books", "url": URL, "kinds": ["order.placed", "payment.changed"]}


def test_made_and_its_secret_shown_once(office: Office) -> None:
    answer = office.client().post("/office/webhooks/new", POSTED)
    found = re.search(r"whs_[\w-]{43}", answer.content.decode())
    assert found
    endpoint = Endpoint.objects.get()
    for path in (
        "/office/webhooks",
        f"/office/webhooks/{endpoint.id}",
        f"/office/webhooks/{endpoint.id}/edit",
    ):
        page = office.client().get(path)
        assert (page.status_code, found[0] in page.content.decode()) == (200, False)
        assert "Books" in words(page) or path.endswith("edit")


def test_what_is_wrong_comes_back(office: Office) -> None:
    answer = office.client().post("/office/webhooks/new", POSTED | {"url": "https://10.0.0.1/x"})
    assert (answer.status_code, field_error(answer, "url")) == (
        422,
        "This address lies in a private network.",
    )
    assert 'value="Books"' in answer.content.decode()


def test_a_test_and_again(office: Office) -> None:
    office.client().post("/office/webhooks/new", POSTED)
    endpoint = Endpoint.objects.get()
    at = f"/office/webhooks/{endpoint.id}"
    assert office.client().post(f"{at}/test").status_code == 303
    row = Delivery.objects.get()
    assert "Waiting" in words(office.client().get(at))
    assert office.client().post(f"{at}/deliveries/{row.id}/again").status_code == 409
    Delivery.objects.update(state="dead", failure="ConnectError", tries=8)
    page = words(office.client().get(f"{at}?state=dead"))
    assert "Nobody answers there." in page
    assert office.client().post(f"{at}/deliveries/{row.id}/again").status_code == 303
    assert Delivery.objects.get().state == "waiting"


def test_edited_switched_removed(office: Office) -> None:
    office.client().post("/office/webhooks/new", POSTED)
    endpoint = Endpoint.objects.get()
    at = f"/office/webhooks/{endpoint.id}"
    edited = POSTED | {"name": "Ledger", "version": "1"}
    assert office.client().post(f"{at}/edit", edited).status_code == 303
    stale = office.client().post(f"{at}/edit", edited | {"name": "Late"})
    assert stale.status_code == 409
    assert 'value="Late"' in stale.content.decode()
    assert office.client().post(f"{at}/switch", {"on": "0"}).status_code == 303
    assert "Off" in words(office.client().get(at))
    assert re.search(r"whs_[\w-]{43}", office.client().post(f"{at}/secret").content.decode())
    assert office.client().post(f"{at}/remove").status_code == 303
    assert not Endpoint.objects.exists()


def test_only_who_may(office: Office) -> None:
    office.client().post("/office/webhooks/new", POSTED)
    endpoint = Endpoint.objects.get()
    client = office.client("supervisor")
    for path in ("", "/new", f"/{endpoint.id}", f"/{endpoint.id}/edit"):
        assert client.get(f"/office/webhooks{path}").status_code == 403
    for verb in ("switch", "secret", "test", "remove"):
        assert client.post(f"/office/webhooks/{endpoint.id}/{verb}").status_code == 403
    assert Endpoint.objects.get().state == "on"
