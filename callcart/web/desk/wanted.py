"""What a caller probably wants: a first guess from their parcels, their money and their last calls, most likely first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.core.clock import now
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.desk.labels import Mark
from callcart.web.desk.moments import at, in_sentence

Json = Mapping[str, Any]
MOST = 3


def wanted(row: Json) -> list[Mark]:
    """What they probably call about, most likely first; at most three lines. A parcel on its way is the commonest."""
    found: list[tuple[int, Mark]] = []
    for order in row["orders"] or ():
        if order["state"] == "cancelled":
            continue
        parcels = order["parcels"] or ()
        if parcels:
            found += _parcel_wanted(order, parcels[0])
        elif order["fulfilment_state"] == "unreserved":
            found.append(
                (
                    30,
                    Mark(
                        _("Order %(number)s waits for stock") % {"number": order["number"]},
                        "amber",
                        "package-off",
                    ),
                )
            )
        if order["state"] == "on_hold":
            found.append(
                (
                    25,
                    Mark(
                        _("Order %(number)s is on hold") % {"number": order["number"]},
                        "amber",
                        "player-pause",
                    ),
                )
            )
        if order["payment_state"] == "refund_due":
            found.append(
                (
                    15,
                    Mark(
                        _("A refund is due on order %(number)s") % {"number": order["number"]},
                        "amber",
                        "receipt-refund",
                    ),
                )
            )
    for each in row["due"] or ():
        amount = formats.money(Money(int(each["minor"]), each["currency"]))
        text = ngettext(
            "%(amount)s is open on order %(number)s",
            "%(amount)s is open on %(orders)s orders",
            each["orders"],
        ) % {
            "amount": amount,
            "number": each["number"],
            "orders": each["orders"],
        }
        found.append((40, Mark(text, "amber", "cash")))
    calls = [each for each in row["history"] or () if at(each["started_at"]) > now() - timedelta(days=2)]
    if calls:
        text = ngettext(
            "Called once in the last two days", "Called %(count)s times in the last two days", len(calls)
        )
        found.append((50, Mark(text % {"count": len(calls)}, "blue", "repeat")))
    return [each for _rank, each in sorted(found, key=lambda pair: pair[0])][:MOST]


def _parcel_wanted(order: Json, parcel: Json) -> list[tuple[int, Mark]]:
    values = {
        "number": order["number"],
        "time": in_sentence(parcel["at"]),
        "place": parcel["place"],
    }
    state = parcel["state"]
    if state == "out_for_delivery":
        return [
            (
                5,
                Mark(
                    _("Order %(number)s is out for delivery, scanned %(time)s") % values,
                    "green",
                    "truck-delivery",
                ),
            )
        ]
    if state == "attempt_failed":
        return [
            (
                1,
                Mark(
                    _("Order %(number)s could not be delivered, %(time)s") % values, "red", "alert-triangle"
                ),
            )
        ]
    if state in {"lost", "returning"}:
        text = (
            _("Order %(number)s was lost by the carrier")
            if state == "lost"
            else _("Order %(number)s is coming back to us")
        )
        return [(2, Mark(text % values, "red", "truck-return"))]
    if state in {"in_transit", "handed_over"}:
        text = (
            _("Order %(number)s is on its way, last seen %(time)s in %(place)s")
            if parcel["place"]
            else _("Order %(number)s is on its way, last seen %(time)s")
        )
        return [(20, Mark(text % values, "blue", "truck-delivery"))]
    if state == "packed":
        return [
            (35, Mark(_("Order %(number)s is packed and waits for the carrier") % values, "blue", "package"))
        ]
    if state == "delivered" and at(parcel["at"]) > now() - timedelta(days=7):
        return [(45, Mark(_("Order %(number)s was delivered %(time)s") % values, "green", "package-import"))]
    return []
