"""What goes on in the demo shops' warehouses: bins, purchases awaited and half received, a transfer under way and one that came
short, damaged units, some with quality control, a count that has begun.

Done by the public verbs after the trade, so that what the shelves should have free stays as the data asks for.
"""

from __future__ import annotations

from datetime import timedelta

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Arrival, Counted, Document, DocumentKind, LineDraft
from callcart.commerce.inventory.models import Stock, Warehouse
from callcart.commerce.inventory.public import Condition
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.people.tenants.public import Tenant

SUPPLIERS = {
    "US": ("Cedar Mill Supply", "Bluewater Home Goods", "Ridge & Vale"),
    "CN": ("青山食品有限公司", "湖州纺织厂", "粤顺家电批发部"),
}
WORDS = {
    "US": {"look": "seal open, to be looked at", "balance": "stock for the busy weeks", "count": "shelf A, monthly count",
           "why": "display piece, scratched"},
    "CN": {"look": "封口破损，待质检", "balance": "旺季备货调拨", "count": "A 区月度盘点", "why": "样品划痕"},
}  # fmt: skip
AISLES = "ABCDEF"


def seed_stock(actor: Actor, tenant: Tenant) -> None:
    """Everything of the warehouses that is not the shelves' opening stock."""
    places = list(Warehouse.objects.order_by("priority"))
    _bins()
    rows = list(Stock.objects.filter(warehouse=places[0], on_hand__gt=8).order_by("variant__sku")[:14])
    if len(rows) < 14 or len(places) < 2:
        return
    said, sellers = WORDS[tenant.country], SUPPLIERS[tenant.country]
    _purchases(actor, tenant, places[0], rows, sellers)
    _transfers(actor, places[0], places[1], rows, said)
    _apart(actor, rows[10], said)
    _count(actor, places[0], said)


def _bins() -> None:
    """Bins in the order of the SKUs: an aisle for each thirty, ten to a shelf. Places are no movement: set at once."""
    for place in Warehouse.objects.all():
        rows = list(Stock.objects.filter(warehouse=place).order_by("variant__sku"))
        for number, row in enumerate(rows):
            aisle = AISLES[(number // 30) % len(AISLES)]
            row.bin, row.route = f"{aisle}-{number % 30 // 10 + 1:02}-{number % 10 + 1}", (number + 1) * 10
            row.safety = 6
        Stock.objects.bulk_update(rows, ["bin", "route", "safety"])


def _purchase(
    actor: Actor, tenant: Tenant, place: Warehouse, rows: list[Stock], seller: str, units: int, days: int
) -> Document:
    lines = tuple(LineDraft(row.variant_id, units, row.variant.price_minor * 55 // 100) for row in rows)
    made = documents.make_stock_in(
        actor,
        documents.StockInDraft(
            DocumentKind.PURCHASE, place.id, lines, partner=seller, reference=f"PO-{2600 + units}",
            due_on=today(tenant.timezone) + timedelta(days=days),
        ),
    )  # fmt: skip
    return documents.open_stock_in(actor, made.id)


def _purchases(
    actor: Actor, tenant: Tenant, place: Warehouse, rows: list[Stock], sellers: tuple[str, ...]
) -> None:
    """One awaited, one late and half here, one that came whole."""
    _purchase(actor, tenant, place, rows[:3], sellers[0], 24, days=4)
    half = _purchase(actor, tenant, place, rows[3:6], sellers[1], 12, days=-1)
    first, second, _third = (row.variant_id for row in rows[3:6])
    arrivals = [Arrival(first, 2, Condition.DAMAGED), Arrival(second, 3, Condition.INSPECTING)]
    documents.receive(actor, half.id, arrivals, idempotency_key="demo-half")
    whole = _purchase(actor, tenant, place, rows[6:9], sellers[2], 6, days=-6)
    arrivals = [Arrival(row.variant_id, 6) for row in rows[6:9]]
    documents.receive(actor, whole.id, arrivals, idempotency_key="demo-whole")


def _transfers(
    actor: Actor, source: Warehouse, target: Warehouse, rows: list[Stock], said: dict[str, str]
) -> None:
    """One on the way, one that came one short. What they take was bought whole just before."""
    for sent in (rows[6:8], rows[8:9]):
        lines = tuple(LineDraft(row.variant_id, 6) for row in sent)
        draft = documents.TransferDraft(source.id, target.id, lines, note=said["balance"])
        document = documents.send(actor, documents.make_transfer(actor, draft).id)
    documents.receive(
        actor,
        document.id,
        [Arrival(rows[8].variant_id, 5, Condition.INSPECTING)],
        idempotency_key="demo-short",
    )
    documents.finish_receiving(actor, document.id)


def _apart(actor: Actor, row: Stock, said: dict[str, str]) -> None:
    for units, condition, why in (
        (2, Condition.DAMAGED, said["why"]),
        (1, Condition.INSPECTING, said["look"]),
    ):
        inventory.put(
            actor, warehouse_id=row.warehouse_id, variant_id=row.variant_id, quantity=units, condition=condition, reason=why
        )  # fmt: skip


def _count(actor: Actor, place: Warehouse, said: dict[str, str]) -> None:
    draft = documents.CountDraft(place.id, shelf="A-01", note=said["count"])
    document = documents.make_count(actor, draft)
    lines = documents.lines_of(document)[:4]
    entries = [
        Counted(line.variant_id, max(line.expected - (number == 2), 0), add=False)
        for number, line in enumerate(lines)
    ]
    documents.count(actor, document.id, entries, idempotency_key="demo-count")
