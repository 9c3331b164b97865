"""The two demo shops, made by the public verbs: goods, stock, staff, queues, and then their trade (`seed_trade`).

Deterministic and repeatable: a shop that is there is left as it is. Nobody in it exists.
"""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

from callcart.commerce.inventory.public import receive
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.contact.conversations.public import save_disposition
from callcart.contact.messaging.public import add_line
from callcart.contact.routing.public import (
    add_queue,
    save_pause_reason,
    save_profile,
    save_skill,
    set_agent_profile,
)
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from callcart.demo import seed_carriers, seed_goods
from callcart.demo.data.staff import DISPOSITIONS, PASSWORD, STAFF
from callcart.demo.seed_canned import seed_canned
from callcart.demo.seed_centre import seed_centre
from callcart.demo.seed_money import seed_money
from callcart.demo.seed_prices import seed_prices
from callcart.demo.seed_returns import seed_returns
from callcart.demo.seed_sets import seed_sets
from callcart.demo.seed_sms import seed_sms
from callcart.demo.seed_stock import seed_stock
from callcart.demo.seed_trade import trade
from callcart.demo.seed_work import seed_work
from callcart.engage.ivr.public import ensure_main
from callcart.people.staff.public import create_staff, ensure_default_roles
from callcart.people.tenants.public import (
    Tenant,
    add_service_number,
    create_tenant,
    tenant_by_slug,
)

SHOPS: tuple[dict[str, Any], ...] = (
    {
        "slug": "harbor", "name": "Harbor & Pine", "name_zh": "海港松木", "currency": "USD",
        "timezone": "America/New_York", "language": "en", "country": "US",
    },
    {
        "slug": "qinghe", "name": "Qinghe Select", "name_zh": "青禾优选", "currency": "CNY",
        "timezone": "Asia/Shanghai", "language": "zh-hans", "country": "CN",
    },
)  # fmt: skip
NUMBERS = {"harbor": "+12025550100", "qinghe": "+8657188880100"}


def seed(*, verbosity: int = 1) -> None:
    """Make what is missing of the demo shops."""
    for values in SHOPS:
        tenant = tenant_by_slug(values["slug"]) or create_tenant(**values)
        with tenant_transaction(tenant.id):
            fresh = not DeliveryMethod.objects.exists()
            if fresh:
                _take_time()
                _set_up(tenant)
        if fresh:
            trade(tenant)
            with tenant_transaction(tenant.id):
                _take_time()
                seed_stock(Actor.system(tenant.id, "demo"), tenant)
                seed_money(Actor.system(tenant.id, "demo"), tenant)
                seed_prices(Actor.system(tenant.id, "demo"), tenant)
                seed_carriers.hold_one_up(Actor.system(tenant.id, "demo"), tenant)
                seed_work(tenant)
                seed_returns(tenant)
                seed_sets(Actor.system(tenant.id, "demo"), tenant)
                seed_centre(Actor.system(tenant.id, "demo"), tenant)
        if verbosity:
            sys.stdout.write(f"    {values['slug']}: {'made' if fresh else 'there already'}\n")


def _take_time() -> None:
    """Setting a shop up is one transaction of some seconds; the limit that guards requests is not meant for it."""
    raw.one("SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'")


def _set_up(tenant: Tenant) -> None:
    actor = Actor.system(tenant.id, "demo")
    seed_goods.seed_goods(actor, tenant)
    seed_carriers.seed_carriers(actor, tenant)
    _staff(actor, tenant)
    seed_canned(actor)
    places = seed_goods.warehouses()
    for shelf in seed_goods.shelves(tenant):
        for code, wanted in shelf.free.items():
            if wanted:
                receive(
                    actor, variant_id=shelf.variant.id, warehouse_id=places[code].id, quantity=wanted,
                    reason="期初库存" if tenant.country == "CN" else "opening stock",
                )  # fmt: skip


def _staff(actor: Actor, tenant: Tenant) -> None:
    roles = ensure_default_roles()
    queues = _queues(actor, tenant)
    ensure_main(actor)
    profile = save_profile(
        actor, "everything", name="All queues", name_zh="全部技能组", queues=dict.fromkeys(queues, 1)
    )
    for row in STAFF[tenant.slug]:
        made = create_staff(
            actor, email=f"{row.login}@{tenant.slug}.example", name=row.name, name_zh=row.name_zh,
            password=PASSWORD, language=row.language, role_ids=[roles[row.role].id],
        )  # fmt: skip
        if row.languages:
            skills = [f"lang:{language}" for language, _level in row.languages]
            set_agent_profile(actor, made.id, profile_id=profile.id, skills=skills)
    for key, (code, name, name_zh, children) in enumerate(DISPOSITIONS[:9], start=1):
        parent = save_disposition(actor, code, name=name, name_zh=name_zh, key=key)
        for place, (child, child_name, child_zh) in enumerate(children[:9], start=1):
            save_disposition(actor, child, name=child_name, name_zh=child_zh, key=place, parent_id=parent.id)


def _queues(actor: Actor, tenant: Tenant) -> list[UUID]:
    save_skill(actor, "lang:en", name="English", name_zh="英语")
    save_skill(actor, "lang:zh-hans", name="Chinese", name_zh="中文")
    reasons = (("break", "Break", "小休"), ("lunch", "Lunch", "用餐"), ("meeting", "Meeting", "会议"))
    for place, (code, name, name_zh) in enumerate(reasons):
        save_pause_reason(actor, code, name=name, name_zh=name_zh, position=place)
    first = add_queue(actor, "orders", name="Orders", name_zh="订购", priority=200)
    second = add_queue(actor, "aftersales", name="After-sales", name_zh="售后", priority=100)
    add_service_number(
        actor, NUMBERS[tenant.slug], name="Customer service", name_zh="客服热线", queue_id=first.id
    )
    greetings = {
        "greeting": "Hello! What can we do for you?",
        "greeting_zh": "您好！请问有什么可以帮您？",
        "calls": "on",
    }
    add_line(
        actor, "web", name="在线咨询" if tenant.country == "CN" else "Shop chat", address="shop",
        queue_id=second.id, values=greetings,
    )  # fmt: skip
    seed_sms(actor, tenant, second.id)
    return [first.id, second.id]
