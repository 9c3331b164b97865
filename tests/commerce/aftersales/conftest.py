from __future__ import annotations

import pytest

from tests.commerce.aftersales.counter import Counter
from tests.commerce.shop import Shop


@pytest.fixture
def counter(shop: Shop) -> Counter:
    shop.goods("A", price=1000, west=50)
    shop.goods("B", price=333, west=50)
    return Counter(shop)
