"""The order list: filters, pages, counts and today's sales. A page is found by its place in the index, never by counting
rows before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from callcart.commerce.catalog.public import search_variant_ids
from callcart.commerce.orders import few
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.scope import visible
from callcart.commerce.orders.sets import grouped, sold_as
from callcart.commerce.orders.states import OrderState
from callcart.core.actor import Actor
from callcart.core.clock import midnight, today
from callcart.core.database import OutOfPatience, patience
from callcart.core.money import Money
from callcart.core.text import clean
from callcart.people.customers.public import count_number_tried, display_phone
from callcart.people.tenants.public import get_tenant

MANY = 10_000
COUNT_PATIENCE = 0.03  # seconds
_LONGEST = 200
_PHONE = re.compile(r"\+?[\d\s().\-]{7,25}")


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """What to list. Dates are days of the tenant's time zone, both included. Empty fields do not filter; of several values
    any may match. `product` is a name, code or barcode; amounts are minor units of the total, both included; `flags` are
    codes of doubts, `flagged` asks for any; `warehouse_ids` are where goods are held or left from."""

    date_from: date | None = None
    date_to: date | None = None
    states: tuple[str, ...] = ()
    payment_states: tuple[str, ...] = ()
    fulfilment_states: tuple[str, ...] = ()
    payment_methods: tuple[str, ...] = ()
    delivery_methods: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    agent_ids: tuple[UUID, ...] = ()
    campaigns: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    flagged: str = ""
    warehouse_ids: tuple[UUID, ...] = ()
    least: int | None = None
    most: int | None = None
    region: str = ""
    product: str = ""
    text: str = ""
    customer_id: UUID | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values of what is set, for a saved view or an address line."""
        return {name: _plain(value) for name, value in asdict(self).items() if value or value == 0}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> OrderFilters:
        """Read plain values; what is unknown or unreadable does not filter."""
        known = {field.name for field in fields(cls)}
        found = {name: _read(name, value) for name, value in values.items() if name in known and value}
        return cls(**{name: value for name, value in found.items() if value or value == 0})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return str(value)


def _read(name: str, value: Any) -> Any:
    try:
        if name.startswith("date_"):
            return date.fromisoformat(str(value))
        if name == "customer_id":
            return UUID(str(value))
        if name in {"least", "most"}:
            return int(str(value)) if len(str(value)) < 16 else None
        if name in {"agent_ids", "warehouse_ids"}:
            return tuple(UUID(str(each)) for each in _several(value))
    except ValueError:
        return None
    if name in {"region", "product", "text", "flagged"}:
        return _typed(value)
    return tuple(clean(str(each)[:100]) for each in _several(value))


def _typed(value: Any) -> str:
    """What somebody typed into a filter, as the database can compare it."""
    return clean(str(value)[:_LONGEST])


def _several(value: Any) -> Iterable[Any]:
    return [value] if isinstance(value, str | UUID) else list(value)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list. The phone number is masked for readers who may not see it."""

    id: UUID
    number: str
    placed_at: datetime
    state: str
    payment_state: str
    fulfilment_state: str
    channel: str
    customer_id: UUID | None
    name: str
    phone: str
    region: str
    city: str
    total: Money
    delivery_method: str
    delivery: str
    payment_method: str
    agent_id: UUID | None
    agent_name: str
    units: int
    summary: str
    version: int
    campaign: str = ""
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    discount_minor: int = 0
    tax_minor: int = 0
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of the list; `cursor` asks for the next, empty at the end."""

    rows: tuple[OrderRow, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders placed on a day and their total in the shop's currency, cancelled ones left out; also by channel."""

    day: date
    orders: int
    total: Money
    by_channel: Mapping[str, tuple[int, Money]]


def list_orders(
    actor: Actor, filters: OrderFilters | None = None, *, cursor: str = "", limit: int = 50
) -> OrderPage:
    """A page of orders the actor may see, newest first. A whole telephone number in `text` is counted where numbers are
    masked (TriedTooManyNumbers)."""
    return _page(actor, _listed(actor, filters), cursor, limit)


def list_and_count(
    actor: Actor, filters: OrderFilters | None = None, *, cursor: str = "", limit: int = 50
) -> tuple[OrderPage, int | None]:
    """A page as `list_orders` gives it, and how many orders there are in all as `count_if_quick` tells it: what the filters search
    for is looked up once for both."""
    rows = _listed(actor, filters)
    return _page(actor, rows, cursor, limit), _counted_if_quick(rows)


def _listed(actor: Actor, filters: OrderFilters | None) -> QuerySet[Order]:
    count_number_tried(actor, filters.text if filters else "")
    return filtered(actor, filters or OrderFilters())


def _page(actor: Actor, rows: QuerySet[Order], cursor: str, limit: int) -> OrderPage:
    if after := _read_cursor(cursor):
        placed_at, last = after
        # the bound by itself is what the index starts from; the alternatives alone would be compared from the newest on
        rows = rows.filter(
            Q(placed_at__lt=placed_at) | Q(placed_at=placed_at, id__lt=last), placed_at__lte=placed_at
        )
    found = list(rows.order_by("-placed_at", "-id").defer("search_text", "search_grams")[: limit + 1])
    page = found[:limit]
    following = f"{page[-1].placed_at.isoformat()}_{page[-1].id}" if len(found) > limit else ""
    return OrderPage(rows=tuple(rows_of(actor, page)), cursor=following)


def count_orders(actor: Actor, filters: OrderFilters | None = None) -> int:
    """How many there are; `MANY + 1` where there are more than that."""
    return _counted(filtered(actor, filters or OrderFilters()))


def count_if_quick(actor: Actor, filters: OrderFilters | None = None) -> int | None:
    """The same where it is known in the time a reader waits for a page anyway; else None. A rare combination of common
    values would have every order looked at."""
    return _counted_if_quick(filtered(actor, filters or OrderFilters()))


def _counted(rows: QuerySet[Order]) -> int:
    return rows.values("id")[: MANY + 1].count()


def _counted_if_quick(rows: QuerySet[Order]) -> int | None:
    try:
        with patience(COUNT_PATIENCE):
            return _counted(rows)
    except OutOfPatience:
        return None


def total_of(actor: Actor, filters: OrderFilters | None = None) -> Sales:
    """The sums of a filtered list, cancelled orders left out. Meant for lists bounded by dates."""
    rows = filtered(actor, filters or OrderFilters())
    return _sales(rows, today(get_tenant(actor.tenant_id).timezone))


def sales_today(actor: Actor) -> Sales:
    """Today's sales by the tenant's clock."""
    day = today(get_tenant(actor.tenant_id).timezone)
    return _sales(filtered(actor, OrderFilters(date_from=day, date_to=day)), day)


def _sales(rows: QuerySet[Order], day: date) -> Sales:
    currency = get_tenant().currency
    sums = (
        rows.exclude(state=OrderState.CANCELLED)
        .filter(currency=currency)
        .values("channel")
        .annotate(orders=Count("id"), sum=Sum("total_minor"))
        .order_by("channel")
    )
    by_channel = {each["channel"]: (int(each["orders"]), Money(int(each["sum"]), currency)) for each in sums}
    total = sum((money for _, money in by_channel.values()), Money.zero(currency))
    return Sales(day=day, orders=sum(n for n, _ in by_channel.values()), total=total, by_channel=by_channel)


def filtered(actor: Actor, filters: OrderFilters) -> QuerySet[Order]:
    """The rows of a filter that the actor may see."""
    rows = visible(actor, "orders.view").exclude(state=OrderState.DRAFT)
    zone = ZoneInfo(get_tenant(actor.tenant_id).timezone)
    if filters.date_from:
        rows = rows.filter(placed_at__gte=midnight(filters.date_from, zone))
    if filters.date_to and filters.date_to < date.max:
        following = filters.date_to + timedelta(days=1)
        rows = rows.filter(placed_at__lt=midnight(following, zone))
    for column, values in (
        ("state", filters.states),
        ("payment_state", filters.payment_states),
        ("fulfilment_state", filters.fulfilment_states),
        ("payment_method", filters.payment_methods),
        ("delivery_method", filters.delivery_methods),
        ("channel", filters.channels),
        ("agent_id", filters.agent_ids),
        ("campaign", filters.campaigns),
    ):
        if values:
            rows = rows.filter(**{f"{column}__in": values})
    rows = _marked(rows, filters)
    if filters.customer_id:
        rows = rows.filter(customer_id=filters.customer_id)
    if region := _typed(filters.region):
        rows = few.by_region(rows, region)
    if product := _typed(filters.product):
        rows = few.by_variants(rows, search_variant_ids(product, limit=200))
    if text := _typed(filters.text):
        rows = few.by_text(rows, text, is_phone=_PHONE.fullmatch(text) is not None)
    return rows


def _marked(rows: QuerySet[Order], filters: OrderFilters) -> QuerySet[Order]:
    """By tags, doubts, amount and warehouse."""
    rows = few.by_marks(rows, tags=filters.tags, flags=filters.flags)
    if filters.flagged:
        rows = rows.exclude(flags=[])
    if filters.least is not None:
        rows = rows.filter(total_minor__gte=filters.least)
    if filters.most is not None:
        rows = rows.filter(total_minor__lte=filters.most)
    if filters.warehouse_ids:
        rows = few.by_warehouses(rows, filters.warehouse_ids)
    return rows


def _read_cursor(cursor: str) -> tuple[datetime, UUID] | None:
    moment, _, last = cursor.rpartition("_")
    try:
        return datetime.fromisoformat(moment), UUID(last)
    except ValueError:
        return None


def rows_of(actor: Actor, orders: Iterable[Order]) -> list[OrderRow]:
    """Orders as rows of a list, in the actor's language and with what the actor may see."""
    found = list(orders)
    lines: dict[UUID, list[Line]] = {order.id: [] for order in found}
    for line in Line.objects.filter(order__in=found).select_related("sold_set").order_by("position"):
        lines[line.order_id].append(line)
    return [_row(actor, order, lines[order.id]) for order in found]


def _row(actor: Actor, order: Order, lines: list[Line]) -> OrderRow:
    sold = [sold_as(group) for group in grouped(lines)]
    first = sold[0].name_in(actor.language) if sold else ""
    more = f" +{len(sold) - 1}" if len(sold) > 1 else ""
    return OrderRow(
        id=order.id,
        number=order.number,
        placed_at=order.placed_at,
        state=order.state,
        payment_state=order.payment_state,
        fulfilment_state=order.fulfilment_state,
        channel=order.channel,
        customer_id=order.customer_id,
        name=order.ship_name,
        phone=display_phone(actor, order.ship_phone),
        region=order.ship_province,
        city=order.ship_city,
        total=order.total,
        delivery_method=order.delivery_method,
        delivery=order.delivery_name_in(actor.language),
        payment_method=order.payment_method,
        agent_id=order.agent_id,
        agent_name=order.agent_name,
        units=sum(line.quantity for line in lines),
        summary=first + more,
        version=order.version,
        campaign=order.campaign,
        tags=tuple(order.tags),
        flags=tuple(order.flags),
        discount_minor=order.discount_minor + order.delivery_discount_minor,
        tax_minor=order.tax_minor,
        coupons=tuple(order.coupon_codes),
    )


def orders_of_customer(actor: Actor, customer_id: UUID, *, limit: int = 20) -> list[OrderRow]:
    """A customer's orders, newest first."""
    rows = visible(actor, "orders.view").filter(customer_id=customer_id).order_by("-placed_at", "-id")
    return rows_of(actor, rows[:limit])


def orders_of_conversation(actor: Actor, conversation_id: UUID) -> list[OrderRow]:
    """The orders taken in a conversation."""
    rows = visible(actor, "orders.view").filter(conversation_id=conversation_id).order_by("placed_at", "id")
    return rows_of(actor, rows)


def last_order_of(*, customer_id: UUID | None = None, phone: str = "") -> Order | None:
    """The newest order of a customer, or else of a receiver's number (E.164); for the telephone menu."""
    rows = Order.objects.order_by("-placed_at", "-id")
    found = rows.filter(customer_id=customer_id).first() if customer_id else None
    return found or (rows.filter(ship_phone=phone).first() if phone else None)
