"""Names for the ids that stand in other rooms' rows: staff, customers, queues, orders. One query a kind and page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from uuid import UUID

from callcart.core import language as languages
from callcart.people.staff import public as staff
from callcart.web.reader import reader


def _present(ids: Iterable[UUID | None]) -> set[UUID]:
    return {each for each in ids if each is not None}


def in_language(name: str, name_zh: str) -> str:
    """The name in the reader's language, or the one there is."""
    return languages.in_language(reader().language, name, name_zh)


def staff_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    return staff.staff_names(_present(ids), language=reader().language)


def customer_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    from callcart.people.customers.models import Customer

    return dict(Customer.objects.filter(id__in=_present(ids)).values_list("id", "name"))


def carrier_namer() -> Callable[[str], str]:
    """Says a carrier, kept by its name as documents keep it, in the reader's language; asks once a page, and only if asked."""

    @cache
    def known() -> dict[str, str]:
        from callcart.commerce.shipping.public import Carrier

        rows = Carrier.objects.values_list("code", "name", "name_zh")
        return {
            key: in_language(name, name_zh) for code, name, name_zh in rows for key in (code, name, name_zh)
        }

    return lambda name: known().get(name, name) if name else ""


def queue_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    from callcart.contact.routing.models import Queue

    rows = Queue.objects.filter(id__in=_present(ids)).values_list("id", "name", "name_zh")
    return {row[0]: in_language(row[1], row[2]) for row in rows}


def order_numbers(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    from callcart.commerce.orders.models import Order

    return dict(Order.objects.filter(id__in=_present(ids)).values_list("id", "number"))
