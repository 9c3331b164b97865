"""What is running low, and how many to buy. The list is counted from sales, stock and open purchases (`low.sql`): all of it every
night, and every few minutes the SKUs that moved since.

The formula is the order-point, order-up-to-level (s, S) rule of Silver, Pyke & Thomas, Inventory and Production Management in Supply
Chains, 4th ed., ch. 6: s = demand per day × lead time + safety stock, compared with the inventory position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.supply.models import LowStock, ReplenishmentRequest
from callcart.commerce.supply.requests import mark_ordered, waiting_for_answer
from callcart.commerce.supply.rules import locked_rules, rules_of_shop
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw, sql
from callcart.core.errors import Conflict
from callcart.core.fields import Fields
from callcart.core.tenancy import current_tenant

OVERLAP = timedelta(minutes=10)
"""So far back a look at what moved begins before the last one: a long transaction may have committed after it."""
MOST_LINES = 500


class NotLow(Conflict):
    """None of these is low any more: the list was counted again."""

    code = "supply.not_low"


def count_low(variant_ids: Collection[UUID] | None = None) -> int:
    """Count the list again, of some SKUs or of all; how many rows are low."""
    if variant_ids is not None and not variant_ids:
        return 0
    rules = rules_of_shop()
    found = raw.all(
        sql("callcart.commerce.supply", "low"),
        {
            "tenant": current_tenant(), "now": now(), "variants": None if variant_ids is None else sorted(set(variant_ids)),
            "since": _first_id(now() - timedelta(days=rules.window_days)), "window": rules.window_days,
            "lead": rules.lead_days, "cover": rules.cover_days,
        },
    )  # fmt: skip
    return len(found)


def count_moved() -> int:
    """Count what moved since the last look; the first time, all. How many SKUs were looked at (-1: all). Two never count at once:
    the second waits for the rules' row."""
    rules = locked_rules()
    last = raw.value("SELECT id FROM inventory_movement ORDER BY id DESC LIMIT 1")
    if rules.counted_to is None:
        count_low()
        looked = -1
    else:
        since = _first_id(_moment(rules.counted_to) - OVERLAP)
        moved = raw.all("SELECT DISTINCT variant_id FROM inventory_movement WHERE id >= %s", (since,))
        count_low([row[0] for row in moved])
        looked = len(moved)
    rules.counted_to = last or _first_id(now())
    rules.save(update_fields=["counted_to"])
    return looked


def order_low(actor: Actor, quantities: Mapping[UUID, int]) -> list[documents.Document]:
    """Draft the purchase of low rows, units by the row's id: one stock-in document a warehouse, with what was last paid. Whoever
    asked for these SKUs sees that they are on order. From then on drafted units count as coming. Raises PermissionDenied, Invalid
    (each row by its id), NotLow."""
    actor.require("supply.buy")
    _check(quantities)
    rows = LowStock.objects.select_for_update().select_related("stock").filter(id__in=list(quantities))
    by_place = defaultdict[UUID, list[tuple[LowStock, int]]](list)
    for row in rows.order_by("id"):
        by_place[row.warehouse_id].append((row, quantities[row.id]))
    if not by_place:
        raise NotLow
    made = []
    open_requests = waiting_for_answer({each.variant_id for rows in by_place.values() for each, _ in rows})
    for place, lines in sorted(by_place.items()):
        drafts = tuple(
            documents.LineDraft(each.variant_id, units, each.stock.cost_minor) for each, units in lines
        )
        made.append(_purchase(actor, place, drafts, open_requests))
        open_requests = [each for each in open_requests if each.document_id is None]
    count_low({row.variant_id for rows in by_place.values() for row, _ in rows})
    return made


def order_requests(
    actor: Actor, *, variant_id: UUID, warehouse_id: UUID, quantity: int
) -> documents.Document:
    """Draft the purchase of a SKU that was asked for; all open requests for it go with it. Raises PermissionDenied, Invalid."""
    actor.require("supply.buy")
    line = documents.LineDraft(variant_id, quantity)
    made = _purchase(actor, warehouse_id, (line,), waiting_for_answer([variant_id]))
    count_low([variant_id])
    return made


def _check(quantities: Mapping[UUID, int]) -> None:
    form = Fields()
    if not quantities:
        form.refuse("rows", gettext("Choose at least one product."))
    if len(quantities) > MOST_LINES:
        form.refuse("rows", gettext("At most %(most)d lines at once.") % {"most": MOST_LINES})
    for row_id, units in quantities.items():
        if not 0 < units <= 10_000_000:
            form.refuse(str(row_id), gettext("Give a whole number above zero."))
    form.done()


def _purchase(
    actor: Actor,
    warehouse_id: UUID,
    lines: tuple[documents.LineDraft, ...],
    asked: Collection[ReplenishmentRequest],
) -> documents.Document:
    draft = documents.StockInDraft(documents.DocumentKind.PURCHASE, warehouse_id, lines)
    made = documents.make_stock_in(actor, draft)
    bought = {each.variant_id for each in lines}
    with_it = [each for each in asked if each.variant_id in bought]
    mark_ordered(actor, with_it, made.id)
    audit.record(
        actor,
        "supply.buy",
        subject=(documents.KIND, made.id),
        after={"lines": len(lines), "requests": len(with_it)},
    )
    return made


def _first_id(moment: datetime) -> UUID:
    """The lowest id that can have been made at a moment (RFC 9562: 48 bits of milliseconds lead)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _moment(row_id: UUID) -> datetime:
    return now() - timedelta(seconds=now().timestamp() - (row_id.int >> 80) / 1000)
