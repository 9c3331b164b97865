"""Replenishment requests: the desk asks the buyer for what a customer wants and is out; the buyer orders or declines, for all who
asked for a SKU at once; when it comes whoever asked first is served first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.public import Variant, bundles_among
from callcart.commerce.supply.models import ReplenishmentRequest, RequestState
from callcart.commerce.supply.states import RequestAnswered, move_request
from callcart.commerce.supply.telling import answer
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.fields import Fields
from callcart.people.customers.public import Customer

MOST_UNITS = 100_000


def ask_replenishment(
    actor: Actor, *, variant_id: UUID, quantity: int, customer_id: UUID | None = None, note: str = ""
) -> ReplenishmentRequest:
    """Ask the buyer for units of a SKU. The same person asking for the same customer once more, as long as nobody has answered,
    changes what was asked. Raises PermissionDenied, Invalid, NotFound."""
    actor.require("supply.ask")
    form = Fields()
    if not 1 <= quantity <= MOST_UNITS:
        form.refuse("quantity", gettext("Give a quantity from 1 to %(most)d.") % {"most": MOST_UNITS})
    text = form.block("note", note, most=500)
    if bundles_among([variant_id]):
        form.refuse("variant_id", gettext("This is a set. Ask for what is missing in it."))
    variant = Variant.objects.filter(id=variant_id).first()
    known = customer_id is None or Customer.objects.filter(id=customer_id).exists()
    if variant is None or not known:
        raise NotFound
    form.done()
    mine = ReplenishmentRequest.objects.select_for_update(no_key=True).filter(
        variant=variant, state=RequestState.ASKED, asked_by=actor.id, customer_id=customer_id
    )
    found = mine.first()
    if found is None:
        found = ReplenishmentRequest(
            variant=variant, customer_id=customer_id, asked_at=now(), asked_by=actor.id, asked_by_name=actor.name
        )  # fmt: skip
    found.quantity, found.note = quantity, text
    found.save()
    answer(actor, found, "ask")
    return found


def withdraw_request(actor: Actor, request_id: UUID) -> ReplenishmentRequest:
    """Take a request back that nobody has answered; others' only who may answer them. Raises NotFound, PermissionDenied,
    RequestAnswered."""
    found = ReplenishmentRequest.objects.select_for_update(no_key=True).filter(id=request_id).first()
    if found is None:
        raise NotFound
    if not actor.can("supply.buy"):
        actor.require("supply.ask")
        if found.asked_by != actor.id:
            raise PermissionDenied(permission="supply.buy")
    _end(actor, found, RequestState.WITHDRAWN, "withdraw")
    return found


def decline_requests(
    actor: Actor, *, variant_id: UUID, reason: str, request_ids: Collection[UUID] | None = None
) -> list[ReplenishmentRequest]:
    """Say no to all who asked for a SKU (or to some of them), and why. Raises PermissionDenied, Invalid, RequestAnswered where
    nothing waits for an answer any more."""
    actor.require("supply.buy")
    form = Fields()
    said = form.line("reason", reason, most=300, required=True)
    form.done()
    found = waiting_for_answer([variant_id], request_ids)
    if not found:
        raise RequestAnswered
    for each in found:
        each.reason = said
        _end(actor, each, RequestState.DECLINED, "decline")
    return found


def waiting_for_answer(
    variant_ids: Collection[UUID], request_ids: Collection[UUID] | None = None
) -> list[ReplenishmentRequest]:
    """Open questions about some SKUs, under lock, in ascending id."""
    rows = ReplenishmentRequest.objects.select_for_update(no_key=True).filter(
        variant_id__in=list(variant_ids), state=RequestState.ASKED
    )
    if request_ids is not None:
        rows = rows.filter(id__in=list(request_ids))
    return list(rows.order_by("id"))


def mark_ordered(actor: Actor, rows: Sequence[ReplenishmentRequest], document_id: UUID) -> None:
    """Requests under lock are on order with a purchase."""
    for each in rows:
        each.document_id = document_id
        _end(actor, each, RequestState.ORDERED, "order")


def follow_document(actor: Actor, document_id: UUID, *, came: dict[UUID, int], ended: bool) -> int:
    """A purchase moved on: `came` are units by SKU so far. Requests it covers, in the order they were made, have arrived; once it
    has ended, those it does not are asked for again. May run twice. Returns how many changed."""
    rows = list(
        ReplenishmentRequest.objects.select_for_update(no_key=True)
        .filter(document_id=document_id, state__in=[RequestState.ORDERED, RequestState.ARRIVED])
        .order_by("id")
    )
    left, changed = dict(came), 0
    for each in rows:
        covered = left.get(each.variant_id, 0) >= each.quantity
        if covered:
            left[each.variant_id] -= each.quantity
        if each.state != RequestState.ORDERED:
            continue
        if covered:
            _end(actor, each, RequestState.ARRIVED, "arrive")
        elif ended:
            each.document_id = None
            _end(actor, each, RequestState.ASKED, "ask_again")
        changed += covered or ended
    return changed


def _end(actor: Actor, found: ReplenishmentRequest, state: RequestState, verb: str) -> None:
    found.state = move_request(found.state, state)
    asked_again = state is RequestState.ASKED
    found.answered_at = None if asked_again else now()
    found.answered_by_name = "" if asked_again else actor.name
    found.save(update_fields=["state", "document_id", "answered_at", "answered_by_name", "reason"])
    answer(actor, found, verb)
