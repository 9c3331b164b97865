"""Stock documents of the small shop in tests, made in a line."""

from __future__ import annotations

from typing import Any

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import (
    Arrival,
    CountDraft,
    Document,
    DocumentKind,
    LineDraft,
    StockInDraft,
    StockOutDraft,
    TransferDraft,
)
from callcart.commerce.inventory.public import Condition, Stock
from callcart.core.actor import Actor
from callcart.core.ids import new_id
from tests.commerce.shop import Shop


def key() -> str:
    return f"test-{new_id()}"


def lines(shop: Shop, *wanted: tuple[str, int], **more: Any) -> tuple[LineDraft, ...]:
    return tuple(LineDraft(shop.variants[sku].id, units, **more) for sku, units in wanted)


def purchase(
    shop: Shop, *wanted: tuple[str, int], place: str = "west", opened: bool = True, **more: Any
) -> Document:
    """A purchase of (SKU, units), on order."""
    draft = StockInDraft(DocumentKind.PURCHASE, shop.warehouses[place].id, lines(shop, *wanted, **more))
    made = documents.make_stock_in(shop.boss, draft)
    return documents.open_stock_in(shop.boss, made.id) if opened else made


def take_in(
    shop: Shop, document: Document, *came: tuple[str, int], actor: Actor | None = None, **how: Any
) -> Any:
    condition = how.pop("condition", Condition.SELLABLE)
    arrivals = [Arrival(shop.variants[sku].id, units, condition) for sku, units in came]
    how.setdefault("idempotency_key", key())
    return documents.receive(actor or shop.boss, document.id, arrivals, **how)


def transfer(shop: Shop, *wanted: tuple[str, int], sent: bool = True) -> Document:
    """Units from west to east."""
    draft = TransferDraft(shop.warehouses["west"].id, shop.warehouses["east"].id, lines(shop, *wanted))
    made = documents.make_transfer(shop.boss, draft)
    return documents.send(shop.boss, made.id) if sent else made


def stock_out(shop: Shop, *wanted: tuple[str, int], kind: str = "write_off", **more: Any) -> Document:
    draft = StockOutDraft(
        DocumentKind(kind), shop.warehouses["west"].id, lines(shop, *wanted, **more), note="wet"
    )
    return documents.make_stock_out(shop.boss, draft)


def begin_count(shop: Shop, *skus: str, **more: Any) -> Document:
    chosen = tuple(shop.variants[sku].id for sku in skus)
    return documents.make_count(shop.boss, CountDraft(shop.warehouses["west"].id, variant_ids=chosen, **more))


def row(shop: Shop, sku: str, place: str = "west") -> Stock:
    return Stock.objects.get(variant=shop.variants[sku], warehouse=shop.warehouses[place])


def again(document: Document) -> Document:
    return Document.objects.get(id=document.id)
