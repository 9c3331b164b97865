"""The side menu as one table. An entry shows itself to whoever holds one of its permissions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callcart.commerce.aftersales import public as aftersales
from callcart.core.actor import Actor
from callcart.people.approvals import public as approvals
from callcart.people.tasks import public as tasks


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu: its page (an address name), and the permissions of which one is enough (none: all staff). `shows`
    decides instead where permissions alone do not; `count` is the number beside it, `key` what news replace it by."""

    label: str | Promise
    icon: str
    page: str
    permissions: tuple[str, ...] = ()
    shows: Callable[[Actor], bool] | None = None
    count: Callable[[Actor], int] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    label: str | Promise
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as this reader sees it on this page; `count` asks the database when a template wants it."""

    label: str
    icon: str
    url: str
    current: bool
    count: Callable[[], int] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A heading with its entries. `folds`: the menu is too long for a screen, so the heading opens and closes; `open` at first."""

    label: str
    items: tuple[Shown, ...]
    folds: bool = False
    open: bool = True

    @property
    def key(self) -> str:
        """Names the number at a folded heading; empty where nothing under it is counted."""
        return "-".join(["under", *keys]) if (keys := [item.key for item in self.items if item.count]) else ""

    def count(self) -> int:
        """What the entries under a folded heading count together."""
        return sum(item.count() for item in self.items if item.count)


# What a laptop's screen holds without scrolling. Whoever has more gets one section open, the one being read.
LONGEST = 24

MENU = (
    Section(
        "",
        (
            Item(_("Agent desk"), "headset", "desk:home", ("desk.use",)),
            Item(_("Live board"), "activity", "floor:board", ("board.view",)),
            Item(
                _("Tasks"),
                "list-check",
                "office:tasks",
                ("tasks.work",),
                count=tasks.count_waiting,
                key="tasks",
            ),
            Item(
                _("Approvals"),
                "checks",
                "office:approvals",
                shows=approvals.takes_part,
                count=approvals.count_decidable,
                key="approvals",
            ),
        ),
    ),
    Section(
        _("Shop"),
        (
            Item(_("Orders"), "clipboard-list", "office:orders", ("orders.view",)),
            Item(_("Orders to approve"), "clipboard-check", "office:orders_queue", ("orders.approve",)),
            Item(_("What waits"), "hourglass", "office:orders_waiting", ("orders.view",)),
            Item(
                _("Returns and claims"),
                "truck-return",
                "office:returns",
                ("aftersales.view",),
                count=aftersales.count_waiting,
                key="returns",
            ),
            Item(_("Customers"), "users", "office:customers", ("customers.view",)),
        ),
    ),
    Section(
        _("Products and prices"),
        (
            Item(_("Products"), "tag", "office:products", ("catalog.view",)),
            Item(_("Categories"), "category", "office:categories", ("catalog.manage",)),
            Item(_("Promotions"), "discount", "office:promotions", ("pricing.view",)),
            Item(_("Price lists"), "tags", "office:price_lists", ("pricing.view",)),
            Item(_("Tax"), "receipt-2", "office:taxes", ("pricing.view",)),
            Item(_("Try a price"), "zoom-in", "office:try_price", ("pricing.view",)),
        ),
    ),
    Section(
        _("Warehouse"),
        (
            Item(_("Stock"), "building-warehouse", "office:stock", ("inventory.view",)),
            Item(_("Stock documents"), "clipboard-check", "office:stock_documents", ("inventory.view",)),
            Item(_("Low stock"), "trending-down", "office:low_stock", ("supply.view",)),
            Item(_("Replenishment requests"), "package-import", "office:replenishment", ("supply.view",)),
            Item(_("Arrival notices"), "bell", "office:arrival_notices", ("supply.view",)),
            Item(
                _("Damaged and quality control"),
                "alert-triangle",
                "office:stock_apart",
                ("inventory.adjust", "inventory.write_off"),
            ),
            Item(_("Warehouses"), "map-pin", "office:warehouses", ("inventory.manage",)),
        ),
    ),
    Section(
        _("Packing and shipping"),
        (
            Item(_("Dispatch"), "send", "office:dispatches", ("shipping.view",)),
            Item(_("Pack"), "barcode", "office:packing_table", ("shipping.pack",)),
            Item(_("Hand-over"), "truck-delivery", "office:manifests", ("shipping.pack",)),
            Item(_("Parcels"), "package", "office:parcels", ("shipping.view",)),
            Item(_("Carriers"), "truck", "office:carriers", ("shipping.view",)),
        ),
    ),
    Section(
        _("Money"),
        (
            Item(_("Receipts"), "receipt", "office:receipts", ("payments.receive", "payments.refund")),
            Item(_("Unpaid orders"), "hourglass", "office:unpaid", ("payments.receive", "payments.refund")),
            Item(_("Bank statements"), "building", "office:statements", ("payments.reconcile",)),
            Item(
                _("Carrier cash"),
                "cash",
                "office:carrier_cash",
                ("payments.reconcile", "payments.record_cash"),
            ),
            Item(_("Refunds"), "receipt-refund", "office:refunds", ("payments.refund", "payments.pay_out")),
            Item(_("Settlement"), "report-money", "office:settlement", ("payments.settle",)),
            Item(_("Instalments"), "calendar-event", "office:instalments", ("payments.view",)),
            Item(_("Invoices"), "file-invoice", "office:invoices", ("invoicing.view",)),
            Item(_("Gift cards"), "gift", "office:gift_cards", ("payments.view_value",)),
        ),
    ),
    Section(
        _("Call centre"),
        (
            Item(_("Calls"), "phone", "office:calls", ("conversations.view",)),
            Item(_("Recordings"), "wave-sine", "office:recordings", ("recordings.listen",)),
            Item(_("Voicemail"), "microphone", "office:voicemail", ("conversations.view",)),
            Item(_("Surveys"), "star", "office:surveys", ("survey.results",)),
            Item(_("Queues"), "route", "office:queues", ("routing.setup",)),
            Item(_("Opening hours"), "clock", "office:opening_hours", ("hours.change", "hours.override")),
            Item(_("Callbacks"), "phone-call", "office:callbacks", ("callbacks.work",)),
            Item(_("Call outcomes"), "list-check", "office:dispositions", ("conversations.dispositions",)),
        ),
    ),
    Section(
        _("Telephone"),
        (
            Item(_("Numbers and greetings"), "phone-incoming", "office:numbers", ("tenants.manage",)),
            Item(_("Outbound calls"), "phone-outgoing", "office:calls_outside", ("voice.limits",)),
            Item(_("Call flows"), "dialpad", "office:flows", ("ivr.view",)),
            Item(_("Prompts"), "volume", "office:prompts", ("voice.manage",)),
        ),
    ),
    Section(
        _("Messages and chat"),
        (
            Item(_("Channels"), "messages", "office:lines", ("messaging.lines",)),
            Item(_("Not delivered"), "alert-triangle", "office:undelivered", ("messaging.dead",)),
            Item(_("Canned replies"), "bolt", "office:canned_replies", ("canned.edit",)),
            Item(_("Tags of conversations"), "tags", "office:talk_tags", ("conversations.tags",)),
            Item(_("Messages to customers"), "message-2", "office:messages", ("notices.view",)),
        ),
    ),
    Section(
        _("Administration"),
        (
            Item(_("Imports"), "file-import", "office:imports", ("exchange.run",)),
            Item(_("Exports"), "file-export", "office:exports", ("exchange.export",)),
            Item(_("Staff"), "id-badge-2", "office:staff", ("staff.view",)),
            Item(_("Roles"), "shield-lock", "office:roles", ("staff.manage_roles",)),
            Item(_("API keys"), "key", "office:api_keys", ("keys.manage",)),
            Item(_("Webhooks"), "plug-connected", "office:webhooks", ("webhooks.manage",)),
            Item(_("Delivery methods"), "truck-delivery", "office:delivery_methods", ("shipping.manage",)),
            Item(_("Ways to pay"), "credit-card", "office:ways_to_pay", ("payments.set_up",)),
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
            _shown(item, actor, reachable[item], current=reachable[item] == here)
            for item in section.items
            if item in reachable
        )
        if items:
            sections.append(ShownSection(str(section.label), items))
    return _folded(sections)


def _folded(sections: list[ShownSection]) -> list[ShownSection]:
    if sum(len(section.items) for section in sections) <= LONGEST:
        return sections
    return [
        replace(section, folds=True, open=any(item.current for item in section.items))
        if section.label
        else section
        for section in sections
    ]


def first_page(actor: Actor) -> str:
    """Where somebody lands after signing in: the first entry of their menu, else their profile."""
    sections = menu_for(actor, "")
    return sections[0].items[0].url if sections else reverse("accounts:profile")


def _shown(item: Item, actor: Actor, address: str, *, current: bool) -> Shown:
    count = cache(partial(item.count, actor)) if item.count else None  # shown at the entry and at its heading
    return Shown(str(item.label), item.icon, address, current, count, item.key)


def _address(item: Item, actor: Actor) -> str:
    if item.shows is not None and not item.shows(actor):
        return ""
    if item.permissions and not any(actor.can(permission) for permission in item.permissions):
        return ""
    return reverse(item.page)


def _leads_to(address: str, path: str) -> bool:
    return path == address or path.startswith(address.rstrip("/") + "/")
