"""The side menu as one table. An entry shows itself to whoever holds one of its permissions."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callcart.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu: its page (an address name), and the permissions of which one is enough (none: all staff)."""

    label: str | Promise
    icon: str
    page: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    label: str | Promise
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as this reader sees it on this page."""

    label: str
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    label: str
    items: tuple[Shown, ...]


MENU = (
    Section(
        "",
        (
            Item(_("Agent desk"), "headset", "desk:home", ("desk.use",)),
            Item(_("Live board"), "activity", "desk:board", ("board.view",)),
        ),
    ),
    Section(
        _("Shop"),
        (
            Item(_("Orders"), "clipboard-list", "office:orders", ("orders.view",)),
            Item(_("Customers"), "users", "office:customers", ("customers.view",)),
            Item(_("Products"), "tag", "office:products", ("catalog.view",)),
            Item(_("Stock"), "building-warehouse", "office:stock", ("inventory.view",)),
        ),
    ),
    Section(
        _("Call centre"),
        (
            Item(_("Calls"), "phone", "office:calls", ("conversations.view",)),
            Item(_("Queues"), "route", "office:queues", ("routing.setup",)),
            Item(_("Numbers and greetings"), "phone-incoming", "office:numbers", ("tenants.manage",)),
            Item(_("Prompts"), "volume", "office:prompts", ("voice.manage",)),
        ),
    ),
    Section(
        _("Administration"),
        (
            Item(_("Staff"), "id-badge-2", "office:staff", ("staff.view",)),
            Item(_("Roles"), "shield-lock", "office:roles", ("staff.manage_roles",)),
            Item(_("Settings"), "settings", "office:settings", ("tenants.manage",)),
        ),
    ),
)


def menu_for(actor: Actor | None, path: str) -> list[ShownSection]:
    """The sections and entries this actor may use; the entry of the page being read is `current`."""
    if actor is None or not actor.is_staff:
        return []
    reachable = {
        item: found for section in MENU for item in section.items if (found := _address(item, actor))
    }
    here = max((found for found in reachable.values() if _leads_to(found, path)), key=len, default="")
    sections = []
    for section in MENU:
        items = tuple(
            Shown(str(item.label), item.icon, reachable[item], reachable[item] == here)
            for item in section.items
            if item in reachable
        )
        if items:
            sections.append(ShownSection(str(section.label), items))
    return sections


def first_page(actor: Actor) -> str:
    """Where somebody lands after signing in: the first entry of their menu, else their profile."""
    sections = menu_for(actor, "")
    return sections[0].items[0].url if sections else reverse("accounts:profile")


def _address(item: Item, actor: Actor) -> str:
    if item.permissions and not any(actor.can(permission) for permission in item.permissions):
        return ""
    return reverse(item.page)


def _leads_to(address: str, path: str) -> bool:
    return path == address or path.startswith(address.rstrip("/") + "/")
