"""Once only: the same key gives the first answer again, another body is a conflict, a failure leaves no trace."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from callcart.core import forget, idempotency
from callcart.core.actor import Actor, ActorKind
from callcart.core.database import raw
from callcart.core.errors import Conflict, Invalid
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

SCOPE = "orders.place"


def keys() -> int:
    return int(raw.value("SELECT count(*) FROM core_idempotencykey"))


def test_the_second_request_gets_the_first_answer(tenant: Tenant) -> None:
    actor = Actor.system(tenant.id)
    with idempotency.claim(actor, SCOPE, "k", {"a": 1}) as claim:
        assert claim.stored is None
        claim.store({"order": "17"})
    with idempotency.claim(actor, SCOPE, "k", {"a": 1}) as claim:
        assert claim.stored == {"order": "17"}


def test_the_same_key_with_another_body_is_a_conflict(tenant: Tenant) -> None:
    actor = Actor.system(tenant.id)
    with idempotency.claim(actor, SCOPE, "k", {"a": 1}):
        pass
    with pytest.raises(idempotency.KeyReused), idempotency.claim(actor, SCOPE, "k", {"a": 2}):
        pass


def test_keys_of_two_actors_and_scopes_are_two(tenant: Tenant) -> None:
    ann = Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4())
    ben = Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4())
    for actor, scope in ((ann, SCOPE), (ben, SCOPE), (ann, "payments.refund")):
        with idempotency.claim(actor, scope, "k", {"who": str(actor.id), "scope": scope}) as claim:
            assert claim.stored is None


def test_a_refusal_that_is_caught_leaves_the_key_free(tenant: Tenant) -> None:
    """A page that catches the error, shows the form again and commits: the corrected form may use its key."""
    actor = Actor.system(tenant.id)
    with pytest.raises(Conflict), idempotency.claim(actor, SCOPE, "k", {"quantity": 99}):
        raise Conflict
    assert keys() == 0
    with idempotency.claim(actor, SCOPE, "k", {"quantity": 1}) as claim:
        assert claim.stored is None


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused(tenant: Tenant, key: str) -> None:
    with pytest.raises(Invalid) as refused, idempotency.claim(Actor.system(tenant.id), SCOPE, key, {}):
        pass
    assert list(refused.value.fields) == ["idempotency_key"]


def test_two_at_once_do_the_work_once(fresh_db: str) -> None:
    tenant_id = Tenant.objects.order_by("id")[0].id
    inside, go_on, answers = threading.Event(), threading.Event(), list[object]()

    def first() -> None:
        with tenant_transaction(tenant_id):
            with idempotency.claim(Actor.system(tenant_id), SCOPE, "k", {"a": 1}) as claim:
                inside.set()
                go_on.wait(10)
                claim.store({"order": "1"})

    def second() -> None:
        inside.wait(10)
        threading.Timer(0.2, go_on.set).start()
        with tenant_transaction(tenant_id):
            with idempotency.claim(Actor.system(tenant_id), SCOPE, "k", {"a": 1}) as claim:
                answers.append(claim.stored)

    run(first, second)
    assert answers == [{"order": "1"}]


def test_the_second_does_the_work_when_the_first_fails(fresh_db: str) -> None:
    tenant_id = Tenant.objects.order_by("id")[0].id
    inside, answers = threading.Event(), list[object]()

    def first() -> None:
        with pytest.raises(Conflict), tenant_transaction(tenant_id):
            with idempotency.claim(Actor.system(tenant_id), SCOPE, "k", {"a": 1}):
                inside.set()
                raise Conflict

    def second() -> None:
        inside.wait(10)
        with tenant_transaction(tenant_id):
            with idempotency.claim(Actor.system(tenant_id), SCOPE, "k", {"a": 1}) as claim:
                answers.append(claim.stored)

    run(first, second)
    assert answers == [None]


def run(*functions: object) -> None:
    from django.db import connections

    failed: list[BaseException] = []

    def guarded(function: object) -> None:
        try:
            function()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failed, failed


def test_keys_past_their_time_are_forgotten_in_every_tenant(fresh_db: str) -> None:
    tenants = list(Tenant.objects.order_by("id"))
    for each in tenants:
        with tenant_transaction(each.id):
            for key in ("old", "young"):
                with idempotency.claim(Actor.system(each.id), SCOPE, key, {}):
                    pass
            raw.one(
                "UPDATE core_idempotencykey SET made_at = now() - CASE key WHEN 'old' THEN interval '30 days 1 minute'"
                " ELSE interval '29 days' END WHERE key = 'old' RETURNING id"
            )
    forget.forget_keys()
    for each in tenants:
        with tenant_transaction(each.id):
            assert [row[0] for row in raw.all("SELECT key FROM core_idempotencykey")] == ["young"]
