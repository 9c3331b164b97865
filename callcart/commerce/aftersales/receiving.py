"""Goods come back: received by count, then looked at line by line. Until they were looked at they are the customer's, and are
counted in no stock; what stays here is laid down in its condition, with the case as the document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.costs import note_cost
from callcart.commerce.aftersales.models import Case, CaseLine, Finding
from callcart.commerce.aftersales.scope import locked
from callcart.commerce.aftersales.states import (
    REMEDIES,
    STAYS_HERE,
    CaseState,
    CostKind,
    Goods,
    check_transition,
)
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.public import Condition, Stock, Warehouse
from callcart.commerce.shipping.public import ParcelState, set_parcel_state
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.fields import Fields

RECEIVE = "aftersales.receive"
MOST_NOTE = 500
_CONDITIONS: Mapping[Goods, Condition] = {
    Goods.RESTOCK: Condition.SELLABLE, Goods.DAMAGED: Condition.DAMAGED, Goods.WRITE_OFF: Condition.DAMAGED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """What was found of some units of a case's line. `remedy` is empty where they are sent back as they came."""

    case_line_id: UUID
    quantity: int
    goods: str
    remedy: str = ""
    note: str = ""


def receive(
    actor: Actor, case_id: UUID, *, units: Mapping[UUID, int], warehouse_id: UUID, version: int
) -> Case:
    """Goods of a case are here: units by line of the case, in this warehouse. What did not come is the customer's again.
    Raises NotFound, StaleCase, WrongCaseState, Invalid."""
    case = locked(actor, RECEIVE, case_id, version=version)
    check_transition(case.state, CaseState.RECEIVED)
    rows = list(case.lines.all())
    if not Warehouse.objects.filter(id=warehouse_id, is_active=True).exists():
        raise NotFound
    fields = Fields()
    for row in rows:
        if not 0 <= units.get(row.id, 0) <= row.quantity:
            fields.refuse(
                f"units.{row.id}", gettext("Give a quantity from 0 to %(most)d.") % {"most": row.quantity}
            )
    if not sum(max(each, 0) for each in units.values()):
        fields.refuse("units", gettext("Say what has come."))
    fields.done()
    for row in rows:
        row.received = units.get(row.id, 0)
        row.save(update_fields=["received"])
    case.warehouse_id = warehouse_id
    history.step(actor, case, CaseState.RECEIVED)
    if case.parcel_id is not None:
        carrier = Actor.system(actor.tenant_id, actor.name, channel=actor.channel)
        set_parcel_state(carrier, case.parcel_id, ParcelState.RETURNED, reference="received here")
    return case


def inspect(actor: Actor, case_id: UUID, findings: Sequence[FindingDraft], *, version: int) -> Case:
    """Say what was found of all units that came, and lay what stays here on the shelf. Writing off needs that right too.
    Raises NotFound, StaleCase, WrongCaseState, Invalid, PermissionDenied, NeedsApproval."""
    return inventory.retrying(lambda: _inspect(actor, case_id, findings, version))


def _inspect(actor: Actor, case_id: UUID, findings: Sequence[FindingDraft], version: int) -> Case:
    case = locked(actor, RECEIVE, case_id, version=version)
    check_transition(case.state, CaseState.INSPECTED)
    rows = {row.id: row for row in case.lines.all()}
    _check(rows, findings)
    merged: dict[tuple[UUID, str, str], Finding] = {}
    for each in findings:
        key = (each.case_line_id, each.goods, each.remedy)
        if key in merged:
            merged[key].quantity += each.quantity
            continue
        merged[key] = Finding(
            case_line=rows[each.case_line_id],
            quantity=each.quantity,
            goods=each.goods,
            remedy=each.remedy,
            note=each.note.strip(),
            found_by_name=actor.name,
        )
    Finding.objects.bulk_create(merged.values())
    _lay_down(actor, case, list(merged.values()))
    return history.step(actor, case, CaseState.INSPECTED)


def _check(rows: Mapping[UUID, CaseLine], findings: Sequence[FindingDraft]) -> None:
    fields = Fields()
    counted: dict[UUID, int] = defaultdict(int)
    for index, each in enumerate(findings):
        if each.case_line_id not in rows:
            raise NotFound
        goods = fields.choice(f"findings.{index}.goods", each.goods, list(Goods))
        allowed = REMEDIES[Goods(goods)] if goods in set(Goods) else ()
        if allowed or each.remedy:
            fields.choice(f"findings.{index}.remedy", each.remedy, allowed)
        if each.quantity < 1:
            fields.refuse(f"findings.{index}.quantity", gettext("Give a whole number above zero."))
        fields.block(f"findings.{index}.note", each.note, most=MOST_NOTE)
        counted[each.case_line_id] += each.quantity
    for row in rows.values():
        if counted[row.id] != row.received:
            said = gettext("%(found)d of %(received)d were looked at.")
            fields.refuse(f"lines.{row.id}", said % {"found": counted[row.id], "received": row.received})
    fields.done()


def _lay_down(actor: Actor, case: Case, findings: Sequence[Finding]) -> None:
    """Into stock what stays here, SKU by SKU in one order; what is broken or written off is a cost of the case."""
    if case.warehouse_id is None:
        raise NotFound
    document, reason = ("return", case.id), case.number
    lost: list[tuple[Stock, int]] = []
    for each in sorted(findings, key=lambda found: (found.case_line.variant_id, found.goods)):
        goods = Goods(each.goods)
        if goods not in STAYS_HERE:
            continue
        place = {"warehouse_id": case.warehouse_id, "variant_id": each.case_line.variant_id}
        row = inventory.put(
            actor,
            **place,
            quantity=each.quantity,
            condition=_CONDITIONS[goods],
            document=document,
            reason=reason,
        )
        if goods is Goods.WRITE_OFF:
            inventory.write_off(
                actor,
                **place,
                quantity=each.quantity,
                condition=Condition.DAMAGED,
                reason=reason,
                document=document,
            )
        if goods is not Goods.RESTOCK:
            lost.append((row, each.quantity))
    costs = inventory.unit_costs(row for row, _count in lost)
    worth = sum(costs[row.id] * count for row, count in lost)
    if worth:
        note_cost(actor, case, CostKind.GOODS, worth)
