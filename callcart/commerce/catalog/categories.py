"""The tree of categories: making, renaming, moving and removing them. A category never lies inside itself, and no branch is
deeper than people can find their way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.change import as_values, checked, save, slug_of
from callcart.commerce.catalog.models import Category, Product
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound

DEEPEST = 6
MOST = 2_000


class CategoryInUse(Conflict):
    """There are products or categories in it. Move them elsewhere first."""

    code = "catalog.category_in_use"


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A category to be, with a name in one language at least. An empty slug is made from the name."""

    name: str = ""
    name_zh: str = ""
    slug: str = ""
    parent_id: UUID | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """A category in the tree: how deep it lies (0: a top one) and how many products lie in itself."""

    category: Category
    depth: int
    products: int


def create_category(actor: Actor, draft: CategoryDraft) -> Category:
    """Raises Invalid, SlugTaken."""
    actor.require("catalog.manage")
    values = checked(as_values(draft))
    if draft.parent_id:
        _check_depth(_locked(), draft.parent_id, 1)
    category = Category(**values)
    category.slug = category.slug or slug_of(category.name) or str(category.id)
    save(category, new=True)
    audit.record(actor, "catalog.create_category", subject=("category", category.id), after=values)
    return category


def update_category(
    actor: Actor, category_id: UUID, *, version: int | None = None, **values: Any
) -> Category:
    """Other names, another address. `version`: of the category as it was seen. Raises NotFound, Conflict, Invalid, SlugTaken."""
    actor.require("catalog.manage")
    unknown = set(values) - {"name", "name_zh", "slug"}
    if unknown:
        raise TypeError(f"not changed here: {sorted(unknown)}")
    found = Category.objects.select_for_update().filter(id=category_id).first()
    if found is None:
        raise NotFound
    if version is not None and version != found.version:
        raise Conflict
    clean = checked(dict(values), kept=found)
    before = {name: getattr(found, name) for name in clean}
    for name, value in clean.items():
        setattr(found, name, value)
    found.slug = found.slug or slug_of(found.name) or str(found.id)
    found.version += 1
    save(found, new=False)
    _tell(actor, "catalog.update_category", found, before, clean)
    return found


def move_category(actor: Actor, category_id: UUID, *, parent_id: UUID | None, place: int) -> Category:
    """Put a category inside another (None: at the top) at a place among its sisters, counted from 0. All that lies in it comes
    along. Raises NotFound, Invalid where it would lie inside itself or too deep."""
    actor.require("catalog.manage")
    tree = _locked()
    found = tree.get(category_id)
    if found is None or (parent_id is not None and parent_id not in tree):
        raise NotFound
    if parent_id is not None:
        if category_id in _way_up(tree, parent_id):
            raise Invalid(fields={"parent_id": gettext("A category cannot lie inside itself.")})
        _check_depth(tree, parent_id, _height(tree, category_id))
    before = {"parent_id": found.parent_id, "position": found.position}
    found.parent_id = parent_id
    sisters = [each for each in tree.values() if each.parent_id == parent_id and each.id != category_id]
    sisters.sort(key=lambda each: (each.position, each.name))
    sisters.insert(max(0, place), found)
    for position, each in enumerate(sisters):
        each.position = position
    found.version += 1
    Category.objects.bulk_update(sisters, ["position", "parent", "version"])
    after = {"parent_id": parent_id, "position": found.position}
    _tell(actor, "catalog.move_category", found, before, after)
    return found


def remove_category(actor: Actor, category_id: UUID) -> None:
    """Take an empty category away, with the specifications declared on it. Raises NotFound, CategoryInUse."""
    actor.require("catalog.manage")
    found = _locked().get(category_id)
    if found is None:
        raise NotFound
    if found.children.exists() or Product.objects.filter(category=found).exists():
        raise CategoryInUse
    before = {"name": found.name, "name_zh": found.name_zh, "slug": found.slug}
    _tell(actor, "catalog.remove_category", found, before, {})
    found.delete()


def category_tree(counts: Mapping[UUID, int] | None = None) -> list[Branch]:
    """All categories, each followed by those inside it, in the shop's order. `counts`: products by category."""
    below: dict[UUID | None, list[Category]] = {}
    for each in Category.objects.order_by("position", "name"):
        below.setdefault(each.parent_id, []).append(each)
    found: list[Branch] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for each in below.get(parent, ()):
            found.append(Branch(each, depth, (counts or {}).get(each.id, 0)))
            walk(each.id, depth + 1)

    walk(None, 0)
    return found


def way_to(category_id: UUID | None, categories: Sequence[Category] | None = None) -> list[Category]:
    """The categories from the top down to this one."""
    if category_id is None:
        return []
    tree = {each.id: each for each in (Category.objects.all() if categories is None else categories)}
    return [tree[each] for each in reversed(_way_up(tree, category_id)) if each in tree]


def _locked() -> dict[UUID, Category]:
    """Every category, nobody else moving one: two moves that are fine one by one can make a ring together."""
    return {each.id: each for each in Category.objects.select_for_update().order_by("id")[:MOST]}


def _way_up(tree: Mapping[UUID, Category], category_id: UUID) -> list[UUID]:
    found, at = list[UUID](), category_id
    while at in tree and at not in found:
        found.append(at)
        parent = tree[at].parent_id
        if parent is None:
            break
        at = parent
    return found


def _height(tree: Mapping[UUID, Category], category_id: UUID) -> int:
    inside = [each.id for each in tree.values() if each.parent_id == category_id]
    return 1 + max((_height(tree, each) for each in inside), default=0)


def _check_depth(tree: Mapping[UUID, Category], parent_id: UUID, height: int) -> None:
    if len(_way_up(tree, parent_id)) + height > DEEPEST:
        said = gettext("Categories lie at most %(most)d deep.") % {"most": DEEPEST}
        raise Invalid(fields={"parent_id": said})


def _tell(
    actor: Actor, action: str, category: Category, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    audit.record(actor, action, subject=("category", category.id), before=before, after=after)
    events.emit("category.changed", subject=("category", category.id), data={"category_id": category.id})
