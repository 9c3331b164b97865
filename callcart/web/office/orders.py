"""Orders in the office: one list for phone and web orders alike, with filters, saved views, today's sales and export."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.core.actor import Actor
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.listing import Chip
from callcart.web.reader import reader

# A name in the address line -> the field of the filters it sets.
FIELDS = {
    "state": "states",
    "payment": "payment_states",
    "goods": "fulfilment_states",
    "method": "payment_methods",
    "delivery": "delivery_methods",
    "channel": "channels",
    "agent": "agent_ids",
    "region": "region",
    "product": "product",
    "q": "text",
    "from": "date_from",
    "to": "date_to",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires("orders.view")
def order_list(request: HttpRequest) -> HttpResponse:
    """The list as the address line filters it."""
    actor = actor_of(request)
    filters, kind = filters_of(request), request.GET.get("export", "")
    if kind in ("csv", "xlsx"):
        return _export(actor, filters, kind)
    found = orders.list_orders(actor, filters, cursor=request.GET.get("after", ""))
    choices = _choices()
    return page(
        request, "office/orders.html", orders=found.rows, next=found.cursor, words=words, choices=choices,
        today=orders.sales_today(actor), total=orders.count_orders(actor, filters), chips=_chips(request, choices),
        views=[(each, address_of(orders.view_filters(each))) for each in orders.list_views(actor)],
    )  # fmt: skip


@requires("orders.view")
def today(request: HttpRequest) -> HttpResponse:
    """Today's figures alone, asked for again whenever an order is placed or changed."""
    return page(
        request, "office/orders.html", block="today", today=orders.sales_today(actor_of(request)), words=words
    )


@require_POST
@requires("orders.view")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address line under a name."""
    filters = filters_of(request)
    with attempt() as tried:
        orders.save_view(actor_of(request), name=request.POST.get("name", ""), filters=filters)
    if tried:
        return go(request, address_of(filters), toast=_("View saved."))
    return go(
        request, address_of(filters), toast=next(iter(tried.fields.values()), tried.message), kind="danger"
    )


def filters_of(request: HttpRequest) -> orders.OrderFilters:
    """The filters in an address line; what cannot be read does not filter."""
    return orders.OrderFilters.from_dict(
        {field: request.GET[name] for name, field in FIELDS.items() if request.GET.get(name)}
    )


def address_of(filters: orders.OrderFilters) -> str:
    """The list's address with these filters."""
    values = filters.to_dict()
    plain = {
        name: values[field][0] if isinstance(values[field], list) else values[field]
        for name, field in FIELDS.items()
        if field in values
    }
    return url("office:orders") + (f"?{urlencode(plain)}" if plain else "")


def _choices() -> dict[str, Mapping[str, str]]:
    language = reader().language
    return {
        "state": {key: word.text for key, word in words.order_states().items() if key != "draft"},
        "payment": {key: word.text for key, word in words.payment_states().items()},
        "goods": {key: word.text for key, word in words.fulfilment_states().items()},
        "method": words.payment_methods(),
        "delivery": {each.code: each.name_in(language) for each in DeliveryMethod.objects.all()},
        "channel": words.channels(),
        "agent": {str(staff_id): name for staff_id, name in orders.agents_of_orders()},
    }


def _chips(request: HttpRequest, choices: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    labels = {
        "state": _("State"), "payment": _("Payment"), "goods": _("Goods"), "method": _("Payment method"),
        "delivery": _("Delivery"), "channel": _("Channel"), "agent": _("Agent"), "region": _("Region"),
        "product": _("Product"), "q": _("Search"), "from": _("From"), "to": _("To"),
    }  # fmt: skip
    return [
        Chip(name, labels[name], choices.get(name, {}).get(value, value))
        for name in FIELDS
        if (value := request.GET.get(name, "")[:200])
    ]


def _export(actor: Actor, filters: orders.OrderFilters, kind: str) -> HttpResponse:
    out = io.BytesIO()
    rows = orders.export_rows(replace_language(actor), filters)
    (orders.write_csv if kind == "csv" else orders.write_xlsx)(rows, out)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8" if kind == "csv" else XLSX)
    response["Content-Disposition"] = f'attachment; filename="orders.{kind}"'
    return response


def replace_language(actor: Actor) -> Actor:
    """The actor, reading in the language of the page in hand."""
    return replace(actor, language=reader().language)
