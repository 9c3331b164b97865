"""Approval: an order goes to the warehouse with its dispatch documents, is held, or is rejected.

Doubts are looked for again under the order's lock. Of two approvers one wins, the other is told who was faster. Above an
approver's limit somebody with a higher one is asked (`people.approvals`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders.axes import axes_of
from callcart.commerce.orders.dispatches import Carriage
from callcart.commerce.orders.doubts import keep_doubts
from callcart.commerce.orders.hold import hold_order, unhold_order
from callcart.commerce.orders.life import cancel_locked, cancel_order, release
from callcart.commerce.orders.models import History, Order
from callcart.commerce.orders.paid import money_is_missing
from callcart.commerce.orders.rules import rules_of_shop
from callcart.commerce.orders.scope import StaleOrder, locked
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments.public import PaymentMethod
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Conflict, Invalid, NotFound
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant

MOST_AT_ONCE = 200


class DecidedAlready(Conflict):
    """%(name)s was faster: this order is decided already."""

    code = "order.decided_already"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order of several: `message` says why not, empty where it went well."""

    order_id: UUID
    number: str
    done: bool
    code: str = ""
    message: str = ""


def approve_order(
    actor: Actor,
    order_id: UUID,
    *,
    version: int,
    chosen: Mapping[UUID, Carriage] | None = None,
    note: str = "",
) -> Order:
    """Confirm an order whatever its doubts and make its dispatch documents, all in one transaction; `chosen` are carriers by
    warehouse where they are not the proposed ones. Raises NotFound, NeedsApproval above the actor's limit, NotPaid,
    DecidedAlready where somebody else was faster, StaleOrder, WrongState."""
    return inventory.retrying(lambda: _approve(actor, order_id, version, chosen, note))


def _approve(
    actor: Actor, order_id: UUID, version: int, chosen: Mapping[UUID, Carriage] | None, note: str
) -> Order:
    order = locked(actor, "orders.approve", order_id)
    _check_version(order, version)
    approvals.require(actor, "orders.approve", amount=order.total)
    keep_doubts(order)
    return release(actor, order, chosen=chosen, reason=note)


def _check_version(order: Order, version: int) -> None:
    if order.version == version:
        return
    if order.state in {OrderState.CONFIRMED, OrderState.CANCELLED, OrderState.CLOSED}:
        kinds = ("confirmed", "cancelled", "rejected", "merged")
        last = History.objects.filter(order=order, kind__in=kinds).order_by("-id").first()
        raise DecidedAlready(name=(last.actor_name if last else "") or str(_("Somebody else")))
    raise StaleOrder(version=order.version)


@approvals.action("orders.approve", label=_("Approve an order"), link="office:order")
def approve_asked(actor: Actor, payload: Mapping[str, Any]) -> Order:
    """What is done when somebody with a higher limit says yes. The order may have moved on since: its version is the one asked
    about."""
    return approve_order(actor, UUID(str(payload["order_id"])), version=int(payload["version"]))


def ask_to_approve(actor: Actor, order_id: UUID, *, version: int, reason: str) -> approvals.Approval:
    """Ask somebody with a higher limit. Raises NotFound, StaleOrder, DecidedAlready, Invalid, NobodyCanApprove, AlreadyAsked."""
    order = locked(actor, "orders.approve", order_id)
    _check_version(order, version)
    return approvals.ask(
        actor,
        action="orders.approve",
        permission="orders.approve",
        subject=("order", order.id),
        label=order.number,
        amount=order.total,
        payload={"order_id": str(order.id), "version": order.version},
        reason=reason,
    )


def reject_order(actor: Actor, order_id: UUID, *, reason: str, version: int) -> Order:
    """Do not take an order: it is cancelled, with the approver's reason (which the customer does not see). Raises NotFound,
    Invalid without a reason, DecidedAlready, StaleOrder, WrongState."""

    def reject() -> Order:
        order = locked(actor, "orders.approve", order_id)
        _check_version(order, version)
        return cancel_locked(actor, order_id, reason, version, permission="orders.approve", kind="rejected")

    return inventory.retrying(reject)


def in_bulk(
    actor: Actor,
    verb: Callable[[UUID, int], object],
    orders: Sequence[tuple[UUID, int]],
) -> list[Outcome]:
    """Do a verb to many orders (id and the version that was seen), each by itself: one that refuses does not stop the others,
    and leaves nothing half done. Raises Invalid for none or too many."""
    if not 1 <= len(orders) <= MOST_AT_ONCE:
        raise Invalid(fields={"orders": str(_("Choose 1 to 200 orders."))})
    numbers = dict(
        Order.objects.filter(id__in=[each for each, _version in orders]).values_list("id", "number")
    )
    found = []
    for order_id, version in dict(orders).items():
        number = numbers.get(order_id, "")
        try:
            with transaction.atomic():
                verb(order_id, version)
        except AppError as error:
            said = (
                next(iter(error.fields.values()), error.message)
                if isinstance(error, Invalid)
                else error.message
            )
            found.append(Outcome(order_id, number, False, error.code, said))
        else:
            found.append(Outcome(order_id, number, True))
    return found


def approve_many(actor: Actor, orders: Sequence[tuple[UUID, int]]) -> list[Outcome]:
    """Approve orders, a result for each. Raises PermissionDenied, Invalid."""
    actor.require("orders.approve")
    return in_bulk(actor, lambda each, version: approve_order(actor, each, version=version), orders)


def hold_many(actor: Actor, orders: Sequence[tuple[UUID, int]], *, reason: str) -> list[Outcome]:
    """Put orders on hold for one reason. Raises PermissionDenied, Invalid."""
    actor.require("orders.hold")
    return in_bulk(
        actor, lambda each, version: hold_order(actor, each, reason=reason, version=version), orders
    )


def reject_many(actor: Actor, orders: Sequence[tuple[UUID, int]], *, reason: str) -> list[Outcome]:
    """Reject orders for one reason. Raises PermissionDenied, Invalid."""
    actor.require("orders.approve")
    return in_bulk(
        actor, lambda each, version: reject_order(actor, each, reason=reason, version=version), orders
    )


def cancel_many(actor: Actor, orders: Sequence[tuple[UUID, int]], *, reason: str) -> list[Outcome]:
    """Cancel orders for one reason. Raises PermissionDenied, Invalid."""
    actor.require("orders.cancel")
    return in_bulk(
        actor, lambda each, version: cancel_order(actor, each, reason=reason, version=version), orders
    )


def unhold_many(actor: Actor, orders: Sequence[tuple[UUID, int]]) -> list[Outcome]:
    """Let orders on hold go on. Raises PermissionDenied, Invalid."""
    actor.require("orders.hold")
    return in_bulk(actor, lambda each, version: unhold_order(actor, each, version=version), orders)


def approve_by_rule(order_id: UUID) -> bool:
    """Approve an order by the shop's rule, where it has one: no doubt, paid in advance and the money in, below the rule's
    amount. Whether it was. Run after placing and when money comes; twice is once."""
    rules = rules_of_shop()
    order = Order.objects.select_for_update(no_key=True).filter(id=order_id, state=OrderState.PLACED).first()
    if order is None:
        raise NotFound
    keep_doubts(order)
    paid_first = order.payment_method != PaymentMethod.COD
    clean = not order.flags and paid_first and order.currency == get_tenant().currency
    if not rules.auto_approve or not clean or order.total_minor >= rules.auto_below_minor:
        return False
    if money_is_missing(order, axes_of([order])[order.id].payment):
        return False
    release(Actor.system(order.tenant_id, "rules"), order)
    return True
