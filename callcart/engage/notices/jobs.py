"""Sending what waits. The row is claimed in one transaction, the provider is asked outside of any, the answer is written in another; a
worker that dies between leaves a claim that ends after a minute, and the same key goes out again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

import structlog
from django.db.models import F, Q

from callcart.config import config
from callcart.contact.messaging.public import DeliveryState, went
from callcart.core import events, jobs
from callcart.core.clock import now
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.engage.notices import transport
from callcart.engage.notices.kinds import KINDS
from callcart.engage.notices.models import Medium, Notice, NoticeState
from callcart.people.customers.public import NoTransport
from callcart.people.tenants.public import get_tenant, list_hosts

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=60)
AGAIN_AFTER_SECONDS = (30, 120, 600, 3600, 4 * 3600)  # then it is dead
GOOD_FOR = timedelta(hours=24)  # what is older would only confuse
LOOK_AFTER_SECONDS = (
    60,
    600,
    3600,
    6 * 3600,
    18 * 3600,
)  # of an SMS on its way; the last lies after it is too late
OPEN = (NoticeState.WAITING, NoticeState.FAILED)


@jobs.job(queue="notices", retry=8, atomic=False)
def send_notice(*, notice_id: str) -> None:
    """Send one notice, if it is still to be sent and nobody is at it."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        claimed = _claim(UUID(notice_id))
    if claimed is None:
        return
    try:
        reference = _hand_over(claimed)
    except transport.Refused as error:
        with tenant_transaction(tenant_id):
            _end(claimed, NoticeState.DEAD, failure=str(error))
    except (transport.NoMail, NoTransport) as error:
        with tenant_transaction(tenant_id):
            _end(claimed, NoticeState.DEAD, failure=error.code)
    except Exception as error:  # noqa: BLE001  whatever a provider's library raises: it is tried again, and its kind is kept
        log.warning("notices.not_sent", notice=notice_id, error=type(error).__name__)
        with tenant_transaction(tenant_id):
            _try_again(claimed, type(error).__name__)
    else:
        with tenant_transaction(tenant_id):
            _end(claimed, NoticeState.SENT, reference=reference)
            if claimed.medium == Medium.SMS:
                jobs.defer_in(LOOK_AFTER_SECONDS[0], look_at_sms, notice_id=notice_id, key=reference, look=0)


@jobs.job(queue="notices", retry=3)
def look_at_sms(*, notice_id: str, key: str, look: int) -> None:
    """Whether an SMS that was put on its way has left; one that did not is told of, and may be sent again."""
    row = Notice.objects.select_for_update(no_key=True).filter(id=notice_id, reference=key).first()
    found = went(UUID(key))
    if row is None or found is None or row.state != NoticeState.SENT:
        return
    state, words = found
    if state is DeliveryState.FAILED:
        row.state, row.failure, row.sent_at = NoticeState.DEAD, words, None
        row.save(update_fields=["state", "failure", "sent_at"])
        _tell(row, NoticeState.DEAD)
    elif state in (DeliveryState.WAITING, DeliveryState.SENDING) and look + 1 < len(LOOK_AFTER_SECONDS):
        jobs.defer_in(LOOK_AFTER_SECONDS[look + 1], look_at_sms, notice_id=notice_id, key=key, look=look + 1)


def _claim(notice_id: UUID) -> Notice | None:
    moment = now()
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=moment - CLAIM)
    won = Notice.objects.filter(free, id=notice_id, state__in=OPEN).update(
        claimed_at=moment, tries=F("tries") + 1
    )
    row = Notice.objects.filter(id=notice_id).first()
    if not won:
        if row is not None and row.state in OPEN:  # somebody is at it, or died at it
            jobs.defer_in(int(CLAIM.total_seconds()) + 1, send_notice, notice_id=str(notice_id))
        return None
    if row is not None and moment - row.made_at > GOOD_FOR:
        _end(row, NoticeState.DEAD, failure="too_late")
        return None
    return row


def _hand_over(row: Notice) -> str:
    if row.medium == Medium.SMS:
        key = uuid5(row.id, row.made_at.isoformat())  # sent again by hand it is another one
        transport.send_sms(key, row.address, row.text, row.language, until=row.made_at + GOOD_FOR)
        return str(key)
    mail = transport.Mail(
        key=str(row.id),
        address=row.address,
        sender=_sender(row.language),
        subject=row.subject,
        text=row.text,
        language=row.language,
    )
    return transport.mail_in_use().send(mail)


def _sender(language: str) -> str:
    """Who mail is from: the shop's name, at the configured address or the shop's own host."""
    tenant = get_tenant()
    hosts = list_hosts(tenant.id)
    address = config().mail_from or f"no-reply@{hosts[0].host if hosts else config().public_host}"
    return f"{tenant.name_in(language)} <{address}>"


def _end(row: Notice, state: NoticeState, *, reference: str = "", failure: str = "") -> None:
    """Write how it ended; a late answer of an attempt that was given up changes nothing that is over."""
    moved = Notice.objects.filter(id=row.id, state__in=OPEN).update(
        state=state,
        reference=reference[:200],
        failure=failure[:300],
        sent_at=now() if state is NoticeState.SENT else None,
        claimed_at=None,
    )
    if moved and state is NoticeState.SENT and KINDS[row.kind].forgotten and not transport.only_shown():
        Notice.objects.filter(id=row.id).update(text="")
    if moved:
        _tell(row, state)


def _try_again(row: Notice, failure: str) -> None:
    if row.tries > len(AGAIN_AFTER_SECONDS):
        _end(row, NoticeState.DEAD, failure=failure)
        return
    moved = Notice.objects.filter(id=row.id, state__in=OPEN).update(
        state=NoticeState.FAILED, failure=failure[:300], claimed_at=None
    )
    if moved:
        jobs.defer_in(AGAIN_AFTER_SECONDS[row.tries - 1], send_notice, notice_id=str(row.id))
        _tell(row, NoticeState.FAILED)


def _tell(row: Notice, state: NoticeState) -> None:
    subject = ("order", row.order_id) if row.order_id else None
    events.emit("notices.changed", subject=subject, data={"notice_id": row.id, "state": state})
