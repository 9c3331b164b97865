"""Background work of keys: forgetting when those were used that nobody has used for long."""

from __future__ import annotations

from datetime import timedelta

import structlog

from callcart.core import jobs
from callcart.core.forget import forget_older

KEPT = timedelta(days=400)
log = structlog.get_logger(__name__)


@jobs.periodic(cron="37 3 * * *")
def forget_uses() -> None:
    """Delete what is known of uses more than a year ago."""
    log.info("keys.uses_forgotten", count=forget_older("keys_keyuse", "last_at", kept=KEPT))
