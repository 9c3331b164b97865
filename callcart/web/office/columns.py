"""The columns of the order list: which there are, which are shown unless somebody chose others, and what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its key. `number`: right-aligned."""

    key: str
    label: str | Promise
    number: bool = False


ALL = (
    Column("placed", _("Placed on")),
    Column("customer", _("Customer")),
    Column("phone", _("Phone")),
    Column("channel", _("Channel")),
    Column("state", _("State")),
    Column("payment", _("Payment")),
    Column("method", _("Payment method")),
    Column("goods", _("Goods state")),
    Column("delivery", _("Delivery method")),
    Column("region", _("Region")),
    Column("city", _("City")),
    Column("products", _("Products")),
    Column("units", _("Units"), number=True),
    Column("agent", _("Agent")),
    Column("campaign", _("Campaign")),
    Column("tags", _("Tags")),
    Column("doubts", _("Why look twice")),
    Column("total", _("Total"), number=True),
)
USUAL = ("placed", "customer", "channel", "state", "payment", "goods", "region", "agent", "total")


def chosen(keys: Iterable[str]) -> list[Column]:
    """The columns of these keys in the list's own order; the usual ones where none of them exists."""
    wanted = set(keys)
    return [each for each in ALL if each.key in wanted] or [each for each in ALL if each.key in USUAL]


def plain(columns: Sequence[Column]) -> tuple[str, ...]:
    """The keys as an address or a saved view keeps them: nothing for the usual columns."""
    keys = tuple(each.key for each in columns)
    return () if keys == USUAL else keys
