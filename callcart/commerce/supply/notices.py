"""Asking to hear when a SKU is back, and taking that back. Whoever asks twice is on the list once.

Locks are taken in one order everywhere: the SKU's stock, then notices in ascending id.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.catalog.public import Variant, bundles_among
from callcart.commerce.inventory import public as inventory
from callcart.commerce.supply.models import ArrivalNotice, NoticeChannel, NoticeState
from callcart.commerce.supply.states import OPEN_NOTICES, move_notice
from callcart.commerce.supply.telling import CALL_BACK, note
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound, PermissionDenied
from callcart.core.fields import Fields
from callcart.people.customers.public import Customer
from callcart.people.tasks.public import close_tasks

MOST_UNITS = 999
MOST_OPEN = 50
"""So many products one customer may wait for."""


class InStock(Conflict):
    """This is in stock: it can be ordered now."""

    code = "supply.in_stock"


def ask_notice(
    actor: Actor, *, variant_id: UUID, channel: str, customer_id: UUID | None = None, quantity: int = 1
) -> ArrivalNotice:
    """Put a customer on the list of a SKU that is out. Customers ask for themselves; staff need `supply.ask`. One who waits
    already keeps the place, with the new units and channel; to one who was told nothing changes. Raises PermissionDenied,
    Invalid with every wrong field, InStock."""
    buyer = _whose(actor, customer_id)
    customer, variant = _checked(variant_id, channel, buyer, quantity)
    found = _open_notice(buyer, variant_id)
    if found is None:
        if any(each > 0 for each in _left(variant_id)):
            raise InStock
        found = _make(actor, customer, variant, channel, quantity)
    if found.state == NoticeState.WAITING and (found.quantity, found.channel) != (quantity, channel):
        found.quantity, found.channel = quantity, channel
        found.save(update_fields=["quantity", "channel"])
        note(actor, found, "change")
    return found


def _whose(actor: Actor, customer_id: UUID | None) -> UUID:
    if actor.kind is ActorKind.CUSTOMER:
        if actor.id is None or customer_id not in (None, actor.id):
            raise PermissionDenied(permission="supply.ask")
        return actor.id
    actor.require("supply.ask")
    if customer_id is None:
        raise NotFound
    return customer_id


def _checked(variant_id: UUID, channel: str, customer_id: UUID, quantity: int) -> tuple[Customer, Variant]:
    form = Fields()
    customer = Customer.objects.filter(id=customer_id).first()
    variant = Variant.objects.filter(id=variant_id).first()
    if customer is None or variant is None:
        raise NotFound
    if not variant.on_sale:
        form.refuse("variant_id", gettext("This product is no longer sold."))
    if bundles_among([variant_id]):
        form.refuse("variant_id", gettext("This is a set. Wait for what is missing in it."))
    if customer.blocked:
        form.refuse("customer_id", gettext("This customer is blocked and cannot order."))
    if not 1 <= quantity <= MOST_UNITS:
        form.refuse("quantity", gettext("Give a quantity from 1 to %(most)d.") % {"most": MOST_UNITS})
    form.choice("channel", channel, NoticeChannel)
    if channel == NoticeChannel.MAIL and not customer.emails.exists():
        form.refuse("channel", gettext("There is no e-mail address to write to."))
    if channel in (NoticeChannel.SMS, NoticeChannel.CALL) and not customer.phones.exists():
        form.refuse("channel", gettext("There is no telephone number to reach."))
    if _full(customer_id, variant_id):
        form.refuse(
            "variant_id", gettext("At most %(most)d products can be waited for.") % {"most": MOST_OPEN}
        )
    form.done()
    return customer, variant


def _full(customer_id: UUID, variant_id: UUID) -> bool:
    rows = ArrivalNotice.objects.filter(customer_id=customer_id, state__in=OPEN_NOTICES)
    return rows.exclude(variant_id=variant_id)[:MOST_OPEN].count() >= MOST_OPEN


def _left(variant_id: UUID) -> list[int]:
    """What is free by warehouse; goods that may be ordered back can be ordered now too."""
    rows = inventory.availability([variant_id])[variant_id]
    return [max(each.available, int(each.backorderable)) for each in rows]


def _open_notice(customer_id: UUID, variant_id: UUID) -> ArrivalNotice | None:
    rows = ArrivalNotice.objects.select_for_update(no_key=True)
    return rows.filter(customer_id=customer_id, variant_id=variant_id, state__in=OPEN_NOTICES).first()


def _make(actor: Actor, customer: Customer, variant: Variant, channel: str, quantity: int) -> ArrivalNotice:
    made = ArrivalNotice(
        customer_id=customer.id,
        variant=variant,
        quantity=quantity,
        channel=channel,
        language=customer.language,
        asked_at=now(),
        asked_by=actor.id if actor.is_staff else None,
        asked_by_name=actor.name if actor.is_staff else "",
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # asked at the same moment from another window
        found = _open_notice(customer.id, variant.id)
        return made if found is None else found
    note(actor, made, "ask")  # its event has the queue looked at: goods may have come since we looked
    return made


def cancel_notice(actor: Actor, notice_id: UUID, *, reason: str = "") -> ArrivalNotice:
    """Take a customer off the list; what is held for them is free again. Raises NotFound (also to customers whose it is not),
    PermissionDenied, NoticeEnded."""
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require("supply.ask")
    form = Fields()
    said = form.line("reason", reason, most=200)
    form.done()
    return inventory.retrying(lambda: _cancel(actor, notice_id, said))


def _cancel(actor: Actor, notice_id: UUID, reason: str) -> ArrivalNotice:
    found = locked_notice(notice_id)
    if actor.kind is ActorKind.CUSTOMER and (actor.id is None or found.customer_id != actor.id):
        raise NotFound
    end_notice(actor, found, NoticeState.CANCELLED, reason=reason)
    return found


def locked_notice(notice_id: UUID) -> ArrivalNotice:
    """A notice under lock, its SKU's stock locked before it. Raises NotFound."""
    variant_id = ArrivalNotice.objects.filter(id=notice_id).values_list("variant_id", flat=True).first()
    if variant_id is None:
        raise NotFound
    inventory.promisable([variant_id])
    return ArrivalNotice.objects.select_for_update(no_key=True).get(id=notice_id)


def end_notice(
    actor: Actor,
    found: ArrivalNotice,
    state: NoticeState,
    *,
    order_id: UUID | None = None,
    reason: str = "",
) -> None:
    """End a notice that is locked, its stock too: what it holds is given back, its call need not be made any more."""
    was = found.state
    found.state = move_notice(was, state)
    if was == NoticeState.TOLD:
        inventory.release(actor, found.id, reason=reason or f"arrival notice {state}")
    found.held, found.ended_at, found.order_id, found.reason = 0, now(), order_id, reason
    found.save(update_fields=["state", "held", "ended_at", "order_id", "reason"])
    close_tasks(CALL_BACK, ("arrival_notice", found.id), outcome=state)
    note(actor, found, str(state))
