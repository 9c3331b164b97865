"""Settling a case: the replacement is ordered, the money goes back, what is not ours to keep is sent back; then it is closed.

Settled once: the case's lock and state, and the key of the refund, see to it. Money is asked of payments, which never gives back more
than came in, from wherever it is asked at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.costs import note_cost
from callcart.commerce.aftersales.exchange import send_replacement
from callcart.commerce.aftersales.models import Case, Finding
from callcart.commerce.aftersales.scope import locked, visible
from callcart.commerce.aftersales.states import (
    STAYS_HERE,
    CaseState,
    CostKind,
    Goods,
    WrongCaseState,
    check_transition,
)
from callcart.commerce.aftersales.worth import LineShare, Proposal, propose
from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders.public import OrderState, cancel_order, follow_deliveries
from callcart.commerce.payments import public as payments
from callcart.commerce.shipping.public import ParcelState, open_dispatches, parcels_of
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import spoken
from callcart.core.money import Money
from callcart.people.approvals import public as approvals

SETTLE = "aftersales.settle"


class MoreThanApproved(Conflict):
    """%(due)s would be given back now, and %(approved)s was asked for: money has come in since. Refuse this request, and have it asked
    again with the new amount."""

    code = "aftersales.more_than_approved"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a case is settled; what is None is as proposed. `to`: the way paid (empty) or another, such as store credit. `at_most_minor`:
    the refund that somebody approved."""

    fee_minor: int | None = None
    delivery_minor: int | None = None
    to: str = ""
    at_most_minor: int | None = None


@dataclass(frozen=True, slots=True)
class _Sums:
    fee: int
    delivery: int
    refund: Money


def settle(actor: Actor, case_id: UUID, settlement: Settlement, *, version: int) -> Case:
    """Do what follows of what was found. Raises NotFound, StaleCase, WrongCaseState, Invalid, PermissionDenied,
    NeedsApproval above the actor's limit of refunds, MoreThanApproved, TooMuchRefund, InsufficientStock for a replacement."""
    return inventory.retrying(lambda: _settle(actor, case_id, settlement, version))


def _settle(actor: Actor, case_id: UUID, settlement: Settlement, version: int) -> Case:
    case = locked(actor, SETTLE, case_id, version=version)
    check_transition(case.state, CaseState.SETTLED)
    proposal = propose(case)
    sums = _sums(proposal, settlement)
    _check_ceiling(actor, sums.refund, settlement.at_most_minor)
    replaced = {line_id: each.replaced for line_id, each in proposal.lines.items() if each.replaced}
    if replaced:
        send_replacement(actor, case, replaced)
        if proposal.unpaid:
            follow_deliveries(actor, case.order, settled=True)  # it is paid for with what is sent instead
    _keep(case, proposal, sums, settlement.to)
    told = _told(case, proposal)
    case = history.step(actor, case, CaseState.SETTLED, told=told)
    if not _cancel_what_came_back(actor, case) and sums.refund:
        payments.request_refund(
            actor,
            case.order_id,
            amount=sums.refund,
            reason=_reason(case),
            idempotency_key=f"return-{case.id}",
            to=settlement.to,
        )
    close_if_done(actor, case)
    return case


def preview(actor: Actor, case_id: UUID) -> Proposal:
    """What settling would give back. Raises NotFound, PermissionDenied."""
    case = visible(actor).select_related("order").filter(id=case_id).first()
    if case is None:
        raise NotFound
    return propose(case)


def ask_to_settle(
    actor: Actor, case_id: UUID, settlement: Settlement, *, version: int, reason: str
) -> approvals.Approval:
    """Have somebody with a higher limit of refunds settle it like this. Raises as `settle`, AlreadyAsked, NobodyCanApprove."""
    case = visible(actor, SETTLE).select_related("order").filter(id=case_id).first()
    if case is None:
        raise NotFound
    check_transition(case.state, CaseState.SETTLED)
    sums = _sums(propose(case), settlement)
    with override(actor.language):
        label = gettext("Return %(number)s") % {"number": spoken(case.number)}
    return approvals.ask(
        actor,
        action=SETTLE,
        permission="payments.refund",
        subject=("return", case.id),
        label=label,
        amount=sums.refund,
        payload={
            "case": str(case.id),
            "version": version,
            "fee": sums.fee,
            "delivery": sums.delivery,
            "to": settlement.to,
            "at_most": sums.refund.minor,
        },
        reason=reason,
    )


def as_asked(payload: Mapping[str, Any]) -> Settlement:
    """The settlement that an approval is about."""
    most = payload.get("at_most")
    return Settlement(
        int(payload["fee"]), int(payload["delivery"]), str(payload["to"]), None if most is None else int(most)
    )


def _check_ceiling(actor: Actor, refund: Money, at_most_minor: int | None) -> None:
    if at_most_minor is not None and refund.minor > at_most_minor:
        approved = Money(at_most_minor, refund.currency)
        raise MoreThanApproved(due=refund.format(actor.language), approved=approved.format(actor.language))


def send_back(
    actor: Actor, case_id: UUID, *, carrier: str, tracking: str, cost: Money | None = None, version: int
) -> Case:
    """What was repaired or not accepted is on its way to the customer. Raises NotFound, StaleCase, WrongCaseState, Invalid."""
    case = locked(actor, SETTLE, case_id, version=version)
    if case.state != CaseState.SETTLED or not goes_back(case) or case.sent_back_at is not None:
        raise WrongCaseState(state=case.state)
    fields = Fields()
    by = fields.line("carrier", carrier, most=100, required=True)
    number = fields.line("tracking", tracking, most=100)
    if cost is not None and (cost.currency != case.currency or cost.minor < 0):
        fields.refuse("cost", gettext("An amount such as 12.50."))
    fields.done()
    case.back_by, case.back_tracking, case.sent_back_at = by, number, now()
    case.version += 1
    case.save(update_fields=["back_by", "back_tracking", "sent_back_at", "version"])
    history.note(actor, case, "sent_back", data={"by": by, "tracking": number})
    if cost is not None and cost.minor:
        note_cost(actor, case, CostKind.FREIGHT, cost.minor)
    close_if_done(actor, case)
    return case


def goes_back(case: Case) -> bool:
    """Whether some of the goods are not ours to keep."""
    return Finding.objects.filter(case_line__case=case).exclude(goods__in=STAYS_HERE).exists()


def close_if_done(actor: Actor, case: Case) -> bool:
    """Close a settled case of which nothing is open: nothing to send back, no money of the order under way. The caller holds
    its lock."""
    if case.state != CaseState.SETTLED or (goes_back(case) and case.sent_back_at is None):
        return False
    case.order.refresh_from_db()
    sums = payments.sums_of([case.order_id]).get(case.order_id)
    if case.refund_minor and sums is not None and sums.refund_open:
        return False
    case.closed_at = now()
    history.step(actor, case, CaseState.CLOSED)
    return True


def _sums(proposal: Proposal, settlement: Settlement) -> _Sums:
    fee = proposal.fee.minor if settlement.fee_minor is None else settlement.fee_minor
    delivery = proposal.delivery.minor if settlement.delivery_minor is None else settlement.delivery_minor
    fields = Fields()
    if not 0 <= fee <= proposal.goods.minor:
        fields.refuse("fee", gettext("At most what is given back for the goods."))
    if not 0 <= delivery <= proposal.delivery_most:
        fields.refuse("delivery", gettext("At most what is left of what was paid for delivery."))
    fields.done()
    currency = proposal.goods.currency
    due = Money(proposal.goods.minor + delivery - fee, currency)
    return _Sums(fee, delivery, min(due, proposal.most))


def _keep(case: Case, proposal: Proposal, sums: _Sums, to: str) -> None:
    for row in case.lines.all():
        found: LineShare = proposal.lines[row.id]
        row.gone, row.refunded, row.value_minor = found.gone, found.refunded, found.refund_minor
        row.save(update_fields=["gone", "refunded", "value_minor"])
    case.goods_minor, case.fee_minor, case.delivery_minor = proposal.goods.minor, sums.fee, sums.delivery
    case.refund_minor, case.refund_to = sums.refund.minor, to


def _told(case: Case, proposal: Proposal) -> str:
    """What the customer hears: the best of what they get."""
    if case.refund_minor:
        return "refunded"
    if any(each.replaced for each in proposal.lines.values()):
        return "exchanged"
    repaired = Finding.objects.filter(case_line__case=case, goods=Goods.REPAIR).exists()
    if repaired:
        return "repaired"
    return "settled" if any(each.gone for each in proposal.lines.values()) else "rejected"


def _cancel_what_came_back(actor: Actor, case: Case) -> bool:
    """An order of which all parcels came back undelivered, and nothing is still to be sent, is cancelled: what was paid is owed back
    by that, cash is no longer awaited. Whether it was."""
    order = case.order
    if case.parcel_id is None or case.exchange_order_id is not None or order.state != OrderState.CONFIRMED:
        return False
    boxes = parcels_of([order.id]).get(order.id, [])
    if any(each.state not in (ParcelState.RETURNED, ParcelState.LOST) for each in boxes):
        return False
    if open_dispatches(order.id):
        return False
    order.refresh_from_db()
    system = Actor.system(actor.tenant_id, actor.name, channel=actor.channel)
    case.refund_minor = 0
    case.save(update_fields=["refund_minor"])
    cancel_order(system, order.id, reason=_reason(case), version=order.version)
    return True


def _reason(case: Case) -> str:
    with override(case.order.language):
        return gettext("Return %(number)s") % {"number": case.number}
