"""Goods that are back are held for those who wait, first come first told; an order takes the hold, time frees it.

Everything here locks the SKU's stock first, so two receipts at once serve the queue one after the other and no unit is promised
twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from callcart.commerce.catalog.public import units_in_sets
from callcart.commerce.inventory import public as inventory
from callcart.commerce.supply.models import HOLDER, ArrivalNotice, NoticeState
from callcart.commerce.supply.notices import end_notice, locked_notice
from callcart.commerce.supply.rules import rules_of_shop
from callcart.commerce.supply.states import OPEN_NOTICES, move_notice
from callcart.commerce.supply.telling import note, tell_arrived
from callcart.core import jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import NotFound
from callcart.core.tenancy import current_tenant

MOST_AT_ONCE = 200
"""So many are told in one transaction; the rest follow in the next."""
GRACE_SECONDS = 5
# Asked of every order that is placed, and seldom answered with yes.
_ANY_OPEN = """
SELECT EXISTS (SELECT 1 FROM supply_arrivalnotice WHERE customer_id = %s AND variant_id = ANY(%s::uuid[]) AND state = ANY(%s))"""


def serve(variant_id: UUID) -> list[ArrivalNotice]:
    """Hold what is free of a SKU for those who wait, in the order they asked, and have them told; of fewer units than somebody
    wants, they get those there are. May run at any time."""
    if not ArrivalNotice.objects.filter(variant_id=variant_id, state=NoticeState.WAITING).exists():
        return []
    return inventory.retrying(lambda: _serve(variant_id))


def _serve(variant_id: UUID) -> list[ArrivalNotice]:
    free = inventory.promisable([variant_id]).get(variant_id, 0)
    if free <= 0:
        return []
    waiting = (
        ArrivalNotice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("variant")
        .filter(variant_id=variant_id, state=NoticeState.WAITING)
        .order_by("id")[: min(free, MOST_AT_ONCE)]
    )
    told = []
    for notice in waiting:
        if not free:
            break
        units = min(free, notice.quantity)
        _tell(notice, units)
        free -= units
        told.append(notice)
    if len(told) == MOST_AT_ONCE and free:
        jobs.defer(serve_job, variant_id=str(variant_id))
    return told


def _tell(notice: ArrivalNotice, units: int) -> None:
    actor = Actor.system(current_tenant(), "supply")
    demand = inventory.Demand(notice.id, notice.variant_id, units)
    inventory.reserve(actor, notice.id, [demand], region="", reason="arrival notice", holder=HOLDER)
    kept = timedelta(hours=rules_of_shop().hold_hours)
    notice.state = move_notice(notice.state, NoticeState.TOLD)
    notice.held, notice.told_at, notice.held_until = units, now(), now() + kept
    notice.save(update_fields=["state", "held", "told_at", "held_until"])
    note(actor, notice, "told")
    tell_arrived(notice)
    jobs.defer_in(int(kept.total_seconds()) + GRACE_SECONDS, expire_job, notice_id=str(notice.id))


def expire(notice_id: UUID) -> bool:
    """The time of a hold is over: its units are free, and the next who wait are told. False where there is nothing to end (yet)."""
    return inventory.retrying(lambda: _expire(notice_id))


def _expire(notice_id: UUID) -> bool:
    try:
        found = locked_notice(notice_id)
    except NotFound:
        return False
    if found.state != NoticeState.TOLD or found.held_until is None or found.held_until > now():
        return False
    end_notice(Actor.system(current_tenant(), "supply"), found, NoticeState.EXPIRED)
    _serve(found.variant_id)
    return True


@jobs.job(queue="default", retry=8)
def serve_job(*, variant_id: str) -> None:
    """Serve the queue of a SKU."""
    serve(UUID(variant_id))


@jobs.job(queue="default", retry=8)
def expire_job(*, notice_id: str) -> None:
    """End a hold whose time is over."""
    expire(UUID(notice_id))


def use_holds(actor: Actor, *, customer_id: UUID | None, variant_ids: Iterable[UUID], order_id: UUID) -> int:
    """For the verb that places an order, in its transaction and before it reserves: what is held for its customer is free for
    exactly this order, as all its stock rows are locked from here on. A notice of a SKU in the order ends: there is nothing left to
    tell. Returns the units given free."""
    wanted = set(variant_ids)
    if customer_id is None or not wanted:
        return 0
    if not raw.value(_ANY_OPEN, (customer_id, list(wanted), list(OPEN_NOTICES))):
        return 0
    mine = ArrivalNotice.objects.filter(
        customer_id=customer_id, variant_id__in=wanted, state__in=OPEN_NOTICES
    )
    inventory.promisable(wanted)
    freed = 0
    for notice in mine.select_for_update(no_key=True).order_by("id"):
        freed += notice.held
        end_notice(actor, notice, NoticeState.BOUGHT, order_id=order_id)
    return freed


def units_kept(customer_id: UUID | None, variant_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Units held for a customer by SKU: to them, these are in stock."""
    kept: Counter[UUID] = Counter()
    for (variant_id, _warehouse_id), units in _kept_by_place(customer_id, variant_ids).items():
        kept[variant_id] += units
    return dict(kept)


def availability_for(
    customer_id: UUID | None, variant_ids: Iterable[UUID]
) -> dict[UUID, list[inventory.WarehouseStock]]:
    """Stock of SKUs by warehouse as a customer may order it: what is held for them is not promised to anybody else."""
    wanted = list(variant_ids)
    if customer_id is None:
        return inventory.availability(wanted)
    inside = {each for units in units_in_sets(wanted).values() for each in units}
    return inventory.availability(wanted, kept=_kept_by_place(customer_id, {*wanted, *inside}))


def _kept_by_place(customer_id: UUID | None, variant_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], int]:
    if customer_id is None:
        return {}
    mine = ArrivalNotice.objects.filter(
        customer_id=customer_id, variant_id__in=set(variant_ids), state=NoticeState.TOLD
    )
    kept: Counter[tuple[UUID, UUID]] = Counter()
    for notice_id in mine.values_list("id", flat=True):
        for held in inventory.held_for(notice_id):
            kept[held.variant_id, held.warehouse_id] += held.quantity
    return dict(kept)
