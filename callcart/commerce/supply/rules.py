"""The shop's rules of supply: how demand is counted, and how long goods are held for whoever was told."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.supply.models import SupplyRules
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.fields import Fields

LIMITS = {
    "window_days": (1, 365),
    "lead_days": (0, 365),
    "cover_days": (1, 365),
    "hold_hours": (1, 720),
}


class StaleRules(Conflict):
    """Somebody else changed the rules in the meantime. Look at them again, then repeat your change."""

    code = "supply.stale_rules"


@dataclass(frozen=True, slots=True)
class RulesDraft:
    """Rules to be; see `SupplyRules`."""

    window_days: int = 28
    lead_days: int = 7
    cover_days: int = 14
    hold_hours: int = 48


def rules_of_shop() -> SupplyRules:
    """The shop's rules; those it starts with where it never set any (not stored)."""
    return SupplyRules.objects.first() or SupplyRules(version=0)


def set_rules(actor: Actor, draft: RulesDraft, *, version: int) -> SupplyRules:
    """Raises Invalid with every wrong field, StaleRules."""
    actor.require("supply.rules")
    form = Fields()
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(draft, name) <= most:
            form.refuse(
                name,
                gettext("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
            )
    form.done()
    rules = locked_rules()
    if rules.version != version:
        raise StaleRules
    before = {name: getattr(rules, name) for name in LIMITS}
    for name, value in asdict(draft).items():
        setattr(rules, name, value)
    rules.version += 1
    rules.counted_to = None  # all of it is to be counted again
    rules.save()
    audit.record(actor, "supply.set_rules", subject=("rules", rules.id), before=before, after=asdict(draft))
    return rules


def locked_rules() -> SupplyRules:
    """The row, under lock; made where there is none (at version 0: nobody ever set it)."""
    while True:
        rules = SupplyRules.objects.select_for_update(no_key=True).first()
        if rules is not None:
            return rules
        try:
            with transaction.atomic():
                SupplyRules(version=0).save(force_insert=True)
        except IntegrityError:
            continue  # somebody else made it: read that one
