"""Addresses in the shop that messages lead to. No request names the host here: it is the shop's own first one."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from callcart.commerce.payments import public as payments
from callcart.config import config
from callcart.core.actor import Actor
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import list_hosts


def shop_address(path: str) -> str:
    """The whole address of a path of the shop. Where a proxy of ours speaks https for us, it does so at the usual port."""
    hosts, proxied = list_hosts(current_tenant()), not config().tls and bool(config().trusted_proxies)
    host = hosts[0].host if hosts else config().public_host
    secure = config().tls or proxied
    usual = 443 if secure else 80
    port = "" if proxied or config().web_port == usual else f":{config().web_port}"
    return f"{'https' if secure else 'http'}://{host}{port}{path}"


def tracking_address(number: str) -> str:
    """Where the order of this number can be followed."""
    return shop_address(f"/track?{urlencode({'number': number})}")


def pay_address(order_id: UUID) -> str:
    """Where an order can be paid."""
    token = payments.pay_token(Actor.system(current_tenant(), "notices"), order_id)
    return shop_address(f"/pay/{token}")
