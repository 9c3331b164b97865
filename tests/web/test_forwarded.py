"""Whose address a request comes from: the proxy's word is believed where the proxy is trusted, a visitor's never."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from callcart.config import config
from callcart.core.tenancy import tenant_transaction
from callcart.core.tokens import digest
from callcart.people.staff.models import LoginAttempt
from callcart.people.tenants.public import tenant_by_slug
from callcart.web import middleware
from callcart.web.forwarded import visitor_address
from callcart.web.live import access

INSIDE = (ip_network("10.0.0.0/24"), ip_network("192.0.2.7"), ip_network("fd00::/8"))
PROXY, VISITOR, FORGED = "10.0.0.5", "203.0.113.9", "198.51.100.66"


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        (PROXY, VISITOR, VISITOR),
        (PROXY, f"{FORGED}, {VISITOR}", VISITOR),  # the visitor sent a header of his own
        (PROXY, f"{FORGED},{VISITOR}, 192.0.2.7 ", VISITOR),  # two proxies
        (PROXY, f"{PROXY}, {VISITOR}", VISITOR),  # forged to look like ours
        (PROXY, "10.0.0.9", "10.0.0.9"),  # somebody inside
        (PROXY, "", PROXY),
        (PROXY, f"{FORGED}, unknown", PROXY),
        (PROXY, f"{FORGED}, , ", PROXY),
        (PROXY, f"{VISITOR}:4711", VISITOR),
        ("fd00::1", "[2001:db8::9]:443", "2001:db8::9"),
        (f"::ffff:{PROXY}", f"::ffff:{VISITOR}", VISITOR),
        (FORGED, VISITOR, FORGED),  # no proxy of ours
        ("10.0.1.5", VISITOR, "10.0.1.5"),
        ("", VISITOR, ""),
        ("unix", VISITOR, "unix"),
    ],
)
def test_the_right_most_address_that_is_no_proxy_counts(peer: str, said: str, found: str) -> None:
    assert visitor_address(peer, said, trusted=INSIDE) == found


@pytest.mark.parametrize("peer", [PROXY, "127.0.0.1", "::1"])
def test_by_default_no_proxy_is_believed(peer: str) -> None:
    assert visitor_address(peer, VISITOR, trusted=config().trusted_proxies) == peer


@given(st.text(max_size=60))
def test_nothing_a_visitor_writes_changes_what_the_proxy_says(written: str) -> None:
    assert visitor_address(PROXY, f"{written},{VISITOR}", trusted=INSIDE) == VISITOR
    assert visitor_address(VISITOR, written, trusted=INSIDE) == VISITOR


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = config().model_copy(update={"trusted_proxies": INSIDE})
    for module in (middleware, access):
        monkeypatch.setattr(module, "config", lambda: trusting)


def _counted() -> dict[str, int]:
    """The failures that count for these addresses."""
    with tenant_transaction(_harbor()):
        rows = dict(LoginAttempt.objects.filter(kind="address").values_list("key", "failures"))
    return {each: rows[digest(each)] for each in (PROXY, VISITOR, FORGED) if digest(each) in rows}


def _harbor() -> int:
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    return tenant.id


def _fail_to_sign_in(peer: str, said: str) -> None:
    client = Client(HTTP_HOST="harbor.localhost", REMOTE_ADDR=peer)
    guess = {"email": "a@b.example", "password": "wrong"}
    assert client.post("/login", guess, headers={"x-forwarded-for": said}).status_code == 401


def test_guesses_are_counted_by_visitor(fresh_db: str, behind: None) -> None:
    _fail_to_sign_in(PROXY, f"{FORGED}, {VISITOR}")
    assert _counted() == {VISITOR: 1}
    _fail_to_sign_in(FORGED, VISITOR)  # past the proxy, with a header it made up
    assert _counted() == {VISITOR: 1, FORGED: 1}


def test_the_live_process_reads_it_alike(behind: None) -> None:
    def address(peer: str, *said: str) -> str:
        headers = [(b"x-forwarded-for", each.encode()) for each in said]
        return access.address_of(HTTPConnection({"type": "http", "client": (peer, 4711), "headers": headers}))

    assert address(PROXY, FORGED, VISITOR) == VISITOR  # a proxy that adds a line of its own
    assert address(PROXY, f"{FORGED}, {VISITOR}") == VISITOR
    assert address(FORGED, VISITOR) == FORGED
