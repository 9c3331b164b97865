"""Cases that wait too long: each becomes a task for a person, once, until the case moves."""

from __future__ import annotations

import psycopg
from django.utils.translation import gettext_lazy as _

from callcart.commerce.aftersales.history import LATE
from callcart.commerce.aftersales.models import Case
from callcart.commerce.aftersales.states import OPEN
from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.tenancy import tenant_transaction
from callcart.people.tasks.public import declare, open_task

PORTION = 500

declare(
    LATE,
    label=_("Return waits too long"),
    sentence=_("Return %(number)s has not moved in time"),
    link="office:return",
    permission="aftersales.view",
)


@jobs.periodic(cron="12 * * * *")
def watch_cases() -> None:
    """Every hour, for the shops that have such cases."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        found = connection.execute(
            b"SELECT DISTINCT tenant_id FROM aftersales_case WHERE due_at <= %s AND state = ANY(%s)",
            [now(), [str(each) for each in OPEN]],
        ).fetchall()
    for row in found:
        with tenant_transaction(int(row[0])):
            jobs.defer(watch)


@jobs.job(queue="default", retry=3)
def watch() -> None:
    """Open a task for each case of a shop that is due; the oldest first, so many at once."""
    rows = Case.objects.filter(state__in=OPEN, due_at__lte=now()).order_by("due_at")[:PORTION]
    for case in rows:
        open_task(
            LATE, subject=("return", case.id), customer_id=case.customer_id, data={"number": case.number}
        )
