"""Stock from a list and into a list: what the list says there is. Each difference is a correction with its movement, as a count
makes it; SKUs and warehouses that the list does not name stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.catalog.public import Variant, bundles_among
from callcart.commerce.inventory.change import MOST_ON_HAND
from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import Movement, MovementKind, Stock, Warehouse
from callcart.commerce.inventory.moves import Change, lock_rows, move, tell
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.exchange.public import (
    Column,
    Did,
    Done,
    Importer,
    Kind,
    Outcome,
    Page,
    Place,
    Sheet,
    Unit,
    piece,
    refused,
    register,
)

SHEET = Sheet(
    key="stock",
    label=gettext_lazy("Stock"),
    unit=("sku+warehouse",),
    columns=(
        Column("sku", gettext_lazy("SKU"), required=True, most=64, example="TEA-100", names=("item", "item code", "product code", "商品编码", "货号", "规格编码", "商家编码")),
        Column("warehouse", gettext_lazy("Warehouse"), most=32, example="main", names=("warehouse code", "location", "store", "仓库", "仓库编码", "仓库代码")),
        Column("on_hand", gettext_lazy("On hand"), Kind.WHOLE, required=True, least_value=0, most_value=MOST_ON_HAND, example="120",
               names=("quantity", "qty", "stock", "available", "inventory", "count", "库存", "数量", "现有库存", "库存数量", "可用库存")),
        Column("reason", gettext_lazy("Reason"), most=500, names=("note", "remark", "原因", "备注")),
    ),
)  # fmt: skip


def apply(actor: Actor, units: Sequence[Unit], place: Place, trial: bool) -> list[Outcome]:
    """One outcome a row; all counts that differ change in one statement."""
    return retrying(lambda: _apply(actor, units, trial))


def _apply(actor: Actor, units: Sequence[Unit], trial: bool) -> list[Outcome]:
    scope = actor.require("inventory.adjust").scope
    codes = {code.strip() for code in scope.split(",") if code.strip()}
    places = {row.code: row for row in Warehouse.objects.all()}
    variants = dict(Variant.objects.filter(sku__in=[u.values["sku"] for u in units]).values_list("sku", "id"))
    sets = bundles_among(variants.values())
    asked = [_pair(unit.values, variants, places, codes, sets) for unit in units]
    pairs = {pair for pair in asked if not isinstance(pair, Outcome)}
    rows = _rows(pairs) if trial else lock_rows(pairs) if pairs else {}
    outcomes: list[Outcome] = []
    seen: set[tuple[UUID, UUID]] = set()
    changes: dict[UUID, Change] = {}
    for unit, pair in zip(units, asked, strict=True):
        if isinstance(pair, Outcome):
            outcomes.append(pair)
        elif pair in seen:
            outcomes.append(refused(_("The same SKU and warehouse stand in the list twice."), "sku"))
        else:
            seen.add(pair)
            outcomes.append(_judge(unit.values, rows.get(pair), changes))
    if not trial:
        _write(actor, outcomes, changes, {rows[pair].id: rows[pair].variant_id for pair in pairs})
    return outcomes


def _pair(
    values: Mapping[str, Any],
    variants: Mapping[str, UUID],
    places: Mapping[str, Warehouse],
    codes: set[str],
    sets: set[UUID],
) -> tuple[UUID, UUID] | Outcome:
    """The SKU and warehouse a row is about, or why it is none."""
    variant_id = variants.get(values["sku"])
    if variant_id is None:
        return refused(_("There is no product of this SKU."), "sku")
    if variant_id in sets:
        return refused(_("This is a set, which has no stock of its own."), "sku")
    code = values.get("warehouse", "")
    if not code and len(places) != 1:
        return refused(_("Say which warehouse: there are several."), "warehouse")
    found = places.get(code) if code else next(iter(places.values()))
    if found is None:
        return refused(_("There is no warehouse of this code."), "warehouse")
    if codes and found.code not in codes:
        return refused(_("You may not correct the stock of this warehouse."), "warehouse")
    return variant_id, found.id


def _rows(pairs: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Stock]:
    rows = Stock.objects.filter(
        variant_id__in={v for v, _p in pairs}, warehouse_id__in={p for _v, p in pairs}
    )
    return {(row.variant_id, row.warehouse_id): row for row in rows}


def _judge(values: Mapping[str, Any], row: Stock | None, changes: dict[UUID, Change]) -> Outcome:
    wanted, had = int(values["on_hand"]), row.on_hand if row else 0
    if row is not None and wanted < row.allocated and not row.backorderable and wanted < had:
        said = _("%(count)d are promised to orders; there cannot be fewer.") % {"count": row.allocated}
        return refused(said, "on_hand")
    subject = row.id if row else None
    if wanted == had:
        return Outcome(Did.UNCHANGED, subject)
    reason = str(values.get("reason") or _("Stock list imported"))
    if row is not None:
        changes[row.id] = Change(on_hand=wanted - had, reason=reason)
    return Outcome(
        Did.CHANGED,
        subject,
        before={"on_hand": had},
        after={"on_hand": wanted},
        changes={"on_hand": (had, wanted)},
    )


def _write(
    actor: Actor, outcomes: Sequence[Outcome], changes: Mapping[UUID, Change], variants: Mapping[UUID, UUID]
) -> None:
    move(actor, MovementKind.ADJUST, changes)
    audit.record_many(
        actor,
        "inventory.adjust",
        [
            audit.Entry(("stock", each.subject), each.before, each.after)
            for each in outcomes
            if each.did is Did.CHANGED and each.subject
        ],
    )
    tell(variants[stock_id] for stock_id in changes)


def built_on(done: Sequence[Done]) -> dict[UUID, str]:
    """Counts that have moved since, by anything."""
    wanted = {each.subject: int(each.after["on_hand"]) for each in done}
    latest = dict(
        Movement.objects.filter(stock__in=wanted)
        .order_by("stock_id", "-id")
        .distinct("stock_id")
        .values_list("stock_id", "kind")
    )
    rows = Stock.objects.select_related("variant").filter(id__in=wanted)
    return {
        row.id: _("The stock of %(sku)s has moved since.") % {"sku": row.variant.sku}
        for row in rows
        if row.on_hand != wanted[row.id] or latest.get(row.id) != MovementKind.ADJUST
    }


def undo(actor: Actor, done: Sequence[Done]) -> None:
    """Correct the counts back to what they were, with movements of their own."""
    actor.require("inventory.adjust")
    rows = {row.id: row for row in Stock.objects.filter(id__in=[each.subject for each in done])}
    lock_rows({(row.variant_id, row.warehouse_id) for row in rows.values()})
    changes = {
        each.subject: Change(on_hand=int(each.before["on_hand"]) - int(each.after["on_hand"]))
        for each in done
    }
    move(actor, MovementKind.ADJUST, changes, reason=_("Import of a stock list undone"))
    audit.record_many(
        actor,
        "inventory.adjust",
        [audit.Entry(("stock", each.subject), each.after, each.before) for each in done],
    )
    tell(row.variant_id for row in rows.values())


def export(actor: Actor, sheet: str, filters: Mapping[str, str], cursor: str) -> Page:
    """A page of stock rows in the order of their making. Filter: `warehouse` (its code)."""
    actor.require("inventory.view")
    rows = Stock.objects.select_related("variant", "warehouse")
    if filters.get("warehouse"):
        rows = rows.filter(warehouse__code=filters["warehouse"])
    found, following = piece(rows, cursor)
    values = [
        {"sku": row.variant.sku, "warehouse": row.warehouse.code, "on_hand": row.on_hand, "reason": ""}
        for row in found
    ]
    return Page(values, following)


IMPORTER = register(
    Importer(
        kind="stock",
        label=gettext_lazy("Stock"),
        about=gettext_lazy(
            "How many of each SKU there are in which warehouse: an opening balance, or a count."
        ),
        icon="building-warehouse",
        sheets=(SHEET,),
        permissions=("inventory.adjust",),
        see=("inventory.view",),
        apply=apply,
        built_on=built_on,
        undo=undo,
        export=export,
    )
)
