"""Background work of staff: forgetting sessions and failed log-ins of long ago."""

from __future__ import annotations

from datetime import timedelta

import structlog

from callcart.core import jobs
from callcart.core.forget import forget_older
from callcart.people.staff.sessions import LONGEST
from callcart.people.staff.throttle import FORGET_AFTER

SESSIONS_KEPT = LONGEST + timedelta(days=30)  # ended ones still answer where somebody was signed in
ATTEMPTS_KEPT = FORGET_AFTER + timedelta(days=1)

log = structlog.get_logger(__name__)


@jobs.periodic(cron="27 3 * * *")
def forget_staff_sign_ins() -> None:
    """Delete sessions that ended long ago and counts of log-ins that no longer count."""
    sessions = forget_older("staff_session", "last_seen_at", kept=SESSIONS_KEPT)
    attempts = forget_older("staff_loginattempt", "last_at", kept=ATTEMPTS_KEPT)
    log.info("staff.sign_ins_forgotten", sessions=sessions, attempts=attempts)
