"""Rows written as one parameter are the rows that were meant, and know afterwards what the database filled in."""

from __future__ import annotations

from callcart.core import many
from callcart.core.models import IdempotencyKey
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
