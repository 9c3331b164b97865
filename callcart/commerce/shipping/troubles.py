"""Parcels that somebody has to look after: late, stuck, refused, lost, held up. Each is one task for a person, opened by the
facts and closed by them: when the parcel moves on nobody has to tick anything off.

A parcel has one trouble at a time, the gravest. `watch` finds those which only the passing of time makes late or stuck.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callcart.commerce.shipping.models import Carrier, Parcel, ParcelState, Trouble
from callcart.core import clock, events
from callcart.core.tenancy import current_tenant
from callcart.people.tasks.public import close_tasks, declare, open_task
from callcart.people.tenants.public import get_tenant

STUCK_DAYS = 3  # of a parcel whose carrier we do not know
PORTION = 500

KINDS: Mapping[Trouble, str] = {
    Trouble.LATE: "parcel_late",
    Trouble.STUCK: "parcel_stuck",
    Trouble.REFUSED: "parcel_refused",
    Trouble.LOST: "parcel_lost",
    Trouble.EXCEPTION: "parcel_exception",
}
_BY_STATE: Mapping[ParcelState, Trouble] = {
    ParcelState.LOST: Trouble.LOST,
    ParcelState.REFUSED: Trouble.REFUSED,
    ParcelState.EXCEPTION: Trouble.EXCEPTION,
}
_ENDED = (ParcelState.DELIVERED, ParcelState.RETURNED)
# The promise was to be at the door: what waits at a pick-up point kept it, what comes back broke it otherwise.
_NOT_LATE = frozenset({ParcelState.AT_PICKUP, ParcelState.RETURNING})

for _kind, _label, _sentence in (
    ("parcel_late", _("Parcel late"), _("Parcel %(number)s should have arrived by %(promised)s")),
    ("parcel_stuck", _("Parcel stuck"), _("Parcel %(number)s has not moved for days")),
    ("parcel_refused", _("Parcel refused"), _("Parcel %(number)s was refused by the receiver")),
    ("parcel_lost", _("Parcel lost"), _("The carrier has lost parcel %(number)s")),
    ("parcel_exception", _("Parcel held up"), _("Parcel %(number)s is held up on its way")),
):
    declare(_kind, label=_label, sentence=_sentence, link="office:parcel", permission="shipping.update")


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether a parcel is in trouble. `today` is the shop's."""

    state: ParcelState
    scanned_at: datetime
    promised_on: date | None
    stuck_days: int


def trouble_of(facts: Facts, *, at: datetime, today: date) -> Trouble:
    """The gravest trouble of a parcel. Pure."""
    if facts.state in _ENDED:
        return Trouble.NONE
    if facts.state in _BY_STATE:
        return _BY_STATE[facts.state]
    if at - facts.scanned_at >= timedelta(days=facts.stuck_days):
        return Trouble.STUCK
    late = facts.promised_on is not None and facts.promised_on < today
    return Trouble.LATE if late and facts.state not in _NOT_LATE else Trouble.NONE


def look_after(parcel: Parcel) -> Trouble:
    """Set a parcel's trouble as the facts are now, and open or close its task. The caller holds the parcel's lock."""
    moment = clock.now()
    found = trouble_of(_facts(parcel), at=moment, today=clock.today(get_tenant(parcel.tenant_id).timezone))
    before = Trouble(parcel.trouble)
    if found is before:
        return found
    parcel.trouble, parcel.trouble_at = found, moment if found else None
    parcel.save(update_fields=["trouble", "trouble_at"])
    if before:
        close_tasks(KINDS[before], ("parcel", parcel.id), outcome="moved_on")
    if found:
        open_task(
            KINDS[found],
            subject=("parcel", parcel.id),
            data={"number": parcel.number, "promised": parcel.promised_on and parcel.promised_on.isoformat()},
        )
    events.emit(
        "shipping.parcel_trouble",
        subject=("order", parcel.order_id),
        data={"order_id": parcel.order_id, "parcel_id": parcel.id, "trouble": found},
    )
    return found


def _facts(parcel: Parcel) -> Facts:
    return Facts(
        state=ParcelState(parcel.state),
        scanned_at=parcel.scanned_at or parcel.state_at,
        promised_on=parcel.promised_on,
        stuck_days=parcel.carried_by.stuck_days if parcel.carried_by else STUCK_DAYS,
    )


def watch(*, after: UUID | None = None) -> UUID | None:
    """Look at one portion of the tenant's parcels that time may have made late or stuck, in the transaction in hand; the last id
    where there are more."""
    today = clock.today(get_tenant(current_tenant()).timezone)
    rows = Parcel.objects.exclude(state__in=_ENDED).filter(_overdue(clock.now(), today)).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    ids = list(rows.values_list("id", flat=True)[:PORTION])
    for parcel in Parcel.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"):
        look_after(parcel)
    return ids[-1] if len(ids) == PORTION else None


def _overdue(at: datetime, today: date) -> Q:
    """Parcels without trouble that may have one by now: a superset, each is looked at by `trouble_of`."""
    late = Q(promised_on__lt=today) & ~Q(state__in=_NOT_LATE)
    stuck = Q(carried_by=None, scanned_at__lte=at - timedelta(days=STUCK_DAYS))
    for days, ids in _paces().items():
        stuck |= Q(carried_by__in=ids, scanned_at__lte=at - timedelta(days=days))
    # one that is late already may still become stuck
    return (Q(trouble="") & (late | stuck)) | (Q(trouble=Trouble.LATE) & stuck)


def _paces() -> dict[int, list[UUID]]:
    found: dict[int, list[UUID]] = {}
    for carrier_id, days in Carrier.objects.values_list("id", "stuck_days"):
        found.setdefault(days, []).append(carrier_id)
    return found
