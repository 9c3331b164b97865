"""`seller`: the shop's own data filled in. `taxed`: half of the prices' tax classes set, so that two rates stand on an order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.commerce.invoicing import public as invoicing
from tests.commerce.shop import Shop

DRAFT = invoicing.SellerDraft(
    name="Harbor Outfitters Ltd",
    name_zh="海港户外用品有限公司",
    address="12 Quay Street\nPortland, OR 97201",
    address_zh="上海市浦东新区码头路12号",
    tax_number="US 12-3456789",
    bank="First Harbor Bank",
    bank_account="000123456789",
    email="books@harbor.example",
)


@pytest.fixture
def seller(shop: Shop) -> invoicing.Seller:
    return invoicing.save_seller(shop.boss, DRAFT, version=0)


def changed(shop: Shop, **values: object) -> invoicing.Seller:
    """The seller's data with some values changed."""
    return invoicing.save_seller(shop.boss, replace(DRAFT, **values), version=invoicing.seller().version)  # type: ignore[arg-type]
