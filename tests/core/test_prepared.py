"""Rows by a prepared statement are the ORM's rows."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.contact.messaging.models import Line, Visitor
from callcart.core.prepared import Prepared
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

BY_TOKEN = Prepared(Visitor, "it.token = %s", along="line")
LINES = Prepared(Line, "it.channel = %s ORDER BY it.name")


def a_line(name: str = "Chat") -> Line:
    return Line.objects.create(
        kind="web", channel="chat", name=name, address=name, queue_id=uuid4(), values={"greeting": ["你好"]}
    )


def test_a_row_is_that_of_the_orm_with_the_one_it_belongs_to(tenant: Tenant) -> None:
    visitor = Visitor.objects.create(token="t", line=a_line(), name="Ada")
    found = BY_TOKEN.first("t")
    same = Visitor.objects.select_related("line").get(id=visitor.id)
    assert found is not None
    fields = [each.attname for each in Visitor._meta.concrete_fields]
    assert [getattr(found, name) for name in fields] == [getattr(same, name) for name in fields]
    assert found == same
    assert not found._state.adding
    with CaptureQueriesContext(connection) as asked:
        assert found.line.values == {"greeting": ["你好"]}
    assert len(asked) == 0


def test_there_is_none(tenant: Tenant) -> None:
    assert BY_TOKEN.first("t") is None
    assert LINES.all("chat") == []


def test_all_of_them_and_of_no_other_shop(tenant: Tenant, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        a_line("theirs")
    second, first = a_line("b"), a_line("a")
    assert LINES.all("chat") == [first, second]
