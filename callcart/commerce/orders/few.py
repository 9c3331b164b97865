"""Filters that no index serves in the order of the list. Under row-level security only leak-proof comparisons reach an index, and a
search by words or marks finds rows in no order; so what they find is fetched first, by itself.

Are they few, they are the rows; are they many, the list meets them soon enough on its way from the newest on, and each row is
compared. Either way a page looks at some thousands of rows, however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from callcart.commerce.inventory.public import Reservation, ReservationState
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.core import search
from callcart.core.database import raw
from callcart.core.errors import Invalid
from callcart.core.ids import unspoken
from callcart.people.customers.public import normalise_phone

FEW = 4_000  # looked up one by one in about the time that as many hundred thousands are passed over
_FEW_LINES = 12_000
_NONE = "{}"
_FEW_MARKED = 1_500  # the walk for marks is shorter: it passes over marked orders only


def by_text(rows: QuerySet[Order], text: str, *, is_phone: bool) -> QuerySet[Order]:
    """By number, receiver and, where the text may be one, the whole telephone number."""
    number = unspoken(text)  # as it is kept: the groups it is read out in would find others
    words = search.terms(number or text)
    grams = sorted({gram for word in words for gram in search.grams_of(word)})
    count, found = 0, _NONE
    if words:
        statement = "SELECT core_find('orders_order'::regclass, %s::text[], %s::text[], %s)"
        count, found = _gather(statement, (grams, words, FEW + 1))
    if count > FEW:
        each = Q(search_grams__contains=grams)
        for word in words:
            each &= Q(search_text__contains=word)
        return rows.filter(each)
    more: list[UUID] = []
    if number:
        more += Order.objects.filter(number=number).values_list("id", flat=True)
    if is_phone:
        with suppress(Invalid):  # not a telephone number after all; then it is only a text
            theirs = Order.objects.filter(ship_phone=normalise_phone(text).e164).order_by("-placed_at")
            more += theirs.values_list("id", flat=True)[:FEW]
    return _these(rows, found, more)


def by_marks(
    rows: QuerySet[Order], *, tags: Sequence[str] = (), flags: Sequence[str] = ()
) -> QuerySet[Order]:
    """With any of the tags, and with any of the doubts."""
    for column, values in (("tags", list(tags)), ("flags", list(flags))):
        if not values:
            continue
        count, found = _gather("SELECT orders_marked(%s, %s::text[], %s)", (column, values, _FEW_MARKED + 1))
        if count > _FEW_MARKED:
            rows = rows.filter(**{f"{column}__overlap": values}).exclude(**{column: []})
        else:
            rows = _these(rows, found)
    return rows


def by_variants(rows: QuerySet[Order], variant_ids: Sequence[UUID]) -> QuerySet[Order]:
    """With a line or a set of any of these."""
    ids, most = list(variant_ids), _FEW_LINES + 1
    count, found = _gather(
        "(SELECT order_id FROM orders_line WHERE variant_id = ANY(%s::uuid[]) LIMIT %s) UNION ALL"
        " (SELECT order_id FROM orders_soldset WHERE variant_id = ANY(%s::uuid[]) LIMIT %s)",
        (ids, most, ids, most),
    )
    if count > _FEW_LINES:
        its = {"order_id": OuterRef("id"), "variant_id__in": ids}
        return rows.filter(Exists(Line.objects.filter(**its)) | Exists(SoldSet.objects.filter(**its)))
    return _these(rows, found)


def by_warehouses(rows: QuerySet[Order], warehouse_ids: Sequence[UUID]) -> QuerySet[Order]:
    """With goods that are held in any of these, or left from there."""
    held = Reservation.objects.filter(warehouse_id__in=warehouse_ids).exclude(state=ReservationState.RELEASED)
    try:
        count, found = _gather(*held.values("order_id")[: _FEW_LINES + 1].query.sql_with_params())
    except EmptyResultSet:
        return rows.none()
    if count > _FEW_LINES:
        return rows.filter(Exists(held.filter(order_id=OuterRef("id"))))
    return _these(rows, found)


def by_region(rows: QuerySet[Order], beginning: str) -> QuerySet[Order]:
    """Sent to a province whose name begins so, in whatever case: there are few provinces."""
    wanted = beginning.casefold()
    return rows.filter(ship_province__in=[each for each in regions() if each.casefold().startswith(wanted)])


def regions() -> list[str]:
    """The provinces orders were sent to, each found by going on from the one before in the index."""
    rows = raw.all(
        "WITH RECURSIVE seen AS ("
        " (SELECT ship_province FROM orders_order ORDER BY ship_province LIMIT 1)"
        " UNION ALL SELECT (SELECT o.ship_province FROM orders_order o WHERE o.ship_province > s.ship_province"
        " ORDER BY o.ship_province LIMIT 1) FROM seen s WHERE s.ship_province IS NOT NULL"
        ") SELECT ship_province FROM seen WHERE ship_province IS NOT NULL LIMIT 2000"
    )
    return [str(row[0]) for row in rows]


def _gather(statement: str, arguments: Sequence[Any]) -> tuple[int, str]:
    """How many ids a statement finds, and each of them once. Those of thousands go there and back as one text: made into objects
    they would take longer than they are looked for."""
    found, count = raw.one(
        f"SELECT coalesce(array_agg(DISTINCT found.id)::text, '{_NONE}'), count(*) FROM ({statement}) AS found (id)",  # noqa: S608
        arguments,
    ) or (_NONE, 0)
    return count, found


def _these(rows: QuerySet[Order], found: str, more: Sequence[UUID] = ()) -> QuerySet[Order]:
    """Those of the rows whose id is among the found."""
    if found == _NONE and not more:
        return rows.none()
    return rows.filter(id__in=RawSQL("SELECT unnest(%s::uuid[] || %s::uuid[])", [found, list(more)]))
