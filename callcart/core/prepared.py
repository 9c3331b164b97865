"""Rows of a model by a statement that is made once and prepared by the server: for what is asked with every word of every chat or every
key at a desk, where making the statement anew takes the ORM several times as long as the server takes to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, models

from callcart.core.database import raw

M = TypeVar("M", bound=models.Model)


class Prepared(Generic[M]):
    """Asks for rows of `model`; `condition` is what follows WHERE, its parameters with their casts (`id = %s::uuid`). `source` stands in
    the place of the table: a function that gives its rows. `along`: a foreign key whose row is fetched with it. In the statement the row is
    `it`, the other one `too`."""

    def __init__(self, model: type[M], condition: str, *, source: str = "", along: str = "") -> None:
        self._model, self._condition, self._source, self._along = model, condition, source, along

    def first(self, *arguments: Any) -> M | None:
        """The first row on the transaction in hand, or None."""
        row = raw.one_prepared(self._statement, arguments)
        return self._made(row) if row is not None else None

    def all(self, *arguments: Any) -> list[M]:
        """All rows on the transaction in hand."""
        return [self._made(row) for row in raw.all_prepared(self._statement, arguments)]

    @cached_property
    def _statement(self) -> str:
        model = self._model
        columns = [f'it."{each.column}"' for each in model._meta.concrete_fields]
        rows = f"{self._source or model._meta.db_table} AS it"
        if self._along:
            key: Any = model._meta.get_field(self._along)
            other = key.related_model._meta
            columns += [f'too."{each.column}"' for each in other.concrete_fields]
            rows += f' JOIN {other.db_table} AS too ON too."{other.pk.column}" = it."{key.column}"'
        where = f" WHERE {self._condition}" if self._condition else ""
        return f"SELECT {', '.join(columns)} FROM {rows}{where}"  # noqa: S608  names of models and our own words

    def _made(self, row: Sequence[Any]) -> M:
        own = len(self._model._meta.concrete_fields)
        made = _made(self._model, row[:own])
        if self._along:
            key: Any = self._model._meta.get_field(self._along)
            setattr(made, self._along, _made(key.related_model, row[own:]))
        return made


def _made(model: type[M], row: Sequence[Any]) -> M:
    fields, connection = model._meta.concrete_fields, connections["default"]
    values = [
        each.from_db_value(value, None, connection) if hasattr(each, "from_db_value") else value
        for each, value in zip(fields, row, strict=True)
    ]
    return model.from_db("default", [each.attname for each in fields], values)
