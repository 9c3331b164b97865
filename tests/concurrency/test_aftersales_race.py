"""Customers and clerks at the same order and the same case, each with a connection of their own: never more units than were
delivered, one inspection, one settlement, one refund."""

from __future__ import annotations

from collections import Counter as Tally

import pytest

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Case, CaseLine
from callcart.commerce.aftersales.public import AskDraft, AskLine, FindingDraft, Settlement
from callcart.commerce.payments.public import Refund, request_refund
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.aftersales.counter import Counter, usd
from tests.commerce.shop import Shop, at_once, open_shop

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def counter(fresh_db: str) -> Counter:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        shop: Shop = open_shop(tenant)
        shop.goods("A", price=1000, west=50)
        return Counter(shop)


def test_from_many_places_at_once(counter: Counter) -> None:
    shop = counter.shop
    with tenant_transaction(shop.tenant_id):
        order = counter.delivered(("A", 5))
        line = order.lines.get().id
        paid = counter.delivered(("A", 2))
        looked_at = counter.received(paid, 2)
        (its,) = looked_at.lines.all()
    found = at_once(
        shop.tenant_id,
        [
            lambda n=n: aftersales.ask(
                shop.boss, order.id, AskDraft("return", "other", (AskLine(line, 2),)), idempotency_key=f"k{n}"
            )
            for n in range(8)
        ],
    )
    assert Tally(type(each).__name__ for each in found) == {"Case": 2, "Invalid": 6}
    with tenant_transaction(shop.tenant_id):
        assert sum(CaseLine.objects.filter(line=line).values_list("quantity", flat=True)) == 4
        counter.adds_up()
    # two clerks look at the same goods
    found = at_once(
        shop.tenant_id,
        [
            lambda goods=goods: aftersales.inspect(
                shop.boss, looked_at.id, [FindingDraft(its.id, 2, goods, "refund")], version=looked_at.version
            )
            for goods in ("restock", "damaged", "restock", "damaged")
        ],
    )
    assert Tally(type(each).__name__ for each in found) == {"Case": 1, "StaleCase": 3}
    # two settle while somebody gives money back by hand
    version = looked_at.version + 1
    settle = [
        lambda: aftersales.settle(shop.boss, looked_at.id, Settlement(), version=version) for _ in range(3)
    ]
    by_hand = [
        lambda n=n: request_refund(shop.boss, paid.id, amount=usd(2500), reason="x", idempotency_key=f"r{n}")
        for n in range(2)
    ]
    at_once(shop.tenant_id, [*settle, *by_hand])
    with tenant_transaction(shop.tenant_id):
        assert Case.objects.get(id=looked_at.id).state in ("settled", "closed")
        rows = Refund.objects.filter(payment__order_id=paid.id).exclude(state="cancelled")
        assert sum(row.amount_minor for row in rows) == paid.total_minor == 2500
        counter.adds_up()
