"""The roles a shop starts with, as data. A permission that no domain declares is left out; the owner's `*` also covers
what later versions declare. A shop may change all of them but the owner's."""

from __future__ import annotations

from typing import Any

from callcart.core import permissions
from callcart.people.staff.grants import EVERYTHING
from callcart.people.staff.models import Role

OWNER = "owner"
_OWN: dict[str, Any] = {"scope": "own"}

_SEES = (
    "desk.use", "staff.view", "customers.view", "catalog.view", "inventory.view", "orders.view", "payments.view",
    "shipping.view", "conversations.view",
)  # fmt: skip
_AGENT = (
    "aftersales.view", "aftersales.ask",
    *_SEES, "supply.ask", "orders.discount", "orders.change_price", "payments.view_value", "payments.use_value",
    "customers.edit", "orders.place", "orders.edit", "orders.confirm", "orders.cancel", "orders.hold", "orders.tag",
    "payments.send_link", "conversations.handle", "messaging.write", "recordings.listen", "recordings.comment", "routing.work", "voice.phone", "voice.dial_out", "callbacks.work", "tasks.work",
    "notices.view", "invoicing.view", "invoicing.buyer", "invoicing.send",
)  # fmt: skip
_SUPERVISOR = (
    "aftersales.approve", "aftersales.exception", "aftersales.settle", "aftersales.rules",
    *_AGENT, "cards.others", "supply.view", "pricing.view", "payments.change_plan",
    "customers.see_phone", "customers.see_email", "customers.block", "orders.confirm_unpaid", "orders.approve",
    "orders.approve_rules", "orders.export",
    "payments.refund", "board.view", "recordings.download", "recordings.hold", "conversations.dispositions", "conversations.tags", "canned.edit", "routing.force", "routing.setup", "routing.manage",
    "hours.change", "hours.override", "voicemail.setup", "survey.setup", "survey.results",
    "voice.manage", "callbacks.setup", "voice.supervise", "supervision.limits", "supervision.broadcast", "supervision.walls", "voice.limits", "messaging.dead", "ivr.view", "ivr.edit", "ivr.publish", "ivr.pins", "tasks.manage", "notices.manage",
    "exchange.run", "orders.import", "exchange.export",
)  # fmt: skip
_WAREHOUSE = (
    "aftersales.view", "aftersales.receive",
    "supply.view", "supply.ask", "supply.buy", "supply.rules",
    "customers.view", "customers.see_phone", "catalog.view", "inventory.view", "inventory.receive", "inventory.adjust",
    "inventory.count", "inventory.transfer", "inventory.write_off", "inventory.manage", "orders.view", "orders.ship",
    "shipping.view", "shipping.pack", "shipping.update", "fulfilment.design", "tasks.work",
    "exchange.run", "exchange.export",
)  # fmt: skip
_FINANCE = (
    "aftersales.view", "aftersales.settle",
    "pricing.view", "pricing.tax", "catalog.see_cost",
    "customers.view", "catalog.view", "orders.view", "orders.confirm_unpaid", "orders.hold", "orders.export",
    "payments.view", "payments.send_link", "payments.record_cash", "payments.refund", "payments.receive",
    "payments.void", "payments.pay_out", "payments.reconcile", "payments.explain", "payments.settle", "shipping.view", "board.view",
    "payments.change_plan", "payments.view_value", "payments.use_value", "payments.issue_cards", "payments.grant_credit",
    "tasks.work", "notices.view",
    "invoicing.view", "invoicing.issue", "invoicing.buyer", "invoicing.credit", "invoicing.send", "invoicing.export",
    "invoicing.set_up",
    "exchange.run", "exchange.export",
)  # fmt: skip
_MARKETING = (
    "pricing.view", "pricing.manage", "pricing.coupons", "catalog.see_cost", "notices.view", "notices.manage",
    "customers.view", "customers.manage_fields", "catalog.view", "catalog.manage", "inventory.view", "orders.view",
    "orders.export", "board.view",
    "exchange.run", "exchange.export",
)  # fmt: skip

_SUPERVISOR_NARROWED = {
    "payments.refund": {"limit": 20_000},
    "payments.grant_credit": {"limit": 10_000},
    "orders.approve": {"limit": 1_000_000},
}


def _discounts(percent: int) -> dict[str, dict[str, Any]]:
    """How much may be given by hand, in percent."""
    return {"orders.discount": {"limit": percent}, "orders.change_price": {"limit": percent}}


# key: (name, name in Chinese, permissions, narrowed ones); limits of money are minor units
ROLES: dict[str, tuple[str, str, tuple[str, ...], dict[str, dict[str, Any]]]] = {
    OWNER: ("Owner", "店主/管理员", (EVERYTHING,), {}),
    "supervisor": (
        "Supervisor",
        "班长",
        _SUPERVISOR,
        {"aftersales.approve": {"limit": 100_000}, **_SUPERVISOR_NARROWED, **_discounts(20)},
    ),
    "agent": ("Agent", "坐席", _AGENT, {"recordings.listen": _OWN, **_discounts(5)}),
    "warehouse": (
        "Warehouse",
        "仓库",
        _WAREHOUSE,
        {"inventory.write_off": {"limit": 20_000}, "inventory.count": {"limit": 100_000}},
    ),
    "finance": ("Finance", "财务", _FINANCE, {}),
    "marketing": ("Marketing", "市场", _MARKETING, {}),
}


def ensure_default_roles() -> dict[str, Role]:
    """The tenant's default roles by key; those that are not there yet are made. A changed one stays as it is."""
    found = {role.key: role for role in Role.objects.filter(key__in=ROLES)}
    for key, (name, name_zh, _names, _narrowed) in ROLES.items():
        if key not in found:
            found[key], _made = Role.objects.get_or_create(
                key=key, defaults={"name": name, "name_zh": name_zh, "grants": default_grants(key)}
            )
    return {key: found[key] for key in ROLES}


def default_grants(key: str) -> dict[str, dict[str, Any]]:
    """The grants of a default role, of the permissions this version declares."""
    known = permissions.known()
    _name, _name_zh, names, narrowed = ROLES[key]
    wanted: dict[str, dict[str, Any]] = {permission: {} for permission in names} | narrowed
    return {name: value for name, value in sorted(wanted.items()) if name == EVERYTHING or name in known}
