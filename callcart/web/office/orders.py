"""Orders in the office: one list for phone and web orders alike, with filters, saved views, today's sales and export."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders import public as orders
from callcart.commerce.shipping import public as shipping
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.customers import public as people
from callcart.people.tenants import public as tenants
from callcart.web.http import actor_of, attempt, go, page, reading_here, requires
from callcart.web.jinja import url
from callcart.web.office import columns, words
from callcart.web.office.listing import Chip, day_chips, periods
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
    "campaign": "campaigns",
    "tag": "tags",
    "doubt": "flags",
    "doubtful": "flagged",
    "warehouse": "warehouse_ids",
    "least": "least",
    "most": "most",
    "q": "text",
    "from": "date_from",
    "to": "date_to",
}
WAITING = orders.OrderFilters(states=("placed",))
MOST_CURSOR = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires("orders.view")
def order_list(request: HttpRequest) -> HttpResponse:
    """The list as the address line filters it."""
    actor = actor_of(request)
    filters, kind = filters_of(request), request.GET.get("export", "")
    if kind in ("csv", "xlsx"):
        return _export(actor, filters, kind)
    shown = columns.chosen(request.GET.getlist("col"))
    found, total = orders.list_and_count(
        reading_here(actor), filters, cursor=request.GET.get("after", "")[:MOST_CURSOR]
    )
    if any(each.key == "phone" for each in shown):
        people.record_list_seen(actor, "orders", rows=len(found.rows), filters=filters.to_dict())
    views = _views(actor, filters, shown)
    choices, today_here = _choices(), clock.today(tenants.get_tenant(actor.tenant_id).timezone)
    return page(
        request, "office/orders.html", orders=found.rows, next=found.cursor, words=words, choices=choices,
        today=orders.sales_today(actor), waiting=_waiting(actor), total=total,
        chips=_chips(request, choices), views=views, columns=columns.ALL, shown=shown,
        periods=periods(today_here), mine=next((each for each in views if each.current), None),
    )  # fmt: skip


@requires("orders.view")
def today(request: HttpRequest) -> HttpResponse:
    """Today's figures alone, asked for again whenever an order is placed or changed."""
    actor = actor_of(request)
    return page(
        request, "office/orders.html", block="today", today=orders.sales_today(actor), waiting=_waiting(actor),
        words=words,
    )  # fmt: skip


def _waiting(actor: Actor) -> int:
    """How many orders wait to be confirmed."""
    return orders.count_orders(actor, WAITING)


@require_POST
@requires("orders.view")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters and columns of the address line under a name."""
    filters, shown = filters_of(request), columns.plain(columns.chosen(request.GET.getlist("col")))
    with attempt() as tried:
        orders.save_view(actor_of(request), name=request.POST.get("name", ""), filters=filters, columns=shown)
    here = address_of(filters, shown)
    if tried:
        return go(request, here, toast=_("View saved."))
    return go(request, here, toast=next(iter(tried.fields.values()), tried.message), kind="danger")


@require_POST
@requires("orders.view")
def delete_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forget one of one's own views."""
    orders.delete_view(actor_of(request), view_id)
    return go(request, url("office:orders"), toast=_("View removed."))


def filters_of(request: HttpRequest) -> orders.OrderFilters:
    """The filters in an address line; what cannot be read does not filter. Amounts are typed in the shop's currency."""
    values: dict[str, object] = {
        field: request.GET[name] for name, field in FIELDS.items() if request.GET.get(name)
    }
    for name in ("least", "most"):
        if name in values:
            values[name] = _minor(str(values[name]))
    return orders.OrderFilters.from_dict(values)


def _minor(text: str) -> int | None:
    try:
        return Money.parse(text, tenants.get_tenant().currency).minor
    except ValueError:
        return None


def address_of(filters: orders.OrderFilters, shown: Sequence[str] = ()) -> str:
    """The list's address with these filters and columns."""
    values = filters.to_dict()
    plain: list[tuple[str, str]] = [
        (name, values[field][0] if isinstance(values[field], list) else values[field])
        for name, field in FIELDS.items()
        if field in values
    ]
    currency = tenants.get_tenant().currency
    plain = [
        (name, str(Money(int(value), currency).decimal) if name in {"least", "most"} else value)
        for name, value in plain
    ]
    plain += [("col", key) for key in shown]
    return url("office:orders") + (f"?{urlencode(plain)}" if plain else "")


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as a tab of the list. `current`: the list shows just this."""

    id: UUID
    name: str
    address: str
    current: bool


def _views(actor: Actor, filters: orders.OrderFilters, shown: Sequence[columns.Column]) -> list[View]:
    found = []
    for each in orders.list_views(actor):
        wanted, keys = orders.view_filters(each), columns.plain(columns.chosen(each.columns))
        here = wanted == filters and keys == columns.plain(shown)
        found.append(View(each.id, each.name, address_of(wanted, keys), here))
    return found


def _choices() -> dict[str, Mapping[str, str]]:
    language = reader().language
    return {
        "state": {key: word.text for key, word in words.order_states().items() if key != "draft"},
        "payment": {key: word.text for key, word in words.payment_states().items()},
        "goods": {key: word.text for key, word in words.fulfilment_states().items()},
        "method": words.payment_methods(),
        "delivery": {each.code: each.name_in(language) for each in shipping.list_methods()},
        "channel": words.channels(),
        "agent": {str(staff_id): name for staff_id, name in orders.agents_of_orders()},
        "campaign": {each: each for each in orders.campaigns_of_orders()},
        "tag": {each: each for each in orders.tags_of_orders()},
        "doubt": {str(each): orders.label_of(each) for each in orders.Doubt},
        "doubtful": {"any": _("Any doubt")},
        "warehouse": {str(each.id): each.name_in(language) for each in inventory.list_warehouses()},
    }


def _chips(request: HttpRequest, choices: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    labels = {
        "state": _("State"), "payment": _("Payment"), "goods": _("Goods state"), "method": _("Payment method"),
        "delivery": _("Delivery method"), "channel": _("Channel"), "agent": _("Agent"), "region": _("Region"),
        "product": _("Product"), "q": _("Search"), "campaign": _("Campaign"), "tag": _("Tag"), "doubt": _("Why look twice"),
        "doubtful": _("Why look twice"), "warehouse": _("Warehouse"), "least": _("Total from"), "most": _("Total up to"),
    }  # fmt: skip
    found = [
        Chip(name, label, choices.get(name, {}).get(value, value))
        for name, label in labels.items()
        if (value := request.GET.get(name, "")[:200])
    ]
    return [*found, *day_chips(request)]


def _export(actor: Actor, filters: orders.OrderFilters, kind: str) -> HttpResponse:
    out = io.BytesIO()
    rows = orders.export_rows(reading_here(actor), filters)
    (orders.write_csv if kind == "csv" else orders.write_xlsx)(rows, out)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8" if kind == "csv" else XLSX)
    response["Content-Disposition"] = f'attachment; filename="orders.{kind}"'
    return response
