"""The two demo shops, made by the public verbs: goods, stock, staff, queues, customers and sixty days of orders.

Deterministic and repeatable: a shop that is there is left as it is. Nobody in it exists.
"""

from __future__ import annotations

import random
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from callcart.commerce.inventory.public import receive
from callcart.commerce.orders.public import (
    DraftAddress,
    DraftLine,
    Order,
    OrderDraft,
    cancel_order,
    confirm_order,
    place_order,
    ship_order,
)
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.contact.conversations.public import save_disposition
from callcart.contact.routing.public import (
    add_queue,
    save_pause_reason,
    save_profile,
    save_skill,
    set_agent_profile,
)
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import AppError
from callcart.core.tenancy import tenant_transaction
from callcart.demo import seed_goods
from callcart.demo.data import people
from callcart.demo.data.staff import DISPOSITIONS, PASSWORD, STAFF
from callcart.people.customers.public import create_customer
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
DAYS = 60
ORDERS = 60
STOCK = 40


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
            _trade(tenant, random.Random(values["slug"]))
        if verbosity:
            sys.stdout.write(f"    {values['slug']}: {'made' if fresh else 'there already'}\n")


def _take_time() -> None:
    """Setting a shop up is one transaction of some seconds; the limit that guards requests is not meant for it."""
    raw.one("SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'")


def _set_up(tenant: Tenant) -> None:
    actor = Actor.system(tenant.id, "demo")
    seed_goods.seed_goods(actor, tenant)
    _staff(actor, tenant)
    places = seed_goods.warehouses()
    for shelf in seed_goods.shelves(tenant):
        for code, wanted in shelf.free.items():
            if wanted:
                receive(
                    actor, variant_id=shelf.variant.id, warehouse_id=places[code].id, quantity=wanted,
                    reason="opening stock",
                )  # fmt: skip


def _staff(actor: Actor, tenant: Tenant) -> None:
    roles = ensure_default_roles()
    queues = _queues(actor, tenant)
    profile = save_profile(
        actor, "everything", name="All queues", name_zh="全部队列", queues=dict.fromkeys(queues, 1)
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
    return [first.id, second.id]


def _trade(tenant: Tenant, dice: random.Random) -> None:
    """Customers and their orders, oldest first; each in a transaction of its own, at its own time."""
    system = Actor.system(tenant.id, "demo")
    with tenant_transaction(tenant.id):
        customers = [
            (create_customer(system, name=name, phone=number, tier=tier, language=language).id, name, number)
            for name, number, tier, language in _people(tenant, dice)
        ]
        variants = [(shelf.variant.id, sum(shelf.free.values())) for shelf in seed_goods.shelves(tenant)]
        methods = [method.code for method in DeliveryMethod.objects.filter(is_active=True)]
    buyable = [variant for variant, free in variants if free > 8]
    moments = sorted(
        clock.now() - timedelta(minutes=dice.randrange(20, DAYS * 1440)) for _each in range(ORDERS)
    )
    for place, moment in enumerate(moments):
        who = customers[place % 4] if place >= ORDERS - 8 else dice.choice(customers)
        _order(tenant, dice, moment, who, dice.sample(buyable, dice.randint(1, 3)), methods)


def _people(tenant: Tenant, dice: random.Random) -> list[tuple[str, str, str, str]]:
    known = [
        (each.name, each.number, each.tier, each.language)
        for each in people.KNOWN_CALLERS
        if each.tenant == tenant.slug
    ]
    for place in range(STOCK):
        tier = dice.choice(("standard", "standard", "silver", "gold", "vip"))
        if tenant.country == "US":
            name = f"{dice.choice(people.US_FIRST)} {dice.choice(people.US_LAST)}"
            known.append((name, f"+1202555{1000 + place:04d}".replace("+12025551", "+12025554"), tier, "en"))
        else:
            name = dice.choice(people.CN_FAMILY) + dice.choice(people.CN_GIVEN)
            known.append((name, f"+86139{10000000 + place * 7919:08d}", tier, "zh-hans"))
    return known


def _order(
    tenant: Tenant, dice: random.Random, moment: datetime, who: tuple[UUID, str, str], variants: list[UUID],
    methods: list[str],
) -> None:  # fmt: skip
    customer_id, name, number = who
    actor = Actor.system(tenant.id, "demo")
    place = dice.choice(people.US_PLACES if tenant.country == "US" else people.CN_PLACES)
    draft = OrderDraft(
        lines=tuple(DraftLine(variant, dice.randint(1, 2)) for variant in variants),
        channel=dice.choice(("web", "phone", "web")),
        address=_address(tenant, dice, name, number, place),
        delivery_method=dice.choice(methods),
        payment_method="cod",
        customer_id=customer_id,
    )
    try:
        with clock.frozen(moment), tenant_transaction(tenant.id):
            made = place_order(actor, draft, idempotency_key=f"demo-{moment.isoformat()}")
            _follow(actor, made, dice, moment)
    except AppError:
        return  # sold out by the orders before, or no such delivery there: this customer buys nothing


def _follow(actor: Actor, made: Order, dice: random.Random, moment: datetime) -> None:
    """What became of it, by its age."""
    age = (datetime.now(moment.tzinfo) - moment).days
    if dice.random() < 0.08:
        cancel_order(actor, made.id, reason="changed their mind", version=made.version)
        return
    if age >= 1:
        made = confirm_order(actor, made.id, version=made.version)
    if age >= 2:
        ship_order(actor, made.id, version=made.version, carrier="Swift", tracking=f"SW{made.number}")


def _address(tenant: Tenant, dice: random.Random, name: str, number: str, place: object) -> DraftAddress:
    values = [str(part) for part in place] if isinstance(place, tuple) else []
    if tenant.country == "US":
        city, state, code = (values + ["Portland", "OR", "97201"])[:3]
        street = f"{dice.randint(10, 990)} {dice.choice(people.US_STREETS)}"
        return DraftAddress(name, number, "US", state, city, "", street, code)
    province, city, district = (values + ["浙江省", "杭州市", "西湖区"])[:3]
    street = f"{dice.choice(people.CN_STREETS)}{dice.randint(1, 300)}号"
    return DraftAddress(name, number, "CN", province, city, district, street, "")
