"""Deciding on a case: accepted (goods are waited for, where any come), not accepted, or withdrawn.

Who may decide has a limit in money, which is measured by what the goods were paid with. By itself a case is accepted below the
shop's amount, or for customers it trusts; what passes the rules is always for a person.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.exchange import send_replacement
from callcart.commerce.aftersales.models import Case
from callcart.commerce.aftersales.rules import rules_of
from callcart.commerce.aftersales.scope import locked, visible
from callcart.commerce.aftersales.states import NOTHING_COMES, CaseState, Wish, check_transition
from callcart.commerce.aftersales.worth import value_of
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Conflict, NotFound, PermissionDenied
from callcart.core.fields import Fields
from callcart.core.ids import spoken
from callcart.core.text import clean
from callcart.people.approvals import public as approvals
from callcart.people.customers.public import Customer

APPROVE = "aftersales.approve"


class ReplacementSent(Conflict):
    """A replacement is already on its way for this. Cancel its order first."""

    code = "aftersales.replacement_sent"


def approve(actor: Actor, case_id: UUID, *, version: int, answer: str = "") -> Case:
    """Accept a case; `answer` is for the customer. Raises NotFound, StaleCase, WrongCaseState, Invalid, PermissionDenied,
    NeedsApproval above the actor's limit."""
    case = locked(actor, APPROVE, case_id, version=version)
    check_transition(case.state, CaseState.APPROVED)
    approvals.require(actor, APPROVE, amount=value_of(case))
    case.answer = _answer(answer)
    return _accept(actor, case)


def ask_to_approve(actor: Actor, case_id: UUID, *, version: int, reason: str) -> approvals.Approval:
    """Have somebody with a higher limit decide. Raises as `approve`, AlreadyAsked, NobodyCanApprove."""
    case = visible(actor, APPROVE).select_related("order").filter(id=case_id).first()
    if case is None:
        raise NotFound
    with override(actor.language):
        label = gettext("Return %(number)s") % {"number": spoken(case.number)}
    return approvals.ask(
        actor,
        action=APPROVE,
        permission=APPROVE,
        subject=("return", case.id),
        label=label,
        amount=value_of(case),
        payload={"case": str(case.id), "version": version},
        reason=reason,
    )


def refuse(actor: Actor, case_id: UUID, *, version: int, answer: str) -> Case:
    """Do not accept a case; the customer reads why. Raises NotFound, StaleCase, WrongCaseState, Invalid."""
    case = locked(actor, APPROVE, case_id, version=version)
    check_transition(case.state, CaseState.REFUSED)
    case.answer = _answer(answer, required=True)
    return history.step(actor, case, CaseState.REFUSED, reason=case.answer)


def cancel(actor: Actor, case_id: UUID, *, version: int, reason: str = "") -> Case:
    """Withdraw a case before its goods are here. Raises NotFound, StaleCase, WrongCaseState, ReplacementSent."""
    permission = "aftersales.view" if actor.kind is ActorKind.CUSTOMER else "aftersales.ask"
    case = locked(actor, permission, case_id, version=version)
    if case.parcel_id is not None and actor.kind is ActorKind.CUSTOMER:
        raise PermissionDenied(permission="aftersales.ask")  # its parcel is coming back whatever is said here
    check_transition(case.state, CaseState.CANCELLED)
    if case.exchange_order_id is not None:
        raise ReplacementSent
    fields = Fields()
    said = fields.block("reason", reason, most=500)
    fields.done()
    return history.step(actor, case, CaseState.CANCELLED, reason=said)


def note_sent(actor: Actor, case_id: UUID, *, carrier: str, tracking: str) -> Case:
    """The customer has sent the goods. Raises NotFound, WrongCaseState, Invalid."""
    permission = "aftersales.view" if actor.kind is ActorKind.CUSTOMER else "aftersales.ask"
    case = locked(actor, permission, case_id)
    check_transition(case.state, CaseState.RECEIVED)
    fields = Fields()
    by = fields.line("carrier", carrier, most=100)
    number = fields.line("tracking", tracking, most=100, required=True)
    fields.done()
    if (case.sent_by, case.sent_tracking) == (by, number):
        return case
    case.sent_by, case.sent_tracking = by, number
    case.version += 1
    case.save(update_fields=["sent_by", "sent_tracking", "version"])
    history.note(actor, case, "sent", data={"by": by, "tracking": number})
    return case


def accept_by_rule(case: Case) -> None:
    """Accept a new case where the shop's rules trust it. The caller holds its lock."""
    shop = rules_of()
    if case.against_rules:
        return
    small = shop.auto_below_minor > 0 and value_of(case).minor <= shop.auto_below_minor
    if small or tier_of(case) in shop.auto_tiers:
        _accept(Actor.system(case.tenant_id, "rules"), case)


def tier_of(case: Case) -> str:
    """How far the customer is trusted; empty for a guest."""
    if case.customer_id is None:
        return ""
    return Customer.objects.filter(id=case.customer_id).values_list("tier", flat=True).first() or ""


def _accept(actor: Actor, case: Case) -> Case:
    state = CaseState.APPROVED if case.reason in NOTHING_COMES else CaseState.WAITING
    history.step(actor, case, state)
    if state is CaseState.WAITING and case.wish == Wish.REPLACE and tier_of(case) in rules_of().at_once_tiers:
        send_replacement(actor, case, {row.id: row.quantity for row in case.lines.all()})
    return case


def _answer(text: str, *, required: bool = False) -> str:
    fields = Fields()
    found = fields.block("answer", clean(text), most=500, required=required)
    fields.done()
    return found
