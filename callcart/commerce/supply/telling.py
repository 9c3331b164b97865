"""What goes out of supply: audit and events of each step, the task of phoning somebody, and the answer to whoever asked.

Events hold ids only. `supply.arrived` is what messages to customers are made of; a call is a task instead.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from callcart.commerce.supply.models import ArrivalNotice, NoticeChannel, ReplenishmentRequest, RequestState
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.people.tasks import public as tasks

CALL_BACK = "call_back_arrival"
ARRIVED, DECLINED = "replenishment_arrived", "replenishment_declined"

tasks.declare(
    CALL_BACK,
    label=_("Goods are back: phone the customer"),
    sentence=_("%(sku)s is back: %(units)s held for the customer"),
    link="office:arrival_notice",
    permission="supply.ask",
    calls=True,
)

tasks.declare(
    ARRIVED,
    label=_("Goods you asked for are here"),
    sentence=_("%(units)s × %(sku)s, which you asked for, are here"),
    permission="supply.ask",
    calls=True,
)
tasks.declare(
    DECLINED,
    label=_("Goods you asked for are not bought"),
    sentence=_("%(units)s × %(sku)s, which you asked for, are not bought: %(reason)s"),
    permission="supply.ask",
    calls=True,
)


def note(actor: Actor, notice: ArrivalNotice, verb: str) -> None:
    """Write a step of a notice down, and say that it changed."""
    subject = ("arrival_notice", notice.id)
    audit.record(
        actor,
        f"supply.notice_{verb}",
        subject=subject,
        after={"state": notice.state, "quantity": notice.quantity, "held": notice.held},
        reason=notice.reason,
    )
    events.emit("supply.notice_changed", subject=subject, data=_data(notice))


def tell_arrived(notice: ArrivalNotice) -> None:
    """Have the customer told in the way they asked for."""
    if notice.channel == NoticeChannel.CALL:
        data = {"sku": notice.variant.sku, "units": notice.held}
        tasks.open_task(
            CALL_BACK, subject=("arrival_notice", notice.id), customer_id=notice.customer_id, data=data
        )
        return
    events.emit("supply.arrived", subject=("arrival_notice", notice.id), data=_data(notice))


def _data(notice: ArrivalNotice) -> dict[str, str | UUID]:
    return {
        "notice_id": notice.id,
        "customer_id": notice.customer_id,
        "variant_id": notice.variant_id,
        "channel": notice.channel,
        "state": notice.state,
    }


def answer(actor: Actor, request: ReplenishmentRequest, verb: str) -> None:
    """Write a step of a request down; whoever asked gets the answer as a task: it may be a customer who is to be phoned."""
    subject = ("replenishment_request", request.id)
    audit.record(
        actor,
        f"supply.request_{verb}",
        subject=subject,
        after={"state": request.state, "quantity": request.quantity, "document": request.document_id},
        reason=request.reason,
    )
    data = {"request_id": request.id, "variant_id": request.variant_id, "state": request.state}
    events.emit("supply.request_changed", subject=subject, staff_id=request.asked_by, data=data)
    kind = {RequestState.ARRIVED: ARRIVED, RequestState.DECLINED: DECLINED}.get(RequestState(request.state))
    if kind is not None and request.asked_by is not None:
        tasks.open_task(
            kind,
            subject=subject,
            customer_id=request.customer_id,
            data={"sku": request.variant.sku, "units": request.quantity, "reason": request.reason},
            given_to=(request.asked_by, request.asked_by_name),
        )
