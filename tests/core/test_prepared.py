"""Rows by a prepared statement are the ORM's rows."""

from __future__ import annotations

from uuid import uuid4

import pytest

from callcart.contact.messaging.models import Line, Visitor
from callcart.core.prepared import Prepared
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.shops import make_harbor, make_qinghe

pytestmark = pytest.mark.django_db

BY_TOKEN = Prepared(Visitor, "it.token = %s", along="line")
LINES = Prepared(Line, "it.channel = %s ORDER BY it.name")


@pytest.fixture
def shop() -> Tenant:
    return make_harbor()


def a_line(name: str = "Chat") -> Line:
    return Line.objects.create(
        kind="web", channel="chat", name=name, address=name, queue_id=uuid4(), values={"greeting": ["你好"]}
    )


def test_a_row_is_that_of_the_orm_with_the_one_it_belongs_to(shop: Tenant) -> None:
    with tenant_transaction(shop.id):
        line = a_line()
        visitor = Visitor.objects.create(token="t", line=line, name="Ada")
        found = BY_TOKEN.first("t")
        same = Visitor.objects.select_related("line").get(id=visitor.id)
    assert found is not None
    fields = [each.attname for each in Visitor._meta.concrete_fields]
    assert [getattr(found, name) for name in fields] == [getattr(same, name) for name in fields]
    assert found == same
    assert found.line.values == {"greeting": ["你好"]}  # without a further question: the transaction is over
    assert not found._state.adding


def test_there_is_none(shop: Tenant) -> None:
    with tenant_transaction(shop.id):
        assert BY_TOKEN.first("t") is None
        assert LINES.all("chat") == []


def test_all_of_them_and_of_no_other_shop(shop: Tenant) -> None:
    other = make_qinghe()
    with tenant_transaction(other.id):
        a_line("theirs")
    with tenant_transaction(shop.id):
        second, first = a_line("b"), a_line("a")
        assert LINES.all("chat") == [first, second]
