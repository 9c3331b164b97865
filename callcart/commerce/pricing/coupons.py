"""Coupon codes: a single one of the shop's own choosing, and batches that are drawn by lot."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.pricing.codes import MOST_CODE, code_key, new_code
from callcart.commerce.pricing.models import Coupon, CouponBatch, Promotion
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.text import clean

MOST_BATCH = 20_000
MOST_USES = 10**9
LEAST_CODE = 4
MOST_PREFIX = 12


class CodeTaken(Conflict):
    """There is a coupon with this code already."""

    code = "pricing.code_taken"


def add_code(actor: Actor, promotion_id: UUID, code: str, *, uses_allowed: int | None = None) -> Coupon:
    """A code of the shop's own choosing, usable so often (None: without end). Raises NotFound, Invalid, CodeTaken."""
    actor.require("pricing.coupons")
    promotion = _promotion(promotion_id)
    shown, key = clean(code).upper(), code_key(code)
    problems = {}
    if not len(key) >= LEAST_CODE or len(shown) > MOST_CODE:
        problems["code"] = gettext("Letters and digits, %(least)d to %(most)d of them.") % {
            "least": LEAST_CODE,
            "most": MOST_CODE,
        }
    if uses_allowed is not None and not 1 <= uses_allowed <= MOST_USES:
        problems["uses_allowed"] = gettext("A whole number above zero, or nothing.")
    if problems:
        raise Invalid(fields=problems)
    try:
        with transaction.atomic():
            coupon = Coupon.objects.create(
                promotion=promotion, code=shown, key=key, uses_allowed=uses_allowed
            )
    except IntegrityError as error:
        raise CodeTaken from error
    audit.record(
        actor,
        "pricing.add_code",
        subject=("promotion", promotion.id),
        after={"code": shown, "uses": uses_allowed},
    )
    events.emit("pricing.changed", subject=("promotion", promotion.id), data={"promotion_id": promotion.id})
    return coupon


def make_batch(
    actor: Actor, promotion_id: UUID, *, size: int, prefix: str = "", uses_each: int = 1
) -> CouponBatch:
    """Draw codes by lot. Raises NotFound, Invalid."""
    actor.require("pricing.coupons")
    promotion = _promotion(promotion_id)
    prefix = code_key(clean(prefix))
    problems = {}
    if not 1 <= size <= MOST_BATCH:
        problems["size"] = gettext("From 1 to %(most)d.") % {"most": MOST_BATCH}
    if len(prefix) > MOST_PREFIX:
        problems["prefix"] = gettext("At most %(most)d letters and digits.") % {"most": MOST_PREFIX}
    if not 1 <= uses_each <= MOST_USES:
        problems["uses_each"] = gettext("A whole number above zero.")
    if problems:
        raise Invalid(fields=problems)
    batch = CouponBatch.objects.create(
        promotion=promotion, prefix=prefix, size=size, uses_each=uses_each, made_by=actor.name
    )
    codes = [new_code(prefix) for _each in range(size)]
    Coupon.objects.bulk_create(
        [
            Coupon(promotion=promotion, batch=batch, code=code, key=code_key(code), uses_allowed=uses_each)
            for code in codes
        ],
        batch_size=2000,
    )
    audit.record(
        actor,
        "pricing.make_batch",
        subject=("promotion", promotion.id),
        after={"batch": batch.id, "size": size, "uses_each": uses_each},
    )
    events.emit("pricing.changed", subject=("promotion", promotion.id), data={"promotion_id": promotion.id})
    return batch


def switch_code(actor: Actor, coupon_id: UUID, *, on: bool) -> Coupon:
    """Let a code count, or not any more. Raises NotFound."""
    actor.require("pricing.coupons")
    coupon = Coupon.objects.select_for_update(no_key=True).filter(id=coupon_id).first()
    if coupon is None:
        raise NotFound
    before, coupon.is_active = coupon.is_active, on
    coupon.save(update_fields=["is_active"])
    audit.record(
        actor,
        "pricing.switch_code",
        subject=("promotion", coupon.promotion_id),
        before={"code": coupon.code, "on": before},
        after={"code": coupon.code, "on": on},
    )
    return coupon


def codes_of_batch(actor: Actor, batch_id: UUID) -> tuple[CouponBatch, list[Coupon]]:
    """A batch's codes for a file; audited, for whoever has the file has the coupons. Raises NotFound."""
    actor.require("pricing.coupons")
    batch = CouponBatch.objects.select_related("promotion").filter(id=batch_id).first()
    if batch is None:
        raise NotFound
    audit.record(
        actor, "pricing.download_codes", subject=("promotion", batch.promotion_id), after={"batch": batch.id}
    )
    return batch, list(Coupon.objects.filter(batch=batch).order_by("id"))


def _promotion(promotion_id: UUID) -> Promotion:
    promotion = Promotion.objects.filter(id=promotion_id).first()
    if promotion is None:
        raise NotFound
    return promotion
