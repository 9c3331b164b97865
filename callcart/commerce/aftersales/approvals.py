"""What may be done with cases above one's limit, once somebody with a higher one approves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from callcart.commerce.aftersales.decide import APPROVE, approve
from callcart.commerce.aftersales.settling import SETTLE, as_asked, settle
from callcart.core.actor import Actor
from callcart.people.approvals.public import action


@action(APPROVE, label=_("Accept a return"), link="office:return")
def _approve(actor: Actor, payload: Mapping[str, Any]) -> None:
    approve(actor, UUID(str(payload["case"])), version=int(payload["version"]))


@action(SETTLE, label=_("Settle a return"), link="office:return")
def _settle(actor: Actor, payload: Mapping[str, Any]) -> None:
    settle(actor, UUID(str(payload["case"])), as_asked(payload), version=int(payload["version"]))
