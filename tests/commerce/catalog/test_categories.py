"""The tree of categories: moved, renamed and removed; never a ring, never too deep, nothing lost."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.commerce.catalog.models import Category
from callcart.commerce.catalog.public import (
    CategoryDraft,
    CategoryInUse,
    ProductDraft,
    SlugTaken,
    category_tree,
    create_category,
    create_product,
    move_category,
    remove_category,
    update_category,
    way_to,
)
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from tests.commerce.shop import Shop


def make(shop: Shop, name: str, parent: Category | None = None, position: int = 0) -> Category:
    draft = CategoryDraft(name=name, parent_id=parent.id if parent else None, position=position)
    return create_category(shop.boss, draft)


def shape() -> list[str]:
    return [f"{'.' * each.depth}{each.category.name}" for each in category_tree()]


def test_a_branch_moves_with_all_that_is_in_it(shop: Shop) -> None:
    home, kitchen = make(shop, "Home"), make(shop, "Kitchen", position=1)
    pots = make(shop, "Pots", kitchen)
    make(shop, "Lids", pots)
    move_category(shop.boss, kitchen.id, parent_id=home.id, place=0)
    assert shape() == ["Home", ".Kitchen", "..Pots", "...Lids"]
    assert [each.name for each in way_to(pots.id)] == ["Home", "Kitchen", "Pots"]
    move_category(shop.boss, pots.id, parent_id=None, place=0)
    assert shape() == ["Pots", ".Lids", "Home", ".Kitchen"]


def test_a_place_among_sisters(shop: Shop) -> None:
    for position, name in enumerate("ABC"):
        make(shop, name, position=position)
    move_category(shop.boss, Category.objects.get(name="C").id, parent_id=None, place=1)
    assert shape() == ["A", "C", "B"]


def test_never_inside_itself(shop: Shop) -> None:
    a = make(shop, "A")
    b = make(shop, "B", a)
    c = make(shop, "C", b)
    for parent in (a, b, c):
        with pytest.raises(Invalid) as raised:
            move_category(shop.boss, a.id, parent_id=parent.id, place=0)
        assert set(raised.value.fields) == {"parent_id"}
    assert shape() == ["A", ".B", "..C"]


def test_not_too_deep(shop: Shop) -> None:
    last = None
    for name in "ABCDEF":
        last = make(shop, name, last)
    with pytest.raises(Invalid):
        make(shop, "G", last)
    low = make(shop, "Low")
    make(shop, "Lower", low)
    fifth = Category.objects.get(name="E")
    with pytest.raises(Invalid):
        move_category(shop.boss, low.id, parent_id=fifth.id, place=0)


def test_renamed_by_one_at_a_time(shop: Shop) -> None:
    found = make(shop, "Pots")
    update_category(shop.boss, found.id, version=1, name="Pans", slug="pans")
    with pytest.raises(Conflict):
        update_category(shop.boss, found.id, version=1, name="Woks")
    found.refresh_from_db()
    assert (found.name, found.slug, found.version) == ("Pans", "pans", 2)
    make(shop, "Woks")
    with pytest.raises(SlugTaken):
        update_category(shop.boss, found.id, slug="woks")
    with pytest.raises(Invalid):
        update_category(shop.boss, found.id, name="", name_zh="")


def test_only_an_empty_one_goes(shop: Shop) -> None:
    home = make(shop, "Home")
    pots = make(shop, "Pots", home)
    product = create_product(shop.boss, ProductDraft(name="Pot", category_id=pots.id))
    for each in (home, pots):
        with pytest.raises(CategoryInUse):
            remove_category(shop.boss, each.id)
    product.delete()
    remove_category(shop.boss, pots.id)
    remove_category(shop.boss, home.id)
    assert shape() == []


def test_only_by_those_who_may(shop: Shop) -> None:
    home = make(shop, "Home")
    clerk = shop.staff("catalog.view")
    with pytest.raises(PermissionDenied):
        update_category(clerk, home.id, name="Mine")
    with pytest.raises(PermissionDenied):
        move_category(clerk, home.id, parent_id=None, place=3)
    with pytest.raises(PermissionDenied):
        remove_category(clerk, home.id)
    home.refresh_from_db()
    assert (home.name, home.position) == ("Home", 0)


@pytest.mark.parametrize("parent", [None, "unknown"])
def test_unknown_ones(shop: Shop, parent: str | None) -> None:
    known: UUID = make(shop, "Home").id if parent else new_id()
    with pytest.raises(NotFound):
        move_category(shop.boss, known, parent_id=new_id() if parent else None, place=0)
