"""Two buyers at once for the last of something: a coupon's last use, a promotion's, a person's only one. Real connections."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest

from callcart.commerce.orders.public import Order, cancel_order, place_order
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.models import Coupon, CustomerUse, Promotion, PromotionUse
from callcart.commerce.pricing.public import UsedUp
from callcart.core.database import parameters, raw, sql
from callcart.core.errors import Invalid
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import create_customer
from callcart.people.tenants.public import Tenant
from tests.commerce.pricing.conftest import make_offer
from tests.commerce.shop import Shop, at_once, open_shop

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def live_shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        return open_shop(tenant)


def counted_wrong() -> list[object]:
    return list(raw.all(sql("callcart.commerce.pricing", "integrity")))


def test_twenty_buyers_of_three_last_uses(live_shop: Shop) -> None:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", west=100)
        live_shop.goods("B", west=100)
        make_offer(live_shop, "amount", amount_minor=200, code="LAST", uses=3)
        make_offer(live_shop, "percent", percent_bp=100, limit_total=5)
        ada = create_customer(live_shop.boss, name="Ada")
        make_offer(live_shop, "amount", amount_minor=10, limit_per_customer=2)

    def buy(number: int) -> object:
        lines = (("A", 1), ("B", 1)) if number % 2 else (("B", 1), ("A", 1))
        draft = live_shop.draft(*lines, coupons=("LAST",), customer_id=ada.id)
        return place_order(live_shop.boss, draft, idempotency_key=f"buyer-{number}")

    found = at_once(live_shop.tenant_id, [lambda n=n: buy(n) for n in range(20)], workers=8)  # type: ignore[misc]
    assert all(isinstance(each, Order | UsedUp | Invalid) for each in found), Counter(map(type, found))
    with tenant_transaction(live_shop.tenant_id):
        orders = list(Order.objects.all())
        assert len(orders) == sum(isinstance(each, Order) for each in found)
        assert Coupon.objects.get().used_count == sum(each.coupon_codes == ["LAST"] for each in orders) <= 3
        assert Promotion.objects.get(kind="percent").used_count <= 5
        assert CustomerUse.objects.get().used_count <= 2
        assert counted_wrong() == []


def test_a_use_given_back_and_taken_at_once_is_counted_right(live_shop: Shop) -> None:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", west=100)
        make_offer(live_shop, "amount", amount_minor=200, code="ONCE", uses=1)
        first = live_shop.place(("A", 1), coupons=("ONCE",))

    draft = live_shop.draft(("A", 1), coupons=("ONCE",))
    at_once(
        live_shop.tenant_id,
        [
            lambda: cancel_order(live_shop.boss, first.id, reason="x", version=1),
            lambda: place_order(live_shop.boss, draft, idempotency_key="second"),
            lambda: place_order(live_shop.boss, draft, idempotency_key="third"),
        ],
    )
    with tenant_transaction(live_shop.tenant_id):
        assert Coupon.objects.get().used_count == PromotionUse.objects.filter(state="used").count() <= 1
        assert counted_wrong() == []


def test_a_limit_set_while_orders_come_in_counts_all_of_them(live_shop: Shop) -> None:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", west=100)
        promotion = make_offer(live_shop, "amount", amount_minor=200)
    terms = pricing.PromotionDraft(name="X", kind="amount", amount_minor=200, limit_total=50)
    found = at_once(
        live_shop.tenant_id,
        [
            *(
                lambda n=n: place_order(live_shop.boss, live_shop.draft(("A", 1)), idempotency_key=f"n-{n}")  # type: ignore[misc]
                for n in range(8)
            ),
            lambda: pricing.update_promotion(live_shop.boss, promotion.id, terms, version=2),
        ],
    )
    assert [each for each in found if isinstance(each, BaseException)] == []
    with tenant_transaction(live_shop.tenant_id):
        promotion.refresh_from_db()
        assert promotion.used_count == PromotionUse.objects.filter(state="used").count() == 8
        assert counted_wrong() == []


@pytest.mark.parametrize("cancelled", [False, True])
def test_an_order_on_its_way_holds_the_terms_of_its_promotions(live_shop: Shop, cancelled: bool) -> None:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", west=100)
        promotion = make_offer(live_shop, "amount", amount_minor=200)
        other = live_shop.place(("A", 1)) if cancelled else None
    statement = "SELECT 1 FROM pricing_promotion WHERE id = %s FOR UPDATE NOWAIT"
    with psycopg.connect(**parameters("system"), autocommit=True) as somebody:
        with tenant_transaction(live_shop.tenant_id):
            if other is not None:
                cancel_order(live_shop.boss, other.id, reason="x", version=1)
            else:
                live_shop.place(("A", 1))
            with pytest.raises(psycopg.errors.LockNotAvailable):
                somebody.execute(statement, [promotion.id])
        assert somebody.execute(statement, [promotion.id]).fetchone() == (1,)
