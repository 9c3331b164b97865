"""Search that is fast in Chinese: our own grams in an array with a GIN index, and a recheck by substring.

A text is stored twice: folded (`search_text`) and as grams (`search_grams`). Chinese runs give every character and
every pair; words and codes give their beginnings; Chinese names also give their pinyin and its initials, from any
character on. A query of several words must match all of them, in any order.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Lookup, Q
from pypinyin import Style, lazy_pinyin

from callcart.core.normal import normal_form
from callcart.core.tenancy import TenantModel

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_PREFIX = 10
_INITIALS = 8
_MAX_TEXT = 4000
_MAX_TERMS = 8
_LEAST_MISTYPED = 4
MOST_RESEMBLING = 200  # the nearest, of which those are kept that are a letter away
MOST_FOUND = 10_000  # rows one search looks at further


@dataclass(frozen=True, slots=True)
class Document:
    """What is stored of a text so that it can be found."""

    text: str
    grams: list[str]


def fold(text: str) -> str:
    """Full and half width, letter case and accents do not matter to a search."""
    decomposed = normal_form("NFKD", text[:_MAX_TEXT].casefold())
    return normal_form("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def document(*texts: str, aloud: bool = True) -> Document:
    """The stored form of some texts: names in both languages, codes, barcodes. Of long ones, which nobody looks for by pinyin,
    only what is written (`aloud=False`)."""
    folded = [fold(text) for text in texts if text]
    found: set[str] = set()
    extra: list[str] = []
    for text in folded:
        for run in _RUNS.findall(text):
            if _HAN_RUN.fullmatch(run):
                found.update(run)
                found.update(run[i : i + 2] for i in range(len(run) - 1))
                found.update(_pinyin(run, extra) if aloud else ())
            else:
                found.update(run[:n] for n in range(1, min(len(run), _PREFIX) + 1))
    return Document(text=" ".join([*folded, *extra])[: 2 * _MAX_TEXT], grams=sorted(found))


def _pinyin(run: str, extra: list[str]) -> set[str]:
    syllables, initials = _read_aloud(run)
    whole = "".join(syllables)
    extra += [initials, whole]
    found = {
        initials[i:j]
        for i in range(len(initials))
        for j in range(i + 1, min(len(initials), i + _INITIALS) + 1)
    }
    starts = [sum(map(len, syllables[:i])) for i in range(len(syllables))]
    found.update(whole[s : s + n] for s in starts for n in range(1, min(len(whole) - s, _PREFIX) + 1))
    return found


@lru_cache(maxsize=20_000)
def _read_aloud(run: str) -> tuple[tuple[str, ...], str]:
    """Syllables and initials; a product and its variants share their names."""
    return tuple(lazy_pinyin(run)), "".join(lazy_pinyin(run, style=Style.FIRST_LETTER))


def is_han(text: str) -> bool:
    """Whether a text is Chinese characters and nothing else."""
    return bool(_HAN_RUN.fullmatch(text))


def terms(query: str) -> list[str]:
    """The words of a query, folded; at most eight."""
    return _RUNS.findall(fold(query))[:_MAX_TERMS]


def grams_of(term: str) -> list[str]:
    """The grams a document must hold to match a term."""
    if _HAN_RUN.fullmatch(term):
        return [term[i : i + 2] for i in range(len(term) - 1)] or [term]
    return [term[:_PREFIX]]


def condition(query: str) -> Q:
    """The filter for a query on a model with SearchMixin's columns. An empty query matches everything."""
    words = terms(query)
    if not words:
        return Q() if not query.strip() else Q(pk__in=[])
    return Q(search_grams__finds=words)


def resembling(query: str) -> Q:
    """The filter for rows that may be meant by a query that finds nothing as it was typed; `is_meant` decides. It needs a
    Latin word of four letters: of shorter ones anything is a letter away from anything."""
    long = sorted((word for word in terms(query) if _may_be_mistyped(word)), key=len, reverse=True)
    return Q(search_grams__resembles=long) if long else Q(pk__in=[])


def is_meant(query: str, search_text: str) -> bool:
    """Whether every word of the query stands in the text, a long Latin one with at most one letter wrong, missing, too many
    or changed places with its neighbour."""
    words = _RUNS.findall(search_text)
    return all(
        term in search_text or (_may_be_mistyped(term) and any(_is_near(term, word) for word in words))
        for term in terms(query)
    )


def _may_be_mistyped(word: str) -> bool:
    return len(word) >= _LEAST_MISTYPED and word.isalpha() and not _HAN_RUN.fullmatch(word)


def _is_near(typed: str, word: str) -> bool:
    """A beginning of the word will do where it is long enough to say something."""
    return _one_apart(typed, word) or (len(typed) > _LEAST_MISTYPED and _one_apart(typed, word[: len(typed)]))


def _one_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return (
        one[at + 1 :] == other[at + 1 :]
        or one[at + 1 :] == other[at:]
        or one[at:] == other[at + 1 :]
        or (one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :])
    )


class _FoundByFunction(Lookup):
    """Rows among those that a database function gives: under row-level security a plain operator could not use its index."""

    prepare_rhs = False

    def _among(self, connection: Any, call: str, *arguments: Any) -> tuple[str, tuple[Any, ...]]:
        """`call` of the function, the table first."""
        column: Any = self.lhs
        meta = column.target.model._meta
        quote = connection.ops.quote_name
        key = f"{quote(column.alias)}.{quote(meta.pk.column)}"
        return f"{key} IN (SELECT {call})", (quote(meta.db_table), *arguments)


@ArrayField.register_lookup
class Resembles(_FoundByFunction):
    """Rows near the first word, the longest, by `core_resembling`."""

    lookup_name = "resembles"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        call = "core_resembling(%s::regclass, %s::text[], %s)"
        return self._among(connection, call, list(self.rhs), MOST_RESEMBLING)


@ArrayField.register_lookup
class Finds(_FoundByFunction):
    """Rows that match every term, by `core_find`."""

    lookup_name = "finds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        grams = sorted({gram for term in self.rhs for gram in grams_of(term)})
        call = "core_find(%s::regclass, %s::text[], %s::text[], %s)"
        return self._among(connection, call, grams, list(self.rhs), MOST_FOUND)


class SearchMixin(TenantModel):
    """Columns and index of a findable row. Call `set_search(...)` before saving."""

    search_text = models.TextField(blank=True, default="", editable=False)
    search_grams = ArrayField(models.TextField(), default=list, editable=False)

    class Meta:
        abstract = True
        indexes = [GinIndex(fields=["search_grams"], name="%(app_label)s_%(class)s_grams")]

    def set_search(self, *texts: str) -> None:
        found = document(*texts)
        self.search_text, self.search_grams = found.text, found.grams
