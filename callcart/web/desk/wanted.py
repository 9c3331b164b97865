"""What a caller probably wants: a guess from their parcels, their money and their last calls, most likely first. There is
always a first line: that nothing is open is worth knowing too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from callcart.commerce.aftersales.public import state_label
from callcart.core.clock import now
from callcart.core.ids import spoken
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.desk.labels import Mark
from callcart.web.desk.moments import at, near
from callcart.web.names import in_language

Json = Mapping[str, Any]
MOST = 3
FRESH = timedelta(days=7)  # a delivery that may still be asked about
AGAIN = timedelta(days=2)  # calls that may be about the same thing


class Guess(NamedTuple):
    """A lower rank is more likely."""

    rank: int
    mark: Mark


# parcel state: rank, sentence, tone, icon
_PARCEL: Mapping[str, tuple[int, str | Promise, str, str]] = {
    "attempt_failed": (1, gettext_lazy("Order %(number)s could not be delivered, %(time)s"), "red", "alert-triangle"),
    "exception": (1, gettext_lazy("Order %(number)s is held up on its way, %(time)s"), "red", "alert-triangle"),
    "refused": (2, gettext_lazy("Order %(number)s was refused at the door, %(time)s"), "red", "truck-return"),
    "at_pickup": (5, gettext_lazy("Order %(number)s waits to be collected, %(time)s"), "amber", "map-pin"),
    "lost": (2, gettext_lazy("Order %(number)s was lost by the carrier"), "red", "truck-return"),
    "returning": (2, gettext_lazy("Order %(number)s is coming back to us"), "red", "truck-return"),
    "out_for_delivery": (
        5, gettext_lazy("Order %(number)s is out for delivery, scanned %(time)s"), "green", "truck-delivery",
    ),
    "in_transit": (20, gettext_lazy("Order %(number)s is on its way, last seen %(time)s"), "blue", "truck-delivery"),
    "handed_over": (20, gettext_lazy("Order %(number)s is on its way, last seen %(time)s"), "blue", "truck-delivery"),
    "packed": (35, gettext_lazy("Order %(number)s is packed and waits for the carrier"), "blue", "package"),
    "delivered": (45, gettext_lazy("Order %(number)s was delivered %(time)s"), "green", "package-import"),
}  # fmt: skip


def wanted(row: Json, *, sees_orders: bool) -> list[Mark]:
    """What they probably call about; at most three lines, a parcel on its way being the commonest. `sees_orders`: no order
    is out of the reader's reach, so that none in the row means there is none."""
    found = [guess for order in row["orders"] or () for guess in _about_order(order)]
    found += [_about_return(each) for each in row.get("returns") or () if each["is_open"]]
    found += [_about_money(each) for each in row["due"] or ()]
    found += _about_calls(row["history"] or ())
    if not any(guess.rank < 50 for guess in found):
        found.append(_nothing_open(row, sees_orders))
    return [guess.mark for guess in sorted(found, key=lambda guess: guess.rank)][:MOST]


def _about_order(order: Json) -> Iterator[Guess]:
    number = {"number": spoken(order["number"])}
    if order["state"] == "cancelled":
        return
    if order["parcels"]:
        yield from _about_parcel(order, order["parcels"][0])
    elif order["fulfilment_state"] == "unreserved":
        yield Guess(30, Mark(_("Order %(number)s waits for stock") % number, "amber", "package-off"))
    elif order["held"]:
        yield Guess(38, Mark(_held(order), "blue", "package"))
    if order["state"] == "on_hold":
        yield Guess(25, Mark(_("Order %(number)s is on hold") % number, "amber", "player-pause"))
    if order["payment_state"] == "refund_due":
        text = _("A refund is due on order %(number)s") % number
        yield Guess(15, Mark(text, "amber", "receipt-refund"))


def _held(order: Json) -> str:
    places = _(", ").join(in_language(each["name"], each["name_zh"]) for each in order["held"])
    return _("Order %(number)s of %(time)s is not sent yet, held in %(places)s") % {
        "number": spoken(order["number"]),
        "time": near(at(order["placed_at"])),
        "places": places,
    }


def _about_parcel(order: Json, parcel: Json) -> Iterator[Guess]:
    state = parcel["state"]
    if state not in _PARCEL or (state == "delivered" and at(parcel["at"]) < now() - FRESH):
        return
    rank, text, tone, icon = _PARCEL[state]
    if parcel["place"] and state in {"in_transit", "handed_over"}:
        text = _("Order %(number)s is on its way, last seen %(time)s in %(place)s")
    values = {
        "number": spoken(order["number"]),
        "time": near(at(parcel["at"])),
        "place": parcel["place"],
    }
    yield Guess(rank, Mark(str(text) % values, tone, icon))


def _about_return(case: Json) -> Guess:
    """An open return is the first thing they will ask about; one that only runs its last steps a little less so."""
    text = _("Return %(number)s of order %(order)s: %(state)s, %(time)s") % {
        "number": spoken(case["number"]),
        "order": spoken(case["order_number"]),
        "state": state_label(case["state"]),
        "time": near(at(case["state_at"])),
    }
    return Guess(15 if case["state"] == "settled" else 0, Mark(text, "amber", "truck-return"))


def _about_money(due: Json) -> Guess:
    text = ngettext(
        "%(amount)s is open on order %(number)s", "%(amount)s is open on %(orders)s orders", due["orders"]
    ) % {
        "amount": formats.money(Money(int(due["minor"]), due["currency"])),
        "number": spoken(due["number"]),
        "orders": due["orders"],
    }
    return Guess(40, Mark(text, "amber", "cash"))


def _about_calls(history: Any) -> Iterator[Guess]:
    count = sum(each["channel"] == "voice" and at(each["started_at"]) > now() - AGAIN for each in history)
    if count:
        text = ngettext(
            "Called once in the last two days", "Called %(count)s times in the last two days", count
        )
        yield Guess(50, Mark(text % {"count": count}, "blue", "repeat"))


def _nothing_open(row: Json, sees_orders: bool) -> Guess:
    if row["customer"] is None:
        text = _("Nobody we know for sure: ask for the name")
        return Guess(49, Mark(text, "grey", "user-question"))
    if not sees_orders:
        text = _("No open order among those you may see: ask what it is about")
        return Guess(49, Mark(text, "grey", "user-question"))
    if row["orders"]:
        return Guess(49, Mark(_("No order is under way; perhaps a new one"), "grey", "shopping-cart"))
    return Guess(49, Mark(_("No orders yet; perhaps the first one"), "grey", "shopping-cart"))
