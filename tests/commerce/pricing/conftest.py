"""Promotions and coupons of the small shop, made in a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import Promotion, PromotionDraft, PromotionState
from tests.commerce.shop import Shop

Offer = Callable[..., Promotion]


def make_offer(shop: Shop, kind: str, *, code: str = "", uses: int | None = None, **terms: Any) -> Promotion:
    """A promotion that runs; with a code it needs it."""
    draft = PromotionDraft(
        **{
            "name": f"Offer {kind}",
            "name_zh": f"活动 {kind}",
            "kind": kind,
            "needs_coupon": bool(code),
            **terms,
        }
    )
    made = pricing.create_promotion(shop.boss, draft)
    if code:
        pricing.add_code(shop.boss, made.id, code, uses_allowed=uses)
    return pricing.set_promotion_state(shop.boss, made.id, PromotionState.ACTIVE, version=1)


@pytest.fixture
def offer(shop: Shop) -> Offer:
    return lambda kind, **terms: make_offer(shop, kind, **terms)
