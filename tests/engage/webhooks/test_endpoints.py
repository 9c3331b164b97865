"""Endpoints are set up by who may, checked, changed on the version seen."""

from __future__ import annotations

import pytest

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Conflict, Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.engage.webhooks.models import Endpoint
from callcart.engage.webhooks.public import (
    add_endpoint,
    change_endpoint,
    list_endpoints,
    remove_endpoint,
    renew_secret,
    send_test,
    switch_endpoint,
)

URL = "https://example.com/hooks"


def test_all_that_is_wrong_is_said_at_once(boss: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        add_endpoint(boss, name=" ", url="http://10.0.0.1", kinds=[])
    assert set(refused.value.fields) == {"name", "url", "kinds"}
    with pytest.raises(Invalid) as refused:
        add_endpoint(boss, name="Books", url=URL, kinds=["session.ended"])
    assert set(refused.value.fields) == {"kinds"}
    assert not Endpoint.objects.exists()


def test_only_who_may(boss: Actor) -> None:
    made = add_endpoint(boss, name="Books", url=URL, kinds=["order.placed"]).endpoint
    nobody = Actor(boss.tenant_id, ActorKind.STAFF, id=new_id(), grants={"orders.view": Grant()})
    for deny in (
        lambda: add_endpoint(nobody, name="Other", url=URL, kinds=["order.placed"]),
        lambda: change_endpoint(nobody, made.id, version=1, name="x", url=URL, kinds=["order.placed"]),
        lambda: switch_endpoint(nobody, made.id, on=False),
        lambda: renew_secret(nobody, made.id),
        lambda: remove_endpoint(nobody, made.id),
        lambda: send_test(nobody, made.id),
        lambda: list_endpoints(nobody),
    ):
        with pytest.raises(PermissionDenied):
            deny()
    assert [(row.endpoint.name, row.endpoint.state, row.waiting) for row in list_endpoints(boss)] == [
        ("Books", "on", 0)
    ]


def test_changed_on_the_version_seen(boss: Actor) -> None:
    made = add_endpoint(boss, name="Books", url=URL, kinds=["order.placed"]).endpoint
    change_endpoint(boss, made.id, version=1, name="Ledger", url=URL + "/2", kinds=["payment.changed"])
    with pytest.raises(Conflict):
        change_endpoint(boss, made.id, version=1, name="Late", url=URL, kinds=["order.placed"])
    row = Endpoint.objects.get()
    assert (row.name, row.url, row.kinds) == ("Ledger", URL + "/2", ["payment.changed"])


def test_a_new_secret_is_another_one(boss: Actor) -> None:
    made = add_endpoint(boss, name="Books", url=URL, kinds=["order.placed"])
    assert renew_secret(boss, made.endpoint.id).secret != made.secret
    remove_endpoint(boss, made.endpoint.id)
    assert not Endpoint.objects.exists()
