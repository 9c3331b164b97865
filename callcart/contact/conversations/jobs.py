"""Background work of conversations: forgetting who looked where, and drafts that nobody came back to."""

from __future__ import annotations

from datetime import timedelta

import structlog

from callcart.core import jobs
from callcart.core.forget import forget_older

PRESENCE_KEPT = timedelta(hours=1)
DRAFTS_KEPT = timedelta(days=60)

log = structlog.get_logger(__name__)


@jobs.periodic(cron="41 * * * *")
def forget_presence() -> None:
    """Delete who looked where, and drafts of two months ago."""
    looks = forget_older("conversations_presence", "seen_at", kept=PRESENCE_KEPT)
    drafts = forget_older("conversations_replydraft", "saved_at", kept=DRAFTS_KEPT)
    log.info("conversations.forgotten", looks=looks, drafts=drafts)
