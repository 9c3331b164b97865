"""After-sales of the demo shops: what was delivered lately and is asked for, waited for, here, or not accepted."""

from __future__ import annotations

from contextlib import suppress

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import AskDraft, AskLine, Case, Kind, Reason, RulesDraft, Wish
from callcart.commerce.catalog.public import Product
from callcart.commerce.inventory.public import list_warehouses
from callcart.commerce.orders.public import Order
from callcart.core.actor import Actor
from callcart.core.errors import AppError
from callcart.people.tenants.public import Tenant

LOOKED_AT, WARRANTIES = 40, 3
_ADDRESSES = {
    "US": "Returns, Harbor Goods\n400 Dock Street\nNewark, NJ 07102",
    "CN": "清和小铺 退货组\n浙江省杭州市西湖区文三路 398 号",
}
# kind, reason, wish, and how far it has come
_CASES = (
    (Kind.RETURN, Reason.DOES_NOT_FIT, Wish.REFUND, "asked"),
    (Kind.CLAIM, Reason.DAMAGED, Wish.REPLACE, "asked"),
    (Kind.EXCHANGE, Reason.WRONG_ITEM, Wish.REPLACE, "waiting"),
    (Kind.RETURN, Reason.CHANGED_MIND, Wish.REFUND, "received"),
    (Kind.RETURN, Reason.OTHER, Wish.REFUND, "refused"),
)
_TEXTS = {
    "US": (
        "A size too small.",
        "The corner is dented, see the picture.",
        "I ordered the grey one.",
        "",
        "Worn twice.",
    ),
    "CN": ("尺码偏小。", "边角压坏了。", "我要的是灰色。", "", "穿过两次。"),
}
_ANSWERS = {"US": "It was worn, so we cannot take it back.", "CN": "商品已穿着，无法退货。"}


def seed_returns(tenant: Tenant) -> None:
    """Once the shop has traded; orders that are too old for a case of a kind are passed over."""
    boss = Actor.system(tenant.id, "demo", channel="web")
    rules = RulesDraft(
        auto_tiers=("vip",), at_once_tiers=("vip",), address=_ADDRESSES.get(tenant.country, "")
    )
    aftersales.set_rules(boss, rules, version=aftersales.rules_of().version)
    for product in Product.objects.order_by("position", "id")[:WARRANTIES]:
        aftersales.set_warranty(boss, product.id, months=24)
    arrived = Order.objects.filter(fulfilment_state="delivered", customer_id__isnull=False)
    orders = list(arrived.order_by("-placed_at", "id")[:LOOKED_AT])
    texts = _TEXTS.get(tenant.country, _TEXTS["US"])
    for (kind, reason, wish, state), text in zip(_CASES, texts, strict=True):
        case = _first(boss, orders, AskDraft(kind, reason, (), wish=wish, text=text))
        if case is not None and case.state == "asked":
            _lead(boss, tenant, case, state)


def _first(boss: Actor, orders: list[Order], draft: AskDraft) -> Case | None:
    """A case of the newest order that allows one; that order is used up."""
    for order in list(orders):
        orders.remove(order)
        line = order.lines.order_by("position").first()
        if line is None:
            continue
        asked = AskDraft(draft.kind, draft.reason, (AskLine(line.id, 1),), wish=draft.wish, text=draft.text)
        with suppress(AppError):
            return aftersales.ask(boss, order.id, asked, idempotency_key=f"demo-{order.id}")
    return None


def _lead(boss: Actor, tenant: Tenant, case: Case, state: str) -> None:
    if state == "refused":
        answer = _ANSWERS.get(tenant.country, _ANSWERS["US"])
        aftersales.refuse(boss, case.id, version=case.version, answer=answer)
    elif state != "asked":
        case = aftersales.approve(boss, case.id, version=case.version)
        if state == "received":
            units = {row.id: row.quantity for row in case.lines.all()}
            place = list_warehouses()[0].id
            aftersales.receive(boss, case.id, units=units, warehouse_id=place, version=case.version)
