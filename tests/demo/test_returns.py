"""The demo's after-sales: cases in different states of orders that arrived."""

from __future__ import annotations

from callcart.commerce.aftersales.models import Case, Warranty
from callcart.core import integrity
from callcart.demo.seed_returns import seed_returns
from callcart.people.customers.models import Customer
from callcart.people.tenants.public import Tenant
from tests.commerce.aftersales.counter import Counter
from tests.commerce.shop import open_shop


def test_cases_of_the_demo(tenant: Tenant) -> None:
    counter = Counter(open_shop(tenant))
    counter.shop.goods("A", price=1000, west=50)
    person = Customer.objects.create(number="79", name="Ada Example")
    for _ in range(6):
        counter.delivered(("A", 1), customer_id=person.id)
    seed_returns(tenant)
    found = sorted(Case.objects.values_list("kind", "state"))
    assert found == [
        ("claim", "asked"), ("exchange", "waiting"), ("return", "asked"), ("return", "received"), ("return", "refused"),
    ]  # fmt: skip
    assert Warranty.objects.get().months == 24
    assert integrity.find_in("aftersales") == []
