"""The demo shops' SMS numbers: lines at the demo's SMS centre, by SMPP."""

from __future__ import annotations

from uuid import UUID

from callcart.config import config
from callcart.contact.messaging.public import add_line
from callcart.core.actor import Actor
from callcart.demo.sms.api import smpp_password
from callcart.people.tenants.public import Tenant

NUMBERS = {"harbor": "+12025550100", "qinghe": "106980095588"}


def seed_sms(actor: Actor, tenant: Tenant, queue_id: UUID) -> None:
    """After the queues."""
    number = NUMBERS[tenant.slug]
    values = {
        "host": "127.0.0.1",
        "port": str(config().smpp_port),
        "system_id": number.lstrip("+"),
        "password": smpp_password(),
        "country": tenant.country,
    }
    name = "短信" if tenant.country == "CN" else "SMS"
    add_line(actor, "smpp", name=name, address=number, queue_id=queue_id, values=values)
