"""Promotions, to be read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from callcart.commerce.pricing import public as pricing
from callcart.web.api.doors import allowed
from callcart.web.api.shapes import Code, Limit, MoneyShape, PageOf, money

router = Router(tags=["Promotions"])


class PromotionShape(Schema):
    """An offer. `percent_bp` is in hundredths of a per cent; `amount` is what is taken off, or what a set costs."""

    id: UUID
    name: str
    name_zh: str
    kind: str
    state: str
    percent_bp: int
    amount: MoneyShape
    needs_coupon: bool
    starts_at: datetime | None
    ends_at: datetime | None


@router.get("/promotions", response=PageOf[PromotionShape], summary="List promotions")
def list_promotions(
    request: HttpRequest, state: Code = "", cursor: UUID | None = None, limit: Limit = 50
) -> PageOf[PromotionShape]:
    """The newest first. Needs `pricing.view`."""
    allowed(request, "pricing.view")
    rows = pricing.Promotion.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if cursor is not None:
        rows = rows.filter(id__lt=cursor)
    found = list(rows[: limit + 1])
    following = str(found[limit - 1].id) if len(found) > limit else ""
    return PageOf[PromotionShape](items=[_shape(each) for each in found[:limit]], cursor=following)


def _shape(each: pricing.Promotion) -> PromotionShape:
    return PromotionShape(
        id=each.id, name=each.name, name_zh=each.name_zh, kind=each.kind, state=each.state, percent_bp=each.percent_bp,
        amount=money(each.amount_minor, each.currency), needs_coupon=each.needs_coupon, starts_at=each.starts_at,
        ends_at=each.ends_at,
    )  # fmt: skip
