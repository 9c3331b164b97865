"""What moves supply: stock that changed serves those who wait, a purchase that moved on answers those who asked. Each may run
twice."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.supply.holds import serve, serve_job
from callcart.commerce.supply.models import ArrivalNotice, NoticeState, ReplenishmentRequest
from callcart.commerce.supply.requests import follow_document
from callcart.core import events, jobs
from callcart.core.actor import Actor


@events.handler("stock.changed")
def on_stock_changed(event: events.Event) -> None:
    """Units may have become free: each SKU somebody waits for is served in a transaction of its own."""
    waiting = ArrivalNotice.objects.filter(state=NoticeState.WAITING)
    if not event.data.get("many"):
        waiting = waiting.filter(variant_id__in=[UUID(each) for each in event.data.get("variant_ids", [])])
    found = sorted(set(waiting.values_list("variant_id", flat=True)))
    if len(found) == 1:
        serve(found[0])
        return
    for variant_id in found:
        jobs.defer(serve_job, variant_id=str(variant_id))


@events.handler("supply.notice_changed")
def on_notice_changed(event: events.Event) -> None:
    """Somebody began to wait: goods may have come between their look and their question."""
    if event.data.get("state") == NoticeState.WAITING:
        serve(UUID(str(event.data["variant_id"])))


@events.handler("stock_document.changed")
def on_document_changed(event: events.Event) -> None:
    """A purchase was received, cancelled or closed short."""
    document_id = event.subject_id
    if document_id is None or not ReplenishmentRequest.objects.filter(document_id=document_id).exists():
        return
    document = documents.Document.objects.select_for_update(no_key=True).filter(id=document_id).first()
    if document is None:
        return
    came: Counter[UUID] = Counter()
    for line in document.lines.all():
        came[line.variant_id] += line.received
    actor = Actor.system(event.tenant_id, "supply")
    follow_document(actor, document_id, came=dict(came), ended=document.ended_at is not None)
