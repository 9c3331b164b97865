"""Reads all rules of a basket in one query; what they mean is `price`'s business."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from callcart.commerce.pricing.codes import code_key
from callcart.commerce.pricing.facts import Buyer, CouponTerm, ListTerm, PromotionTerms, RateTerm, Rules
from callcart.commerce.pricing.models import PromotionKind
from callcart.core.clock import now, today
from callcart.core.database import raw, sql
from callcart.people.tenants.public import get_tenant, settings_of


def load_rules(
    variant_ids: Iterable[UUID],
    buyer: Buyer,
    *,
    codes: Iterable[str] = (),
    promised: Iterable[UUID] = (),
) -> Rules:
    """The rules for these SKUs and this buyer as of now. `promised`: promotions to look at whatever their state."""
    tenant = get_tenant()
    found = raw.value(
        sql("callcart.commerce.pricing", "rules"),
        {
            "variants": list(set(variant_ids)),
            "keys": sorted({key for code in codes if (key := code_key(code))}),
            "promised": list(promised),
            "customer": buyer.customer_id,
            "person": buyer.person,
            "currency": tenant.currency,
            "country": buyer.country or tenant.country,
            "now": now(),
            "today": today(tenant.timezone),
        },
    )
    stored: Mapping[str, Any] = json.loads(found) if isinstance(found, str) else found
    return Rules(
        lists=tuple(map(read_list, stored["lists"] or ())),
        prices=read_prices(stored["prices"] or ()),
        promotions=tuple(map(_promotion, stored["promotions"] or ())),
        coupons={row[1]: CouponTerm(*row) for row in stored["coupons"] or ()},
        rates=_rates(stored["rates"] or ()),
        retail={row[0]: row[1] for row in stored["goods"] or ()},
        tax_classes={row[0]: row[2] for row in stored["goods"] or () if row[2]},
        default_tax_class=stored["default_tax_class"] or "",
        groups=frozenset(stored["groups"] or ()),
        prices_include_tax=settings_of(tenant).prices_include_tax,
    )


def read_list(row: list[Any]) -> ListTerm:
    groups, countries, regions, campaigns = (frozenset(each) for each in row[5:9])
    return ListTerm(row[0], row[1], row[2], row[3], row[4], groups, countries, regions, campaigns, row[9])


def read_prices(rows: Iterable[list[Any]]) -> dict[str, tuple[tuple[str, int, int], ...]]:
    found: dict[str, list[tuple[str, int, int]]] = {}
    for variant, price_list, start, price in rows:
        found.setdefault(variant, []).append((price_list, start, price))
    return {variant: tuple(prices) for variant, prices in found.items()}


def _promotion(row: dict[str, Any]) -> PromotionTerms:
    row["bundle"] = [(item["variant_id"], item["quantity"]) for item in row["bundle"]]
    return PromotionTerms.from_json({**row, "kind": PromotionKind(row["kind"])})


def _rates(rows: Iterable[list[Any]]) -> tuple[RateTerm, ...]:
    """One rate for each class and region: the one that began last."""
    found = {(row[0], row[1]): RateTerm(*row) for row in rows}
    return tuple(found.values())
