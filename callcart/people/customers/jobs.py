"""Background work of customers: sending codes, forgetting old ones."""

from __future__ import annotations

from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.tokens import unseal
from callcart.people.customers import transport
from callcart.people.customers.models import CustomerCode, CustomerSession
from callcart.people.tenants.public import get_tenant


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
        e164=row.e164, code=code, text=text % {"code": code, "shop": shop}, language=language
    )
    transport.in_use().send(message)


@jobs.job()
def purge_customer_sign_ins() -> None:
    """Delete codes of days ago and sessions that ended long ago."""
    CustomerCode.objects.filter(made_at__lt=now() - timedelta(days=2)).delete()
    CustomerSession.objects.filter(last_seen_at__lt=now() - timedelta(days=200)).delete()
