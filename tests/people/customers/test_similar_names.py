"""A name a letter away is found where nothing is found as typed: by the index, within the shop, without a number more."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connections, transaction

from callcart import core
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import Customer, Reason, create_customer, search_customers
from callcart.people.tenants.public import Tenant


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


@pytest.fixture
def grace(boss: Actor) -> Customer:
    return create_customer(boss, name="Grace Whitfield", phone="+12025550123")


def _found(actor: Actor, typed: str) -> list[tuple[str, Reason]]:
    return [(match.customer.name, match.reason) for match in search_customers(actor, typed)]


@pytest.mark.parametrize(
    "typed", ["Whitfeild", "witfield", "Grase", "grcae", "grcae whitfield", "Grace Whitfild"]
)
def test_a_letter_away_is_found_as_similar(boss: Actor, grace: Customer, typed: str) -> None:
    assert _found(boss, typed) == [("Grace Whitfield", Reason.SIMILAR)]


def test_similar_names_come_only_where_nothing_fits(boss: Actor, grace: Customer) -> None:
    create_customer(boss, name="Grase Miller")
    assert _found(boss, "grase") == [("Grase Miller", Reason.NAME)]
    assert _found(boss, "whitman") == []
    assert _found(boss, "gra5e") == []


def test_the_shop_next_door_finds_nobody_similar(grace: Customer, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        assert _found(Actor.system(other_tenant.id, "test"), "Whitfeild") == []


def test_who_sees_numbers_masked_learns_none_by_it(tenant: Tenant, grace: Customer) -> None:
    reader = Actor(tenant.id, ActorKind.STAFF, id=grace.id, grants={"customers.view": Grant()})
    assert _found(reader, "Whitfeild") == [("Grace Whitfield", Reason.SIMILAR)]
    assert _found(reader, "2025550124") == []  # one digit off is no number at all


def test_it_is_the_index_that_finds(boss: Actor, grace: Customer) -> None:
    assert raw.value("SELECT count(*) FROM pg_indexes WHERE indexname = 'customers_customer_trigrams'") == 1
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table is small
        cursor.execute("EXPLAIN SELECT id FROM customers_customer WHERE search_text %> 'whitfeild'")
        assert "customers_customer_trigrams" in " ".join(line[0] for line in cursor.fetchall())


def test_the_functions_are_made_again_by_whoever_starts_next(boss: Actor, grace: Customer) -> None:
    connections["owner"].close()  # one that has not loaded the trigrams
    functions = Path(core.__file__).with_name("functions.sql").read_text(encoding="utf-8")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")  # beside what is being written: it waits for no table
        cursor.execute(functions.replace("%", "%%"), [])
    connections["owner"].close()
    assert _found(boss, "Whitfeild") == [("Grace Whitfield", Reason.SIMILAR)]
