"""The shop's strategy of allocation, and why an order's goods come from where they do, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callcart.commerce.inventory.allocate import Choice, Why
from callcart.commerce.inventory.allocation_tables import Allocation, AllocationRules, Strategy
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.fields import Fields

STRATEGIES: Mapping[Strategy, tuple[str | Promise, str | Promise]] = {
    Strategy.NEAREST: (_("Nearest"), _("Each product from the nearest warehouse that has it.")),
    Strategy.WHOLE: (
        _("Nearest with everything"),
        _("All from the nearest warehouse that has everything; where none has, each product from the nearest."),
    ),
    Strategy.FEWEST: (_("Fewest parcels"), _("From as few warehouses as can be; of equals, the nearest.")),
    Strategy.CHEAPEST: (_("Lowest freight"), _("So that all parcels together cost least, by the carriers' rate sheets.")),
    Strategy.SAFETY: (
        _("Keep safety stock"),
        _("From the nearest, but a warehouse's safety stock only where nothing else is left."),
    ),
}  # fmt: skip


class StaleStrategy(Conflict):
    """Somebody else changed the strategy in the meantime. Look at it again, then repeat your change."""

    code = "inventory.stale_strategy"


def strategy_of_shop() -> AllocationRules:
    """The shop's strategy; the one it starts with where it never chose (not stored)."""
    return AllocationRules.objects.first() or AllocationRules(version=0)


def set_strategy(actor: Actor, strategy: str, *, version: int) -> AllocationRules:
    """Choose how warehouses are chosen, from the next order on. Raises PermissionDenied, Invalid, StaleStrategy."""
    actor.require("inventory.manage")
    form = Fields()
    form.choice("strategy", strategy, Strategy)
    form.done()
    rules = AllocationRules.objects.select_for_update(no_key=True).first() or AllocationRules(version=0)
    if rules.version != version:
        raise StaleStrategy
    before, rules.strategy, rules.version = rules.strategy, strategy, version + 1
    try:
        with transaction.atomic():
            rules.save()
    except IntegrityError as error:  # two at once made the first row
        raise StaleStrategy from error
    audit.record(
        actor,
        "inventory.set_strategy",
        subject=("rules", rules.id),
        before={"strategy": before},
        after={"strategy": strategy},
    )
    return rules


def keep_choice(order_id: UUID, strategy: Strategy, choice: Choice) -> None:
    """Write down why. The plain case, each product from the nearest, is what no row says, and costs none."""
    if strategy is not Strategy.NEAREST or choice.why is Why.BY_HAND:
        Allocation.objects.create(order_id=order_id, strategy=strategy, why=choice.why, data=choice.data)


def keep_by_hand(order_id: UUID, actor: Actor) -> None:
    """Somebody decided."""
    Allocation.objects.create(
        order_id=order_id, strategy="", why=Why.BY_HAND, data={"by": actor.name if actor.is_staff else ""}
    )


def why_here(order_id: UUID) -> str:
    """Why an order's goods come from these warehouses, a sentence in the active language."""
    row = Allocation.objects.filter(order_id=order_id).order_by("-id").first()
    return say(Why.NEAREST, {}) if row is None else say(Why(row.why), row.data)


def say(why: Why, data: Mapping[str, Any]) -> str:
    """A reason in the active language."""
    parcels = int(data.get("parcels", 1))
    if why in (Why.FEWEST, Why.ABOUT_FEWEST):
        said = ngettext(
            "Fewest parcels: one warehouse has everything.",
            "Fewest parcels: it cannot be done with fewer than %(count)d.",
            parcels,
        )
        if why is Why.ABOUT_FEWEST:
            said = gettext("Few parcels: %(count)d. With so many warehouses not every combination was tried.")
        return said % {"count": parcels}
    if why is Why.BY_HAND:
        name = str(data.get("by", ""))
        return gettext("Chosen by %(name)s.") % {"name": name} if name else gettext("Chosen by hand.")
    return str(_SENTENCES[why])


_SENTENCES: Mapping[Why, str | Promise] = {
    Why.NEAREST: _("Each product comes from the nearest warehouse that has it."),
    Why.ALL_HERE: _("This is the nearest warehouse that has everything."),
    Why.NOWHERE_ALL: _("No single warehouse has everything: each product comes from the nearest that has it."),
    Why.CHEAPEST: _("Lowest freight: no other choice of warehouses costs less to send."),
    Why.ABOUT_CHEAPEST: _("Low freight: the best of the choices that could be tried in time."),
    Why.NO_RATES: _("No carrier has a rate for this address: each product comes from the nearest warehouse that has it."),
    Why.SAFETY_KEPT: _("The nearest that can send it and keep their safety stock."),
    Why.SAFETY_USED: _("Nothing else was left: part of it is safety stock."),
    Why.BACKORDER: _("Part of it has still to come in: each product comes from the nearest warehouse."),
}  # fmt: skip
