"""Search: what people type finds what they mean, in both languages, by the index, in their own shop."""

from __future__ import annotations

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from callcart.core import search
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.tenants.models import Tenant


def make(*names: str) -> None:
    for index, name in enumerate(names):
        row = Customer(number=f"t{index}-{new_id()}", name=name)
        row.set_search(name)
        row.save()


def found(query: str) -> set[str]:
    return set(Customer.objects.filter(search.condition(query)).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("王", {"王小明", "小王子"}),
        ("小明", {"王小明"}),
        ("wxm", {"王小明"}),
        ("xm", {"王小明"}),
        ("wangxiao", {"王小明"}),
        ("xiaoming", {"王小明"}),
        ("明小", set()),
        ("iaom", set()),
        ("ada", {"Ada Lovelace", "Ádám"}),
        ("love ada", {"Ada Lovelace"}),
        ("ADA　LOVE", {"Ada Lovelace"}),
        ("Ａｄａ", {"Ada Lovelace", "Ádám"}),
        ("adam", {"Ádám"}),
        ("lovelacex", set()),
        ("walnut-", {"Walnut-desk 120"}),
        ("120 desk", {"Walnut-desk 120"}),
        ("العربية", {"محل العربية"}),
        ("%", set()),
        ("'; DROP TABLE", set()),
        ("\x00", set()),
    ],
)
def test_what_is_typed_finds_what_is_meant(tenant: Tenant, query: str, names: set[str]) -> None:
    make("王小明", "小王子", "Ada Lovelace", "Ádám", "Walnut-desk 120", "محل العربية")
    assert found(query) == names


def test_a_long_word_is_compared_to_its_end(tenant: Tenant) -> None:
    make("Bartholomewson", "Bartholomewsen")
    assert found("bartholomewson") == {"Bartholomewson"}


def test_an_empty_query_is_no_filter(tenant: Tenant) -> None:
    make("one", "two")
    assert found("  ") == {"one", "two"}


def test_another_shops_rows_are_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        make("王小明")
        assert found("王") == {"王小明"}
    assert found("王") == set()


def test_nothing_is_found_without_a_tenant(fresh_db: str) -> None:
    tenant = Tenant.objects.order_by("id")[0]
    with tenant_transaction(tenant.id):
        make("somebody")
    assert found("somebody") == set()


@given(st.text(max_size=60))
def test_any_text_can_be_stored_and_asked(text: str) -> None:
    stored = search.document(text)
    for term in search.terms(text):
        if len(search.terms(text)) < 8:
            assert term in stored.text
            assert set(search.grams_of(term)) <= set(stored.grams)


def test_the_index_is_used_under_row_security(fresh_db: str) -> None:
    """A plain `@>` cannot use an index here: row-level security lets only leak-proof operators before its own check."""
    tenant = Tenant.objects.order_by("id")[0]
    with tenant_transaction(tenant.id):
        document = search.document("somebody else")
        raw.all(
            "INSERT INTO customers_customer (id, tenant_id, number, name, tier, language, consent, custom, note, blocked,"
            " blocked_because, source, version, search_text, search_grams)"
            " SELECT gen_random_uuid(), %s, 'n' || i, 'x', 'standard', 'en', '{}', '{}', '', false, '', '', 1, %s, %s"
            " FROM generate_series(1, 20000) i RETURNING 1",
            [tenant.id, document.text, document.grams],
        )
        make("王小明")
    with connections["owner"].cursor() as owner:
        owner.execute("ANALYZE customers_customer")  # the planner chooses by what it knows of the rows
    with tenant_transaction(tenant.id):
        raw.one("SELECT set_config('enable_seqscan', 'on', true)")
        before = raw.value("SELECT pg_stat_get_xact_numscans(%s::regclass)", ["customers_customer_grams"])
        assert found("王小明") == {"王小明"}
        after = raw.value("SELECT pg_stat_get_xact_numscans(%s::regclass)", ["customers_customer_grams"])
        assert after > before
