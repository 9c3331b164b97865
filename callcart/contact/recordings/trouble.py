"""Sound that cannot be kept for now: a disk that is full or cannot be written to. The call went on, its sound waits where the
engine left it; people see since when and why, counters count it, and all is said again when it is over.
"""

from __future__ import annotations

import errno
import shutil
from contextlib import suppress

import structlog
from django.db.models import F
from prometheus_client import Counter, Gauge

from callcart.config import config
from callcart.contact.recordings.models import Trouble
from callcart.core import clock, events
from callcart.core.tenancy import current_tenant

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 60
_REASONS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "disk_read_only",
    errno.EACCES: "not_allowed",
    errno.EIO: "disk_fault",
}
_not_kept = Counter(
    "callcart_recordings_not_kept_total", "Sounds that could not be kept, by reason", ["reason"]
)
_kept = Counter("callcart_recordings_kept_total", "Sounds that were kept")


def _free() -> float:
    with suppress(OSError):
        return float(shutil.disk_usage(config().home).free)
    return -1.0


Gauge("callcart_recordings_free_bytes", "Room on the disk of recordings").set_function(_free)


def reason_of(error: OSError) -> str:
    """A word for what the disk said."""
    return _REASONS.get(error.errno or 0, "disk_fault")


def count_kept() -> None:
    _kept.inc()


def count_lost(reason: str) -> None:
    """No usable sound came of a call."""
    _not_kept.labels(reason).inc()


def note(reason: str) -> None:
    """It happened (again), in the transaction in hand. The first time everybody is told."""
    _not_kept.labels(reason).inc()
    known = Trouble.objects.filter(tenant_id=current_tenant())
    if known.update(reason=reason, last_at=clock.now(), times=F("times") + 1):
        return
    row, made = Trouble.objects.get_or_create(tenant_id=current_tenant(), defaults={"reason": reason})
    if made:
        log.error("recordings.trouble", reason=reason)
        events.emit("recordings.trouble", subject=("trouble", row.id), data={"reason": reason})


def over() -> None:
    """A sound was kept: whatever was in the way is gone."""
    row = Trouble.objects.first()
    if row is None:
        return
    row.delete()
    log.info("recordings.trouble_over")
    events.emit("recordings.trouble_over", data={"reason": row.reason})


def now() -> Trouble | None:
    """What is in the way at present."""
    return Trouble.objects.first()
