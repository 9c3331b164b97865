"""What may be done with stock above one's limit, once somebody with a higher one approves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from callcart.commerce.inventory.conditions import write_off
from callcart.commerce.inventory.documents.post_count import post_count
from callcart.commerce.inventory.documents.stock_out import post_stock_out
from callcart.commerce.inventory.models import Condition
from callcart.core.actor import Actor
from callcart.people.approvals.public import action


@action("inventory.write_off", label=_("Write goods off"))
def _write_off(actor: Actor, payload: Mapping[str, Any]) -> None:
    write_off(
        actor,
        warehouse_id=UUID(payload["warehouse_id"]),
        variant_id=UUID(payload["variant_id"]),
        quantity=int(payload["quantity"]),
        condition=Condition(payload["condition"]),
        reason=str(payload["reason"]),
    )


@action("inventory.post_stock_out", label=_("Take goods out of stock"), link="office:stock_document")
def _post_stock_out(actor: Actor, payload: Mapping[str, Any]) -> None:
    post_stock_out(actor, UUID(payload["document_id"]), version=int(payload["version"]))


@action("inventory.post_count", label=_("Post a count"), link="office:stock_document")
def _post_count(actor: Actor, payload: Mapping[str, Any]) -> None:
    post_count(
        actor,
        UUID(payload["document_id"]),
        reason=str(payload["reason"]),
        uncounted=str(payload["uncounted"]),
        leave_out=[UUID(each) for each in payload["leave_out"]],
        version=int(payload["version"]),
    )
