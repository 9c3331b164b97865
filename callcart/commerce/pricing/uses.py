"""Counting how often a promotion was given. Called by orders inside their own transactions, as the last thing they lock.

Limited promotions and coupons are counted by conditional updates in ascending id; unlimited ones only get a row for the
order, so that no order waits for another over a counter nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext

from callcart.commerce.pricing.codes import code_key
from callcart.commerce.pricing.facts import Applied
from callcart.commerce.pricing.models import Coupon, CustomerUse, Promotion, PromotionKind, PromotionUse
from callcart.commerce.pricing.states import UseState
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import Invalid
from callcart.core.ids import new_id
from callcart.core.tenancy import current_tenant

_HOLD = """
SELECT limit_total, limit_per_customer, first_order FROM pricing_promotion WHERE id = ANY(%s::uuid[]) ORDER BY id FOR KEY SHARE
"""
_LIMITED = """
UPDATE pricing_promotion SET used_count = used_count + 1
 WHERE id = %s AND limit_total IS NOT NULL AND used_count < limit_total RETURNING 1
"""
_COUPON = """
UPDATE pricing_coupon SET used_count = used_count + 1
 WHERE id = %s AND is_active AND (uses_allowed IS NULL OR used_count < uses_allowed) RETURNING 1
"""
_PERSON = """
INSERT INTO pricing_customeruse AS u (id, tenant_id, promotion_id, person, used_count) VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (promotion_id, person) DO UPDATE SET used_count = u.used_count + 1 WHERE u.used_count < %s RETURNING 1
"""


class UsedUp(Invalid):
    """An offer of this order was used up a moment ago. Look at the new price, then place the order again."""

    code = "pricing.used_up"
    status = 409


def take_uses(
    order_id: UUID, order_number: str, person: str, applied: Sequence[Applied], *, delivery_off: int = 0
) -> None:
    """Count the promotions given on an order. Raises UsedUp where a limit was reached meanwhile; the caller's transaction
    must then not go on."""
    for each in sorted(applied, key=lambda one: one.terms.id):
        promotion_id = UUID(each.terms.id)
        coupon = Coupon.objects.filter(key=code_key(each.terms.code)).first() if each.terms.code else None
        PromotionUse.objects.update_or_create(
            promotion_id=promotion_id,
            order_id=order_id,
            defaults={
                "coupon": coupon,
                "order_number": order_number,
                "person": person,
                "amount_minor": _worth(each, delivery_off),
                "state": UseState.USED,
                "used_at": now(),
                "released_at": None,
            },
        )
        [(limit_total, limit_per_customer, first_order)] = _hold([promotion_id])
        if limit_total is not None and raw.one(_LIMITED, (promotion_id,)) is None:
            raise _used_up(each)
        if coupon is not None and raw.one(_COUPON, (coupon.id,)) is None:
            raise _used_up(each)
        most = limit_per_customer or (1 if first_order else None)
        if most is not None and person:
            row = (new_id(), current_tenant(), promotion_id, person, most)
            if raw.one(_PERSON, row) is None:
                raise _used_up(each)


def _hold(promotion_ids: Sequence[UUID]) -> Sequence[Any]:
    """The limits of promotions by ascending id. They cannot change until we are through, and whoever changes them then counts what we
    do (`promotions.update_promotion`): the foreign key of a use is looked at when it is committed and holds nobody up before."""
    return raw.all(_HOLD, (list(promotion_ids),))


def _worth(each: Applied, delivery_off: int) -> int:
    return delivery_off if each.terms.kind is PromotionKind.FREE_DELIVERY else each.amount_minor


def _used_up(each: Applied) -> UsedUp:
    said = gettext("This has been used up.")
    return UsedUp(fields={f"coupons.{each.terms.code}" if each.terms.code else "promotions": said})


def release_uses(order_id: UUID, *, keep: Sequence[str] = ()) -> int:
    """Give back what an order has used (cancelled, or changed so that only `keep` are still given): how many. A second call
    gives nothing back."""
    rows = PromotionUse.objects.select_for_update().filter(order_id=order_id, state=UseState.USED)
    given_back = [row for row in rows.order_by("promotion_id") if str(row.promotion_id) not in keep]
    if given_back:
        _hold([row.promotion_id for row in given_back])
    for row in given_back:
        row.state, row.released_at = UseState.RELEASED, now()
        row.save(update_fields=["state", "released_at"])
        Promotion.objects.filter(id=row.promotion_id, limit_total__isnull=False, used_count__gt=0).update(
            used_count=F("used_count") - 1
        )
        if row.coupon_id is not None:
            Coupon.objects.filter(id=row.coupon_id, used_count__gt=0).update(used_count=F("used_count") - 1)
        CustomerUse.objects.filter(promotion_id=row.promotion_id, person=row.person, used_count__gt=0).update(
            used_count=F("used_count") - 1
        )
    return len(given_back)


def settle_uses(
    order_id: UUID, order_number: str, person: str, applied: Sequence[Applied], *, delivery_off: int = 0
) -> None:
    """An order changed: give back what it no longer gets, note what it keeps is worth now, count what is new. Raises UsedUp."""
    release_uses(order_id, keep=[each.terms.id for each in applied])
    rows = PromotionUse.objects.filter(order_id=order_id, state=UseState.USED)
    kept = {str(row.promotion_id): row for row in rows}
    for each in applied:
        row = kept.get(each.terms.id)
        if row is not None and row.amount_minor != (worth := _worth(each, delivery_off)):
            PromotionUse.objects.filter(id=row.id).update(amount_minor=worth)
    new = [each for each in applied if each.terms.id not in kept]
    take_uses(order_id, order_number, person, new, delivery_off=delivery_off)
