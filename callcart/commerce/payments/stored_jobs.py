"""Each night: what is left on gift cards whose last day is over is written off."""

from __future__ import annotations

import psycopg

from callcart.commerce.payments.models_stored import StoredAccount, StoredKind
from callcart.commerce.payments.stored_value import expire
from callcart.core import jobs
from callcart.core.clock import today
from callcart.core.database import parameters
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.tenants.public import get_tenant

PORTION = 100
_TENANTS = """
SELECT DISTINCT tenant_id FROM payments_storedaccount WHERE expires_on < current_date + 1 AND balance_minor > 0
"""


@jobs.periodic(cron="11 * * * *")
def expire_cards() -> None:
    """Every hour, as shops' days end at different hours."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        found = [int(row[0]) for row in connection.execute(_TENANTS)]
    for tenant_id in found:
        with tenant_transaction(tenant_id):
            jobs.defer(expire_cards_of_shop)


@jobs.job(queue="payments", retry=5, atomic=False)
def expire_cards_of_shop() -> None:
    """One card a transaction; ends where none is left."""
    while True:
        with tenant_transaction(current_tenant()):
            over = StoredAccount.objects.filter(
                kind=StoredKind.GIFT_CARD,
                expires_on__lt=today(get_tenant().timezone),
                balance_minor__gt=0,
            )
            ids = list(over.values_list("id", flat=True)[:PORTION])
        for account_id in ids:
            with tenant_transaction(current_tenant()):
                expire(account_id)
        if len(ids) < PORTION:
            return
