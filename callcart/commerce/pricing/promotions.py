"""Making promotions, changing their terms, starting, pausing and ending them. Orders keep the terms they were placed with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext

from callcart.commerce.catalog.public import Category, Product, Variant
from callcart.commerce.pricing.models import CustomerUse, Promotion, PromotionKind, PromotionUse
from callcart.commerce.pricing.states import PromotionState, UseState, check_transition
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.text import clean, problem
from callcart.core.versions import seen_row
from callcart.people.tenants.public import get_tenant, name_fields

MOST_AMOUNT = 10**12
MOST_COUNT = 10**9
MOST_UNITS = 999
MOST_CHOSEN = 500


@dataclass(frozen=True, slots=True)
class PromotionDraft:
    """A promotion's terms. Amounts are minor units of the shop's currency; `bundle` is (variant, units)."""

    name: str = ""
    name_zh: str = ""
    kind: str = PromotionKind.PERCENT
    percent_bp: int = 0
    amount_minor: int = 0
    buy_quantity: int = 0
    get_quantity: int = 0
    bundle: tuple[tuple[UUID, int], ...] = ()
    category_ids: tuple[UUID, ...] = ()
    product_ids: tuple[UUID, ...] = ()
    min_goods_minor: int = 0
    groups: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    first_order: bool = False
    needs_coupon: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    exclusive: bool = False
    limit_total: int | None = None
    limit_per_customer: int | None = None


def create_promotion(actor: Actor, draft: PromotionDraft) -> Promotion:
    """A promotion that does not run yet. Raises Invalid."""
    actor.require("pricing.manage")
    values = _checked(draft)
    promotion = Promotion.objects.create(currency=get_tenant(actor.tenant_id).currency, **values)
    _tell(actor, promotion, "pricing.create_promotion", after=values)
    return promotion


def update_promotion(actor: Actor, promotion_id: UUID, draft: PromotionDraft, *, version: int) -> Promotion:
    """Other terms, for orders from now on. Raises NotFound, Conflict, WrongPromotionState, Invalid."""
    actor.require("pricing.manage")
    promotion = _locked(promotion_id, version)
    if promotion.state == PromotionState.ENDED:
        check_transition(promotion.state, PromotionState.ACTIVE)
    values = _checked(draft)
    used = PromotionUse.objects.filter(promotion=promotion, state=UseState.USED)
    if values["limit_total"] is not None:
        values["used_count"] = used.count()
        if values["limit_total"] < values["used_count"]:
            said = gettext("It was used %(count)d times already.") % {"count": values["used_count"]}
            raise Invalid(fields={"limit_total": said})
    if _counts_persons(values) and not _counts_persons(vars(promotion)):
        _count_persons(promotion)
    before = {name: getattr(promotion, name) for name in values}
    for name, value in values.items():
        setattr(promotion, name, value)
    promotion.version += 1
    promotion.save()
    _tell(actor, promotion, "pricing.update_promotion", before=before, after=values)
    return promotion


def set_promotion_state(
    actor: Actor, promotion_id: UUID, state: PromotionState, *, version: int
) -> Promotion:
    """Start, pause or end a promotion. Raises NotFound, Conflict, WrongPromotionState."""
    actor.require("pricing.manage")
    promotion = _locked(promotion_id, version)
    check_transition(promotion.state, state)
    before, promotion.state = promotion.state, state
    promotion.version += 1
    promotion.save(update_fields=["state", "version"])
    _tell(actor, promotion, "pricing.promotion_state", before={"state": before}, after={"state": state})
    return promotion


def _locked(promotion_id: UUID, version: int) -> Promotion:
    """FOR UPDATE waits for orders that have just counted a use, or given one back: they hold the promotion's key."""
    return seen_row(Promotion.objects.select_for_update(), promotion_id, version)


def _counts_persons(values: dict[str, Any]) -> bool:
    return values["limit_per_customer"] is not None or values["first_order"]


def _count_persons(promotion: Promotion) -> None:
    """Persons were not counted until now: count them from the uses there are."""
    CustomerUse.objects.filter(promotion=promotion).delete()
    rows = PromotionUse.objects.filter(promotion=promotion, state=UseState.USED).exclude(person="")
    CustomerUse.objects.bulk_create(
        [
            CustomerUse(promotion=promotion, person=row["person"], used_count=row["uses"])
            for row in rows.values("person").annotate(uses=Count("id"))
        ],
        batch_size=1000,
    )


def _tell(actor: Actor, promotion: Promotion, action: str, **change: Any) -> None:
    audit.record(actor, action, subject=("promotion", promotion.id), **change)
    events.emit("pricing.changed", subject=("promotion", promotion.id), data={"promotion_id": promotion.id})


def _checked(draft: PromotionDraft) -> dict[str, Any]:
    values: dict[str, Any] = asdict(draft)
    problems = check_names(values) | _check_worth(draft) | _check_limits(draft) | _check_reach(draft)
    if draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at:
        problems["ends_at"] = gettext("The end comes after the start.")
    if problems:
        raise Invalid(fields=problems)
    values["bundle"] = [{"variant_id": str(variant), "quantity": units} for variant, units in draft.bundle]
    for name in ("groups", "campaigns", "channels"):
        values[name] = sorted({clean(each) for each in values[name] if clean(each)})
    for name in ("category_ids", "product_ids"):
        values[name] = list(dict.fromkeys(values[name]))
    return values


def check_names(values: dict[str, Any]) -> dict[str, str]:
    """Clean the names of both languages; the problem where there is neither, or one is too long."""
    problems = {}
    for name in ("name", "name_zh"):
        values[name] = clean(values[name])
        if said := problem(values[name], longest=100):
            problems[name] = said
    if not values["name"] and not values["name_zh"]:
        problems[name_fields(get_tenant())[0]] = gettext("Please fill this in.")
    return problems


def _check_worth(draft: PromotionDraft) -> dict[str, str]:
    """What is wrong with what it gives."""
    wrong = gettext("This cannot be right.")
    if draft.kind not in set(PromotionKind):
        return {"kind": gettext("Choose one of the values offered.")}
    problems = {}
    least = 1 if draft.kind == PromotionKind.PERCENT else 0
    if not least <= draft.percent_bp <= 10_000:
        problems["percent"] = wrong
    least = 1 if draft.kind == PromotionKind.AMOUNT else 0
    if not least <= draft.amount_minor <= MOST_AMOUNT:
        problems["amount"] = wrong
    if draft.kind == PromotionKind.BUY_GET:
        for name in ("buy_quantity", "get_quantity"):
            if not 1 <= getattr(draft, name) <= MOST_UNITS:
                problems[name] = wrong
    if draft.kind == PromotionKind.BUNDLE and not _is_bundle(draft):
        problems["bundle"] = gettext("A set is made of two units at least, of products there are.")
    return problems


def _is_bundle(draft: PromotionDraft) -> bool:
    ids = [variant for variant, _units in draft.bundle]
    return (
        len(set(ids)) == len(ids) <= MOST_CHOSEN
        and all(1 <= units <= MOST_UNITS for _variant, units in draft.bundle)
        and sum(units for _variant, units in draft.bundle) >= 2
        and Variant.objects.filter(id__in=ids).count() == len(ids)
    )


def _check_limits(draft: PromotionDraft) -> dict[str, str]:
    problems = {}
    for name in ("limit_total", "limit_per_customer"):
        value = getattr(draft, name)
        if value is not None and not 1 <= value <= MOST_COUNT:
            problems[name] = gettext("A whole number above zero, or nothing.")
    if not 0 <= draft.min_goods_minor <= MOST_AMOUNT:
        problems["min_goods"] = gettext("This cannot be right.")
    if not -(10**6) <= draft.priority <= 10**6:
        problems["priority"] = gettext("This cannot be right.")
    return problems


def _check_reach(draft: PromotionDraft) -> dict[str, str]:
    """What it is for has to exist, in this shop."""
    problems = {}
    for name, model in (("category_ids", Category), ("product_ids", Product)):
        ids = set(getattr(draft, name))
        if len(ids) > MOST_CHOSEN or model.objects.filter(id__in=ids).count() != len(ids):
            problems[name] = gettext("One of these does not exist any more.")
    return problems
