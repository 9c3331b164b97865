"""The menu names only permissions that exist, shows each person their own, and marks the page being read."""

from dataclasses import replace

from callcart.core import permissions
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.web.menu import MENU, Section, first_page, menu_for


def actor(*names):
    return Actor(1, ActorKind.STAFF, name="Pat", grants={name: Grant() for name in names})


def labels(sections):
    return [item.label for section in sections for item in section.items]


def test_every_permission_named_is_declared():
    named = {name for section in MENU for item in section.items for name in item.permissions}
    assert named <= set(permissions.known())


def test_people_see_what_they_may_use():
    shown = labels(menu_for(actor("orders.view", "catalog.view"), "/office/orders"))
    assert shown == ["Orders", "What waits", "Products"]
    assert menu_for(actor(), "/office/orders") == []
    assert menu_for(None, "/office/orders") == []
    assert menu_for(Actor(1, ActorKind.CUSTOMER), "/") == []


def test_the_page_being_read_is_marked_also_below_it():
    sections = menu_for(actor("orders.view", "catalog.view"), "/office/orders/0198-abc")
    assert [item.label for section in sections for item in section.items if item.current] == ["Orders"]


def test_after_signing_in_comes_the_first_page_one_may_use():
    assert first_page(actor("orders.view")) == "/office/orders"
    assert first_page(actor()) == "/profile"


def test_a_short_menu_stands_open_and_a_long_one_opens_the_section_being_read():
    short = menu_for(actor("orders.view", "catalog.view"), "/office/orders")
    assert not any(section.folds for section in short)

    owner = menu_for(actor(*permissions.known()), "/office/stock/low")
    folding = [section for section in owner if section.folds]
    assert [section.label for section in owner if not section.folds] == [""]
    assert [section.label for section in folding if section.open] == ["Warehouse"]
    unfolded = sum(len(section.items) for section in owner if section.open)
    assert unfolded + len(folding) <= 24
    assert max(len(section.items) for section in owner) <= 10


def test_a_folded_heading_says_what_its_entries_count_together(monkeypatch):
    asked = []

    def counting(name, number):
        return lambda _actor: asked.append(name) or number

    counted = tuple(
        Section(
            section.label,
            tuple(
                replace(item, count=counting(item.key, 3 + place), key=item.key or f"k{place}")
                for place, item in enumerate(section.items)
            ),
        )
        if str(section.label) == "Shop"
        else section
        for section in MENU
    )
    monkeypatch.setattr("callcart.web.menu.MENU", counted)
    owner = menu_for(actor(*permissions.known()), "/office/stock/low")
    shop = next(section for section in owner if section.label == "Shop")
    assert shop.folds and not shop.open
    assert shop.count() == 3 + 4 + 5 + 6 + 7 == sum(item.count() for item in shop.items)
    assert len(asked) == 5, "the number at the entry and that at its heading are one question"
    warehouse = next(section for section in owner if section.label == "Warehouse")
    assert (warehouse.key, warehouse.count()) == ("", 0)
