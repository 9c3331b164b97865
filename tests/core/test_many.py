"""Rows written as one parameter are the rows that were meant, and know afterwards what the database filled in."""

from __future__ import annotations

from django.db.models.expressions import DatabaseDefault

from callcart.core import many
from callcart.core.models import Event, IdempotencyKey
from callcart.people.tenants.models import Tenant


def test_rows_that_are_used_further_are_as_the_database_has_them(tenant: Tenant) -> None:
    answers = ({"a": [1, None, "é"]}, {}, None)
    rows = [
        IdempotencyKey(scope="test", key=f"k{number}", fingerprint="f", answer=answer)
        for number, answer in enumerate(answers)
    ]
    many.insert(rows, kept=True)
    for row in rows:
        stored = IdempotencyKey.objects.get(id=row.id)
        for field in IdempotencyKey._meta.concrete_fields:
            assert getattr(row, field.attname) == getattr(stored, field.attname), field.name
        assert (row._state.adding, row._state.db) == (False, "default")
    rows[0].fingerprint = "changed"
    rows[0].save()
    assert sorted(IdempotencyKey.objects.values_list("key", "fingerprint")) == [
        ("k0", "changed"),
        ("k1", "f"),
        ("k2", "f"),
    ]


def test_a_row_built_by_the_thousand_is_the_row_the_model_makes(tenant: Tenant) -> None:
    for model, values in (
        (IdempotencyKey, {"scope": "test", "key": "k", "fingerprint": "f"}),
        (Event, {"kind": "test.built", "data": {"a": 1}}),
        (Tenant, {"slug": "built", "name": "Built"}),
    ):
        built, usual = many.build(model, **values), model(**values)
        for field in model._meta.concrete_fields:
            one, other = getattr(built, field.attname), getattr(usual, field.attname)
            if field.attname == "id" and one is not None:
                assert type(one) is type(other) and one != other
            elif isinstance(one, DatabaseDefault):
                assert isinstance(other, DatabaseDefault) and one.expression == other.expression
            else:
                assert one == other, field.attname
                assert field.name in values or one is not other or not isinstance(one, dict | list)
        assert built._state.adding
    one, other = many.build(Event, kind="x"), many.build(Event, kind="x")
    one.data["only"] = "mine"
    assert (other.data, one._state is other._state) == ({}, False)
