"""Prices of the demo shops beside the products' own: a list for gold customers, promotions, a coupon, tax. Made after the trade
of the past, which was sold without them."""

from __future__ import annotations

from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import PriceList
from callcart.core.actor import Actor
from callcart.people.tenants.public import Tenant, update_tenant

# key: (name, name in Chinese, terms, code); amounts are minor units of the shop's currency
PROMOTIONS: dict[str, tuple[tuple[str, str, dict[str, object], str], ...]] = {
    "harbor": (
        ("Welcome", "新客礼", {"kind": "percent", "percent_bp": 1000, "first_order": True, "priority": 5}, "WELCOME10"),
        ("Big basket", "满额免邮", {"kind": "free_delivery", "min_goods_minor": 50_000}, ""),
        ("Hotline thank-you", "热线回馈", {"kind": "amount", "amount_minor": 1500, "min_goods_minor": 30_000, "channels": ("phone",)}, ""),
    ),
    "qinghe": (
        ("Welcome", "新人专享", {"kind": "amount", "amount_minor": 2000, "min_goods_minor": 9900, "first_order": True, "priority": 5}, "XINREN20"),
        ("Big basket", "满五百包邮", {"kind": "free_delivery", "min_goods_minor": 50_000}, ""),
        ("Hotline thank-you", "热线满减", {"kind": "amount", "amount_minor": 3000, "min_goods_minor": 60_000, "channels": ("phone",)}, ""),
    ),
}  # fmt: skip


def seed_prices(actor: Actor, tenant: Tenant) -> None:
    """What is missing of it; a shop that has a price list is left as it is."""
    if PriceList.objects.exists():
        return
    pricing.create_list(
        actor,
        pricing.ListDraft(
            code="gold",
            name="Gold customers",
            name_zh="金卡会员",
            groups=("tier:gold",),
            percent_bp=500,
            priority=10,
        ),
    )
    for name, name_zh, terms, code in PROMOTIONS[tenant.slug]:
        draft = pricing.PromotionDraft(name=name, name_zh=name_zh, needs_coupon=bool(code), **terms)  # type: ignore[arg-type]
        made = pricing.create_promotion(actor, draft)
        if code:
            pricing.add_code(actor, made.id, code)
        pricing.set_promotion_state(actor, made.id, pricing.PromotionState.ACTIVE, version=made.version)
    _tax(actor, tenant)


def _tax(actor: Actor, tenant: Tenant) -> None:
    """In China prices hold the value added tax; in the United States some states' sales tax comes on top."""
    standard = pricing.save_tax_class(actor, "standard", name="Standard", name_zh="标准税率", is_default=True)
    if tenant.country == "CN":
        delivery = pricing.save_tax_class(actor, "delivery", name="Delivery", name_zh="运费")
        for tax_class, rate in ((standard, 130_000), (delivery, 60_000)):
            draft = pricing.RateDraft(tax_class.id, "CN", rate, name="VAT", name_zh="增值税")
            pricing.add_rate(actor, draft)
        return
    update_tenant(actor, settings={"prices_include_tax": False})
    for state, rate in (("California", 72_500), ("Texas", 62_500), ("Florida", 60_000)):
        draft = pricing.RateDraft(standard.id, "US", rate, name="Sales tax", name_zh="销售税", region=state)
        pricing.add_rate(actor, draft)
