"""Background work of customers: sending codes, forgetting old ones."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.forget import forget_older
from callcart.core.tokens import unseal
from callcart.people.customers import transport
from callcart.people.customers.masking import mask_phone
from callcart.people.customers.models import CustomerCode
from callcart.people.tenants.public import get_tenant

CODES_KEPT = timedelta(days=2)  # asking is counted over a day
SESSIONS_KEPT = timedelta(days=200)  # the longest lives for 180

log = structlog.get_logger(__name__)


@jobs.job(retry=3, atomic=False)
def send_code(*, code_id: str, sealed: str, language: str) -> None:
    """Deliver one code. The job carries it sealed; one that ran out meanwhile is not sent."""
    row = CustomerCode.objects.filter(id=code_id, used_at=None, expires_at__gt=now()).first()
    if row is None:
        return
    code, shop = unseal("codes", sealed), get_tenant().name_in(language)
    with translation.override(language):
        text = _(
            "%(code)s is your code to sign in at %(shop)s. It is good for five minutes. Tell it to nobody."
        )
    message = transport.CodeMessage(
        e164=row.e164, code=code, text=text % {"code": code, "shop": shop}, language=language, key=row.id,
        until=row.expires_at,
    )  # fmt: skip
    transport.in_use().send(message)


@jobs.job(retry=3, atomic=False)
def send_number_notice(*, sealed: str, change: str, language: str, days: int) -> None:
    """Tell a customer at one number that another was added to the account or taken off it. The job carries both sealed, and in
    how many days a new one opens the account; where nobody can be reached, nobody is told."""
    e164, about = unseal("codes", sealed).split(" ")
    tenant = get_tenant()
    with translation.override(language):
        text = {
            "added": _(
                "The number %(number)s was added to your account at %(shop)s. In %(wait)s it can sign in. If you did not ask for this, call us."
            ),
            "removed": _(
                "The number %(number)s was taken off your account at %(shop)s. If you did not ask for this, call us."
            ),
        }[change]
        values = {
            "number": mask_phone(about, tenant.country),
            "shop": tenant.name_in(language),
            "wait": ngettext("%(count)s day", "%(count)s days", days) % {"count": days},
        }
    message = transport.CodeMessage(e164=e164, code="", text=text % values, language=language)
    try:
        transport.in_use().send(message)
    except transport.NoTransport:
        log.info("customers.notice_not_sent")


@jobs.periodic(cron="37 3 * * *")
def forget_customer_sign_ins() -> None:
    """Delete codes of days ago and sessions that ended long ago."""
    codes = forget_older("customers_customercode", "made_at", kept=CODES_KEPT)
    sessions = forget_older("customers_customersession", "last_seen_at", kept=SESSIONS_KEPT)
    log.info("customers.sign_ins_forgotten", codes=codes, sessions=sessions)
