"""What carriers tell us of parcels, pushed or asked for, taken in once and put in order by the carrier's own time.

A scan comes twice, late, from both ways at once, for a number we do not know, or from a clock that is ahead: the first is
kept, the row's lock decides who is first, nothing else changes. Carriers are asked outside of transactions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import connection

from callcart.commerce.shipping import credentials
from callcart.commerce.shipping.carrier import (
    Ability,
    CarrierAdapter,
    CarrierRefused,
    CarrierUnreachable,
    NotOffered,
    Scan,
    adapter,
)
from callcart.commerce.shipping.models import Booking, BookingState, Carrier, Parcel
from callcart.commerce.shipping.pace import after_failure, next_poll
from callcart.commerce.shipping.report import fingerprint, locked_parcel, take_report
from callcart.commerce.shipping.states import Report
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import AppError, NotFound, Unavailable
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.core.text import clean

log = structlog.get_logger(__name__)

ASKED_AT_ONCE = 40
CALLS_A_RUN = 3

# Whoever comes first takes the next ones that are due, the longest waiting first, and moves their time on; so that a worker
# that dies in the middle, or a second one, asks about no parcel twice at once.
_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT id FROM shipping_parcel
   WHERE tenant_id = %(tenant)s AND carried_by_id = %(carrier)s AND poll_at IS NOT NULL AND poll_at <= %(now)s
   ORDER BY poll_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
UPDATE shipping_parcel AS parcel SET poll_at = %(again)s FROM due WHERE parcel.id = due.id
RETURNING parcel.id, parcel.tracking
"""


class ScansTooEarly(Unavailable):
    """One of these numbers is still being booked. Send this again in a moment."""

    code = "shipping.scans_too_early"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of scans: new ones, known ones, and numbers that are nobody's here."""

    new: int = 0
    known: int = 0
    unknown: tuple[str, ...] = ()


def adapter_of(carrier: Carrier) -> CarrierAdapter:
    """How to talk to a carrier. Raises NotOffered where it has no interface, AccountUnreadable."""
    if not carrier.adapter:
        raise NotOffered
    return adapter(carrier.adapter, credentials.unseal(carrier.account))


def take_scans(actor: Actor, carrier_id: UUID, scans: Iterable[Scan]) -> Taken:
    """Take scans in, one transaction for each parcel. Not for use inside a transaction of a provider's call."""
    by_number: dict[str, list[Scan]] = defaultdict(list)
    for scan in scans:
        by_number[clean(scan.tracking)[:100]].append(scan)
    new = known = 0
    unknown: list[str] = []
    for tracking, its in sorted(by_number.items()):
        with tenant_transaction(actor.tenant_id):
            parcel_id = _parcel_of(carrier_id, tracking)
            if parcel_id is None:
                unknown.append(tracking)
                continue
            kept = _take(actor, parcel_id, its)
        new, known = new + kept, known + len(its) - kept
    return Taken(new, known, tuple(unknown))


def _parcel_of(carrier_id: UUID, tracking: str) -> UUID | None:
    if not tracking:
        return None
    found: UUID | None = (
        Parcel.objects.filter(tracking=tracking, carried_by=carrier_id).values_list("id", flat=True).first()
    )
    return found


def _take(actor: Actor, parcel_id: UUID, scans: Sequence[Scan]) -> int:
    """How many were new. They are taken in the carrier's order, so that each step is told of once and in its place."""
    parcel, moment, kept = locked_parcel(parcel_id), now(), 0
    for scan in sorted(scans, key=lambda each: each.at):
        said = Report(scan.state, scan.at, clean(scan.place)[:200])
        reference = scan.reference or fingerprint(said)
        # a carrier's clock that is ahead must not hold back what comes after
        report = Report(scan.state, min(scan.at, moment), said.place)
        kept += take_report(actor, parcel, report, text=scan.text, reference=reference)
    return kept


def take_webhook(carrier_id: UUID, headers: Mapping[str, str], body: bytes) -> Taken:
    """Verify a carrier's message and take it in. Raises ForgedScan; NotFound for a carrier that is none or sends none;
    ScansTooEarly where a number may be one that we are just being given. Outside of a transaction, acting for the tenant."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        carrier = Carrier.objects.filter(id=carrier_id).first()
    if carrier is None or not carrier.adapter:
        raise NotFound
    talk = adapter_of(carrier)
    if Ability.PUSH not in talk.abilities:
        raise NotFound
    scans = talk.parse_webhook(headers, body)
    taken = take_scans(_as_carrier(tenant_id, carrier), carrier.id, scans)
    if taken.unknown:
        log.warning("shipping.unknown_numbers", carrier=carrier.code, count=len(taken.unknown))
        with tenant_transaction(tenant_id):
            if Booking.objects.filter(carrier=carrier, state=BookingState.WANTED).exists():
                raise ScansTooEarly
    return taken


def _as_carrier(tenant_id: int, carrier: Carrier) -> Actor:
    return Actor.system(tenant_id, carrier.name, channel="carrier")


def poll_due() -> None:
    """Ask each carrier of the tenant about the parcels that are due: a few calls each, so that none keeps the others waiting.
    Outside of a transaction."""
    with tenant_transaction(current_tenant()):
        carriers = list(Carrier.objects.exclude(adapter="").filter(is_active=True))
    for carrier in carriers:
        try:
            _poll(carrier)
        except AppError as error:  # one carrier's account must not end the round for the others
            log.warning("shipping.poll_failed", carrier=carrier.code, code=error.code)


def _poll(carrier: Carrier) -> None:
    talk = adapter_of(carrier)
    if Ability.TRACK not in talk.abilities:
        return
    for _call in range(CALLS_A_RUN):
        due = _claim(carrier)
        if not due:
            return
        try:
            scans = talk.track(list(due.values()))
        except (CarrierUnreachable, CarrierRefused) as error:
            _put_off(carrier, list(due))
            log.warning("shipping.carrier_silent", carrier=carrier.code, code=error.code, parcels=len(due))
            return
        take_scans(_as_carrier(current_tenant(), carrier), carrier.id, scans)
        _answered(carrier, list(due))
        if len(due) < ASKED_AT_ONCE:
            return


def poll_parcel(actor: Actor, parcel_id: UUID) -> Taken:
    """Ask about one parcel now. Raises NotFound, NotOffered, CarrierUnreachable, CarrierRefused. Outside of a transaction."""
    actor.require("shipping.update")
    with tenant_transaction(actor.tenant_id):
        parcel = Parcel.objects.select_related("carried_by").filter(id=parcel_id).first()
    if parcel is None:
        raise NotFound
    if parcel.carried_by is None or not parcel.tracking:
        raise NotOffered
    talk = adapter_of(parcel.carried_by)
    if Ability.TRACK not in talk.abilities:
        raise NotOffered
    scans = talk.track([parcel.tracking])
    return take_scans(_as_carrier(actor.tenant_id, parcel.carried_by), parcel.carried_by.id, scans)


def _claim(carrier: Carrier) -> dict[UUID, str]:
    """Parcels by id with their numbers, the ones that are due longest."""
    moment = now()
    with tenant_transaction(current_tenant()), connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "tenant": current_tenant(),
                "carrier": carrier.id,
                "now": moment,
                "again": after_failure(0, at=moment, minutes=carrier.poll_minutes),
                "most": ASKED_AT_ONCE,
            },
        )
        return dict(cursor.fetchall())


def _put_off(carrier: Carrier, ids: Sequence[UUID]) -> None:
    with tenant_transaction(current_tenant()):
        for parcel in Parcel.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"):
            parcel.poll_failures += 1
            parcel.poll_at = after_failure(parcel.poll_failures, at=now(), minutes=carrier.poll_minutes)
            parcel.save(update_fields=["poll_failures", "poll_at"])


def _answered(carrier: Carrier, ids: Sequence[UUID]) -> None:
    with tenant_transaction(current_tenant()):
        for parcel in Parcel.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"):
            parcel.poll_failures = 0
            parcel.poll_at = next_poll(
                parcel.state, made_at=parcel.made_at, at=now(), minutes=carrier.poll_minutes
            )
            parcel.save(update_fields=["poll_failures", "poll_at"])
