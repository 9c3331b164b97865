"""Holding stock for orders: the one way units are promised, given back and sent out.

Every routine locks all stock rows it may touch before it looks at a count (`locks`), and does all or nothing. Callers
are verbs of the orders domain, which have checked the permission; they wrap themselves in `retrying`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import get_language, gettext

from callcart.commerce.inventory.allocate import allocate
from callcart.commerce.inventory.allocation_tables import Strategy
from callcart.commerce.inventory.choosing import keep_choice
from callcart.commerce.inventory.freight import Freight
from callcart.commerce.inventory.locks import lock_stock
from callcart.commerce.inventory.models import MovementKind, Reservation, ReservationState, Stock
from callcart.commerce.inventory.moves import Change, move, tell
from callcart.commerce.inventory.split import Demand, Shelf, Shortage, Take
from callcart.core import ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw, sql
from callcart.core.errors import Invalid
from callcart.core.language import in_language

ORDER = "order"


class InsufficientStock(Invalid):
    """There is not enough in stock."""

    code = "stock.insufficient"
    status = 409

    def __init__(self, shortages: Sequence[Shortage], *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(None, fields=fields)
        self.shortages = tuple(shortages)

    @property
    def message(self) -> str:
        return " ".join(describe_shortage(short) for short in self.shortages)


def describe_shortage(short: Shortage) -> str:
    """What is left, in the active language: "3 left in Hangzhou, 1 left in Chengdu."."""
    if not short.places:
        return gettext("Sold out.")
    language = get_language() or "en"
    places = [
        gettext("%(count)d left in %(place)s") % {"count": units, "place": in_language(language, name, zh)}
        for name, zh, units in short.places
    ]
    joined = gettext(", ").join(places)
    return gettext("Only %(what)s.") % {"what": joined}


@dataclass(frozen=True, slots=True)
class Held:
    """Units of an order line held in a warehouse."""

    line_id: UUID
    stock_id: UUID
    warehouse_id: UUID
    variant_id: UUID
    quantity: int


def reserve(
    actor: Actor,
    order_id: UUID,
    lines: Sequence[Demand],
    *,
    region: str,
    reason: str = "",
    holder: str = ORDER,
    freight: Freight | None = None,
) -> list[Held]:
    """Hold stock for all lines of an order, or raise InsufficientStock and hold nothing. The same SKU on several lines is
    counted together. From which warehouses is by the shop's strategy; `freight` is asked only by the one that weighs it. For
    whatever else holds stock, `holder` names its kind, and the ids are its own."""
    if not lines:
        return []
    shelves = lock_stock(line.variant_id for line in lines)
    takes = _choose(order_id if holder == ORDER else None, lines, shelves, region, freight)
    return _allocate(actor, (holder, order_id), takes, reason)


def promisable(variant_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many of each SKU could be promised now, goods to be ordered back left out; their stock rows are locked from here on."""
    free: Counter[UUID] = Counter()
    for shelf in lock_stock(variant_ids):
        free[shelf.variant_id] += max(shelf.available, 0)
    return dict(free)


def rearrange(
    actor: Actor,
    order_id: UUID,
    lines: Sequence[Demand],
    *,
    region: str,
    reason: str = "",
    freight: Freight | None = None,
) -> list[Held]:
    """Make what an order holds equal to its new lines: keep what still fits, give back the rest, hold what is
    missing. All or nothing, as `reserve`."""
    before = Reservation.objects.filter(order_id=order_id, state=ReservationState.HELD)
    variants = {line.variant_id for line in lines} | set(before.values_list("variant_id", flat=True))
    shelves = lock_stock(variants)
    held = list(before.order_by("-id"))  # once more, now that nobody else can change them
    needed = Counter({line.line_id: line.quantity for line in lines})
    surplus: list[tuple[Reservation, int]] = []
    have: Counter[UUID] = Counter()
    for each in held:
        kept = min(each.quantity, needed[each.line_id] - have[each.line_id])
        have[each.line_id] += kept
        if kept < each.quantity:
            surplus.append((each, each.quantity - kept))
    free = {shelf.stock_id: shelf for shelf in shelves}
    for each, units in surplus:
        free[each.stock_id].available += units
    missing = [
        replace(line, quantity=line.quantity - have[line.line_id])
        for line in lines
        if line.quantity > have[line.line_id]
    ]
    takes = _choose(order_id, missing, shelves, region, freight)
    _give_back(actor, order_id, surplus, reason)
    _allocate(actor, (ORDER, order_id), takes, reason)
    return held_for(order_id)


def release(actor: Actor, order_id: UUID, *, reason: str = "") -> int:
    """Give back all an order still holds; returns the units. A second call gives nothing."""
    mine = Reservation.objects.filter(order_id=order_id, state=ReservationState.HELD)
    lock_stock(mine.values_list("variant_id", flat=True))
    held = list(mine)
    _give_back(actor, order_id, [(each, each.quantity) for each in held], reason)
    return sum(each.quantity for each in held)


def ship(
    actor: Actor,
    order_id: UUID,
    *,
    line_ids: Collection[UUID] | None = None,
    warehouse_id: UUID | None = None,
    reason: str = "",
) -> dict[UUID, int]:
    """Take what an order holds (all of it, or of some lines, or in one warehouse) out of the warehouses; returns units by
    line. Raises InsufficientStock where goods ordered back have not come yet."""
    mine = Reservation.objects.filter(order_id=order_id, state=ReservationState.HELD)
    if line_ids is not None:
        mine = mine.filter(line_id__in=line_ids)
    if warehouse_id is not None:
        mine = mine.filter(warehouse_id=warehouse_id)
    lock_stock(mine.values_list("variant_id", flat=True))
    held = list(mine)
    per_stock: Counter[UUID] = Counter()
    per_line: Counter[UUID] = Counter()
    for each in held:
        per_stock[each.stock_id] += each.quantity
        per_line[each.line_id] += each.quantity
    if short := _not_there(held, per_stock):
        raise InsufficientStock(short)
    changes = {stock_id: Change(-units, -units) for stock_id, units in per_stock.items()}
    move(actor, MovementKind.SHIP, changes, document=("order", order_id), reason=reason)
    mine.filter(id__in=[each.id for each in held]).update(state=ReservationState.SHIPPED, ended_at=now())
    return dict(per_line)


def _not_there(held: Sequence[Reservation], wanted: Mapping[UUID, int]) -> list[Shortage]:
    """Stock rows that have fewer units on hand than are to leave: what was ordered back and has not come."""
    rows = Stock.objects.select_related("warehouse").filter(id__in=list(wanted))
    return [
        Shortage(
            variant_id=row.variant_id,
            line_ids=tuple(dict.fromkeys(each.line_id for each in held if each.stock_id == row.id)),
            wanted=wanted[row.id],
            left=row.on_hand,
            places=((row.warehouse.name, row.warehouse.name_zh, row.on_hand),) if row.on_hand else (),
        )
        for row in rows
        if row.on_hand < wanted[row.id]
    ]


def held_for(order_id: UUID) -> list[Held]:
    """What an order holds now."""
    return held_for_each([order_id])[order_id]


def held_for_each(order_ids: Iterable[UUID]) -> dict[UUID, list[Held]]:
    """What each of several orders holds now."""
    found: dict[UUID, list[Held]] = {order_id: [] for order_id in order_ids}
    for row in Reservation.objects.filter(order_id__in=found, state=ReservationState.HELD).order_by("id"):
        found[row.order_id].append(
            Held(row.line_id, row.stock_id, row.warehouse_id, row.variant_id, row.quantity)
        )
    return found


def _choose(
    order_id: UUID | None,
    lines: Sequence[Demand],
    shelves: Sequence[Shelf],
    region: str,
    freight: Freight | None,
) -> list[Take]:
    """Which shelves give what, by the shop's strategy; of an order it is kept why."""
    if not lines:
        return []
    strategy = Strategy(shelves[0].strategy) if shelves else Strategy.NEAREST
    choice = allocate(strategy, lines, shelves, region, freight)
    if choice.split.shortages:
        raise InsufficientStock(choice.split.shortages)
    if order_id is not None:
        keep_choice(order_id, strategy, choice)
    return choice.split.takes


def _allocate(actor: Actor, holder: tuple[str, UUID], takes: Sequence[Take], reason: str) -> list[Held]:
    if not takes:
        return []
    units: Counter[UUID] = Counter()
    for take in takes:
        units[take.stock_id] += take.quantity
    rows = raw.all(
        sql("callcart.commerce.inventory", "allocate"),
        _who(actor)
        | {
            "holder": holder[0],
            "order": holder[1],
            "reason": reason,
            "stock": list(units),
            "units": list(units.values()),
            "movement": [ids.new_id() for _ in units],
            "r_id": [ids.new_id() for _ in takes],
            "r_line": [take.line_id for take in takes],
            "r_stock": [take.stock_id for take in takes],
            "r_warehouse": [take.warehouse_id for take in takes],
            "r_variant": [take.variant_id for take in takes],
            "r_quantity": [take.quantity for take in takes],
        },
    )
    return [Held(row[1], row[2], row[3], row[4], row[5]) for row in rows]


def _give_back(actor: Actor, order_id: UUID, surplus: Sequence[tuple[Reservation, int]], reason: str) -> None:
    per_stock: Counter[UUID] = Counter()
    for each, units in surplus:
        per_stock[each.stock_id] += units
        if units == each.quantity:
            each.state, each.ended_at = ReservationState.RELEASED, now()
            each.save(update_fields=["state", "ended_at"])
        else:
            Reservation.objects.filter(id=each.id).update(quantity=F("quantity") - units)
    changes = {stock_id: Change(allocated=-units) for stock_id, units in per_stock.items()}
    holder = surplus[0][0].holder_kind if surplus else ORDER
    move(actor, MovementKind.RELEASE, changes, document=(holder, order_id), reason=reason)
    tell(each.variant_id for each, _ in surplus)  # somebody may wait for what is free now


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "tenant": actor.tenant_id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "channel": actor.channel,
    }
