"""What a case costs us: goods lost, carriage, work. Written by whoever works on it, and by the verbs that know it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.models import Case, Cost
from callcart.commerce.aftersales.scope import locked
from callcart.commerce.aftersales.states import CostKind
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.fields import Fields
from callcart.core.money import Money

MOST_COST = 10**12


def add_cost(
    actor: Actor, case_id: UUID, *, kind: str, amount: Money | None, note: str = "", idempotency_key: str
) -> Cost:
    """Note a cost, in any state: a carrier's bill comes late. Raises NotFound, PermissionDenied, Invalid, KeyReused."""
    case = locked(actor, "aftersales.receive", case_id)
    fields = Fields()
    fields.choice("kind", kind, list(CostKind))
    text = fields.line("note", note, most=200)
    if amount is None or amount.currency != case.currency or not 0 < amount.minor <= MOST_COST:
        fields.refuse("amount", gettext("Give an amount above zero."))
    fields.done()
    assert amount is not None
    body = {"case": str(case_id), "kind": kind, "amount": amount.minor, "note": text}
    with idempotency.claim(actor, "aftersales.cost", idempotency_key, body) as claim:
        if claim.stored is not None:
            return Cost.objects.get(id=claim.stored["cost_id"])
        row = note_cost(actor, case, CostKind(kind), amount.minor, text)
        claim.store({"cost_id": str(row.id)})
    return row


def note_cost(actor: Actor, case: Case, kind: CostKind, minor: int, text: str = "") -> Cost:
    """Write a cost of a case that is locked."""
    row = Cost.objects.create(case=case, kind=kind, amount_minor=minor, note=text, by_name=actor.name)
    history.note(actor, case, "cost", data={"kind": str(kind), "amount": minor})
    return row


def costs_of(case: Case) -> Money:
    """All of them together."""
    return Money(sum(case.costs.values_list("amount_minor", flat=True)), case.currency)
