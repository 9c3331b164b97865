"""Issuing the invoices of many orders: a batch is asked for, and a job works through it, an order in each transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from callcart.commerce.invoicing.errors import BatchRuns, NoSeller
from callcart.commerce.invoicing.issue import issue_for
from callcart.commerce.invoicing.models import Batch, BatchState, Document, IssueAt, Kind
from callcart.commerce.invoicing.seller import is_ready, seller
from callcart.commerce.orders.public import Order
from callcart.core import audit, events, jobs
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import AppError, Invalid, NotFound
from callcart.core.tenancy import current_tenant, tenant_transaction

MOST_COUNTED = 10_001
MOST_PROBLEMS = 200
LONGEST = timedelta(days=400)
_PAID = ("paid", "collected_by_carrier", "remitted", "part_refunded")
_NOT_SENT = ("unreserved", "reserved", "released")
_ACTIVE = (BatchState.WAITING, BatchState.RUNNING)


def orders_without(since: datetime, until: datetime, only: str) -> QuerySet[Order]:
    """The orders of some days that should have an invoice and have none, the oldest first."""
    invoices = Document.objects.filter(order_id=OuterRef("id"), kind=Kind.INVOICE, closed_at__isnull=True)
    found = Order.objects.filter(
        ~Exists(invoices), placed_at__gte=since, placed_at__lt=until, state__in=("confirmed", "closed")
    )
    if only == IssueAt.PAYMENT:
        found = found.filter(payment_state__in=_PAID)
    if only == IssueAt.DISPATCH:
        found = found.exclude(fulfilment_state__in=_NOT_SENT)
    return found.order_by("placed_at", "id")


def start_batch(actor: Actor, *, since: datetime, until: datetime, only: str) -> Batch:
    """Have the invoices of orders of these days issued: of those sent out, of those paid, or of all that are confirmed (`hand`).
    Raises Invalid, NoSeller, BatchRuns."""
    actor.require("invoicing.issue")
    if only not in set(IssueAt):
        raise Invalid(fields={"only": _("Choose one of the values offered.")})
    if not since < until or until - since > LONGEST:
        raise Invalid(fields={"from": _("Choose up to 400 days, the first before the last.")})
    if not is_ready(seller()):
        raise NoSeller
    if Batch.objects.filter(state__in=_ACTIVE, since__lt=until, until__gt=since).exists():
        raise BatchRuns
    batch = Batch.objects.create(
        since=since,
        until=until,
        only=only,
        expected=orders_without(since, until, only)[:MOST_COUNTED].count(),
        staff_id=actor.id,
        staff_name=actor.name,
        made_at=now(),
    )
    audit.record(
        actor,
        "invoicing.issue",
        subject=("invoice_batch", batch.id),
        after={"since": since, "until": until, "only": only},
    )
    _tell(batch)
    jobs.defer(issue_batch, batch_id=str(batch.id))
    return batch


def stop_batch(actor: Actor, batch_id: UUID) -> Batch:
    """Stop it where it stands; what was issued stays. Raises NotFound."""
    actor.require("invoicing.issue")
    batch = Batch.objects.select_for_update().filter(id=batch_id).first()
    if batch is None:
        raise NotFound
    if batch.state in _ACTIVE:
        _end(batch, BatchState.STOPPED)
        audit.record(actor, "invoicing.stop_batch", subject=("invoice_batch", batch.id))
    return batch


def list_batches(actor: Actor, *, limit: int = 20) -> list[Batch]:
    """The latest batches."""
    actor.require("invoicing.view")
    return list(Batch.objects.order_by("-made_at", "-id")[:limit])


def get_batch(actor: Actor, batch_id: UUID) -> Batch:
    """Raises NotFound."""
    actor.require("invoicing.view")
    found = Batch.objects.filter(id=batch_id).first()
    if found is None:
        raise NotFound
    return found


@jobs.job(queue="default", retry=8, atomic=False)
def issue_batch(*, batch_id: str) -> None:
    """Work through a batch. Where a worker dies, the next goes on behind the last order that was committed."""
    tenant_id, more = current_tenant(), True
    while more:
        with tenant_transaction(tenant_id):
            more = next_of(UUID(batch_id))


def next_of(batch_id: UUID) -> bool:
    """Issue for the next order of a batch, in the transaction in hand; False where there is nothing more to do. Two workers at the
    same batch take turns."""
    batch = Batch.objects.select_for_update().filter(id=batch_id, state__in=_ACTIVE).first()
    if batch is None:
        return False
    batch.state = BatchState.RUNNING
    found = orders_without(batch.since, batch.until, batch.only)
    if batch.after_at is not None:
        found = found.filter(
            Q(placed_at__gt=batch.after_at) | Q(placed_at=batch.after_at, id__gt=batch.after_id),
            placed_at__gte=batch.after_at,  # where the index is entered
        )
    order = found.first()
    if order is None:
        _end(batch, BatchState.DONE)
        return False
    batch.after_at, batch.after_id = order.placed_at, order.id
    actor = Actor(
        current_tenant(), ActorKind.SYSTEM, id=batch.staff_id, name=batch.staff_name, channel="batch"
    )
    _issue(batch, actor, order.id)
    batch.save()
    if (batch.issued + batch.refused) % 25 == 1:
        _tell(batch)
    return True


def _issue(batch: Batch, actor: Actor, order_id: UUID) -> None:
    order = Order.objects.select_for_update(no_key=True).get(id=order_id)
    try:
        with transaction.atomic():
            issue_for(actor, order)
    except AppError as error:  # meanwhile cancelled, or invoiced by hand
        batch.refused += 1
        if len(batch.problems) < MOST_PROBLEMS:
            batch.problems = [
                *batch.problems, {"order_id": str(order.id), "number": order.number, "code": error.code}
            ]  # fmt: skip
    else:
        batch.issued += 1


def _end(batch: Batch, state: BatchState) -> None:
    batch.state, batch.ended_at = state, now()
    batch.save()
    _tell(batch)


def _tell(batch: Batch) -> None:
    events.emit("invoicing.batch_changed", data={"batch_id": batch.id, "state": batch.state})
