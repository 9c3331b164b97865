"""Composing bundles, and reading what they are made of. "Tea set = 1 pot + 4 cups".

A bundle holds single SKUs only, each once; whoever composes locks the bundle and its components in ascending id, so that no
two people make a bundle of bundles between them. What it costs and weighs is its components' unless somebody said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.bundle_models import MOST_UNITS, Component
from callcart.commerce.catalog.models import Variant
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.language import Named

MOST_COMPONENTS = 30
Objection = Callable[[UUID], str | None]
_objections: list[Objection] = []


@dataclass(frozen=True, slots=True)
class ComponentDraft:
    variant_id: UUID
    units: int = 1


@dataclass(frozen=True, slots=True)
class Piece(Named):
    """Units of a SKU in one set. `weight_g` of a unit is its share of the set's weight, where the set was given one."""

    variant_id: UUID
    sku: str
    name: str
    name_zh: str
    units: int
    price_minor: int
    weight_g: int
    slug: str
    image: str


@dataclass(frozen=True, slots=True)
class Measures:
    """Weight and outer size of one unit."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


def objection(found: Objection) -> Objection:
    """Have a domain above say why a SKU cannot become a bundle (it lies on shelves), or None."""
    _objections.append(found)
    return found


def compose(
    actor: Actor, bundle_id: UUID, components: Sequence[ComponentDraft], *, version: int | None = None
) -> Variant:
    """Make a variant a set of these, in their order; of nothing: an ordinary SKU again. Raises NotFound, Conflict where
    somebody changed it since (`version`), Invalid naming each wrong component (`components.0.variant_id`, `.units`)."""
    actor.require("catalog.manage")
    wanted = {bundle_id, *(each.variant_id for each in components)}
    locked = {row.id: row for row in Variant.objects.select_for_update().filter(id__in=wanted).order_by("id")}
    bundle = locked.get(bundle_id)
    if bundle is None:
        raise NotFound
    if version is not None and version != bundle.version:
        raise Conflict
    _check(bundle, components, locked)
    before = _as_data(Component.objects.filter(bundle=bundle))
    Component.objects.filter(bundle=bundle).delete()
    rows = Component.objects.bulk_create(
        [
            Component(bundle=bundle, variant_id=each.variant_id, units=each.units, position=position)
            for position, each in enumerate(components)
        ]
    )
    bundle.version += 1
    bundle.save(update_fields=["version"])
    audit.record(
        actor, "catalog.compose_bundle", subject=("variant", bundle.id),
        before={"components": before}, after={"components": _as_data(rows)},
    )  # fmt: skip
    events.emit("product.changed", subject=("product", bundle.product_id), data={"variant_id": bundle.id})
    return bundle


def _check(bundle: Variant, components: Sequence[ComponentDraft], locked: Mapping[UUID, Variant]) -> None:
    problems: dict[str, str] = {}
    if len(components) > MOST_COMPONENTS:
        problems["components"] = gettext("A set has at most %(most)d components.") % {"most": MOST_COMPONENTS}
    sets = bundles_among(locked)
    seen: set[UUID] = set()
    for index, each in enumerate(components):
        said = _problem(bundle, each, locked, sets, seen)
        if said:
            problems[f"components.{index}.variant_id"] = said
        if not 1 <= each.units <= MOST_UNITS:
            problems[f"components.{index}.units"] = gettext("Give a quantity from 1 to %(most)d.") % {
                "most": MOST_UNITS
            }
        seen.add(each.variant_id)
    if components and bundle.id not in sets:
        problems |= _not_a_bundle(bundle)
    if problems:
        raise Invalid(fields=problems)


def _problem(
    bundle: Variant, each: ComponentDraft, locked: Mapping[UUID, Variant], sets: set[UUID], seen: set[UUID]
) -> str:
    if each.variant_id not in locked:
        return gettext("This product does not exist any more.")
    if each.variant_id == bundle.id:
        return gettext("A set cannot hold itself.")
    if each.variant_id in sets:
        return gettext("This is a set itself. A set holds single products only.")
    if each.variant_id in seen:
        return gettext("This product is in the set already. Give it more units instead.")
    if locked[each.variant_id].currency != bundle.currency:
        return gettext("This product has its price in another currency.")
    return ""


def _not_a_bundle(bundle: Variant) -> dict[str, str]:
    """Why a SKU that was none cannot become a bundle."""
    if Component.objects.filter(variant=bundle).exists():
        return {"components": gettext("This product is in a set itself. A set holds single products only.")}
    said = next((found for each in _objections if (found := each(bundle.id))), None)
    return {"components": said} if said else {}


def _as_data(rows: Iterable[Component]) -> list[dict[str, object]]:
    return [{"variant_id": str(row.variant_id), "units": row.units} for row in rows]


# Asked of everything that is priced or booked, which seldom is a set.
_BUNDLES = "SELECT DISTINCT bundle_id FROM catalog_component WHERE bundle_id = ANY(%s::uuid[])"


def bundles_among(variant_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these are bundles."""
    return {row[0] for row in raw.all(_BUNDLES, (list(set(variant_ids)),))}


def units_in_sets(variant_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Units by component of those that are bundles."""
    found: dict[UUID, dict[UUID, int]] = {}
    rows = Component.objects.filter(bundle_id__in=set(variant_ids)).order_by("position", "id")
    for bundle_id, variant_id, units in rows.values_list("bundle_id", "variant_id", "units"):
        found.setdefault(bundle_id, {})[variant_id] = units
    return found


def pieces_of(variant_ids: Iterable[UUID]) -> dict[UUID, tuple[Piece, ...]]:
    """What bundles are made of, in order; a SKU that is none has no entry."""
    sets = bundles_among(variant_ids)
    if not sets:
        return {}
    rows: dict[UUID, list[Component]] = {}
    found = Component.objects.select_related("variant__product", "bundle")
    for row in found.filter(bundle_id__in=sets).order_by("bundle_id", "position", "id"):
        rows.setdefault(row.bundle_id, []).append(row)
    return {bundle_id: _pieces(each) for bundle_id, each in rows.items()}


def _pieces(rows: Sequence[Component]) -> tuple[Piece, ...]:
    weights = _weights(rows)
    return tuple(
        Piece(
            variant_id=row.variant_id,
            sku=row.variant.sku,
            name=row.variant.name,
            name_zh=row.variant.name_zh,
            units=row.units,
            price_minor=row.variant.price_minor,
            weight_g=weight,
            slug=row.variant.product.slug,
            image=row.variant.image or next(iter(row.variant.product.images), ""),
        )
        for row, weight in zip(rows, weights, strict=True)
    )


def _weights(rows: Sequence[Component]) -> list[int]:
    """What a unit of each weighs: its own weight, or its share of the set's, rounded up."""
    own, given = [row.variant.weight_g for row in rows], rows[0].bundle.weight_g
    if not given:
        return own
    whole = sum(weight * row.units for weight, row in zip(own, rows, strict=True))
    if not whole:
        return [-(-given // sum(row.units for row in rows))] * len(rows)
    return [-(-given * weight // whole) for weight in own]


def costs_of(variants: Iterable[Variant]) -> dict[UUID, int | None]:
    """What a unit of each costs the shop: as somebody said, else of a set the sum of its components, where each has a cost."""
    found = {each.id: each.cost_minor for each in variants}
    rows = Component.objects.filter(bundle_id__in=[key for key, cost in found.items() if cost is None])
    sums: dict[UUID, int | None] = {}
    for bundle_id, units, cost in rows.values_list("bundle_id", "units", "variant__cost_minor"):
        before = sums.get(bundle_id, 0)
        sums[bundle_id] = None if before is None or cost is None else before + units * cost
    return found | sums


def measures_of(bundle: Variant) -> Measures:
    """Weight and size of a set: as given, else its components lying on top of one another."""
    rows = list(Component.objects.select_related("variant").filter(bundle=bundle))
    weight = bundle.weight_g or sum(row.variant.weight_g * row.units for row in rows)
    if bundle.length_mm or bundle.width_mm or bundle.height_mm or not rows:
        return Measures(weight, bundle.length_mm, bundle.width_mm, bundle.height_mm)
    sides = [
        sorted((row.variant.length_mm, row.variant.width_mm, row.variant.height_mm), reverse=True)
        for row in rows
    ]
    height = sum(side[2] * row.units for side, row in zip(sides, rows, strict=True))
    return Measures(weight, max(side[0] for side in sides), max(side[1] for side in sides), height)
