"""Every night the worker forgets sign-ins of long ago, in every tenant, and nothing that still counts."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Model
from procrastinate.contrib.django import app

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import CustomerCode, CustomerSession
from callcart.people.customers.public import create_customer, start_customer_session
from callcart.people.staff.models import LoginAttempt, Session
from callcart.people.staff.public import create_staff, start_session
from callcart.people.tenants.models import Tenant

NIGHTLY = (
    "callcart.people.staff.jobs.forget_staff_sign_ins",
    "callcart.people.customers.jobs.forget_customer_sign_ins",
)
# table: the column that ages, the days after which a row is past its time
TABLES: dict[type[Model], tuple[str, int]] = {
    Session: ("last_seen_at", 37),
    LoginAttempt: ("last_at", 2),
    CustomerSession: ("last_seen_at", 200),
    CustomerCode: ("made_at", 2),
}


def _fill(tenant: Tenant) -> None:
    """Two rows in each table, one just past its time and one just within."""
    boss = Actor.system(tenant.id)
    staff = create_staff(boss, email="sam@x.example", name="Sam", password="a long enough one")
    customer = create_customer(boss, name="Ada")
    for part in ("old", "young"):
        start_session(staff, user_agent=part)
        start_customer_session(customer, user_agent=part)
        LoginAttempt.objects.create(kind="account", key=part, last_at=now())
        CustomerCode.objects.create(e164="+1", code_hash=part, made_at=now(), expires_at=now())
    for table, (column, days) in TABLES.items():
        old, young = table._default_manager.order_by("id")
        for row, age in ((old, timedelta(days=days, hours=1)), (young, timedelta(days=days, hours=-1))):
            table._default_manager.filter(pk=row.pk).update(**{column: now() - age})


def _left(table: type[Model]) -> list[str]:
    column = {LoginAttempt: "key", CustomerCode: "code_hash"}.get(table, "user_agent")
    return list(table._default_manager.values_list(column, flat=True))


def test_the_worker_forgets_old_sign_ins_by_itself(fresh_db: str) -> None:
    tenants = list(Tenant.objects.all())
    for tenant in tenants:
        with tenant_transaction(tenant.id):
            _fill(tenant)
    scheduled = {each.task.name: each.task for each in app.periodic_registry.periodic_tasks.values()}
    for name in NIGHTLY:
        scheduled[name].func(timestamp=0)
    assert len(tenants) == 2
    for tenant in tenants:
        with tenant_transaction(tenant.id):
            assert {table.__name__: _left(table) for table in TABLES} == {
                table.__name__: ["young"] for table in TABLES
            }
