"""What reports on a parcel add up to, and how it is said. Pure, but for the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django.utils.translation import gettext, override

from callcart.commerce.shipping.models import ParcelState
from callcart.core.language import locale_of

_RANK = {state: rank for rank, state in enumerate(ParcelState)}

# After these, only what is named still counts; a stray scan of a delivered parcel changes nothing.
_AFTER: Mapping[ParcelState, frozenset[ParcelState]] = {
    ParcelState.DELIVERED: frozenset({ParcelState.RETURNING, ParcelState.RETURNED}),
    ParcelState.RETURNED: frozenset(),
    ParcelState.RETURNING: frozenset({ParcelState.RETURNED, ParcelState.LOST, ParcelState.DELIVERED}),
}


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that happened to a parcel, when by the carrier's clock, and where."""

    state: ParcelState
    at: datetime
    place: str = ""


def fold(reports: Iterable[Report]) -> Report | None:
    """The report that says where a parcel stands. The order in which reports arrive does not matter."""
    standing: Report | None = None
    for report in sorted(reports, key=lambda each: (each.at, _RANK[each.state], each.place)):
        if standing is None or report.state in _AFTER.get(standing.state, ParcelState):
            standing = report
    return standing


def state_name(state: str, language: str) -> str:
    """The state in a word or two, for lists."""
    with override(language):
        return {
            ParcelState.PACKED: gettext("Packed"),
            ParcelState.HANDED_OVER: gettext("With the carrier"),
            ParcelState.IN_TRANSIT: gettext("On its way"),
            ParcelState.OUT_FOR_DELIVERY: gettext("Out for delivery"),
            ParcelState.EXCEPTION: gettext("Held up"),
            ParcelState.ATTEMPT_FAILED: gettext("Delivery failed"),
            ParcelState.AT_PICKUP: gettext("Ready for collection"),
            ParcelState.REFUSED: gettext("Refused by the receiver"),
            ParcelState.DELIVERED: gettext("Delivered"),
            ParcelState.RETURNING: gettext("Coming back to us"),
            ParcelState.RETURNED: gettext("Returned to us"),
            ParcelState.LOST: gettext("Lost"),
        }[ParcelState(state)]


def sentence(state: str, at: datetime, place: str, *, language: str, timezone: str) -> str:
    """Where a parcel stands as one plain sentence that can be read aloud, with day, time and place."""
    local = at.astimezone(ZoneInfo(timezone))
    locale = locale_of(language)
    with override(language):
        said = _sentences()[ParcelState(state)]
        when = gettext("%(day)s at %(time)s") % {
            "day": format_date(local, "M月d日" if locale == "zh_Hans" else "MMMM d", locale=locale),
            "time": format_time(local, "short", locale=locale),
        }
        where = gettext(" (%(place)s)") % {"place": place} if place else ""
        return said % {"when": when, "where": where}


def _sentences() -> dict[ParcelState, str]:
    return {
        ParcelState.PACKED: gettext("Your parcel was packed on %(when)s and waits for the carrier."),
        ParcelState.HANDED_OVER: gettext("The carrier took your parcel on %(when)s%(where)s."),
        ParcelState.IN_TRANSIT: gettext("Your parcel is on its way; last seen on %(when)s%(where)s."),
        ParcelState.OUT_FOR_DELIVERY: gettext("Your parcel is out for delivery since %(when)s%(where)s."),
        ParcelState.EXCEPTION: gettext(
            "Your parcel is held up since %(when)s%(where)s; we are looking into it."
        ),
        ParcelState.AT_PICKUP: gettext("Your parcel is ready for collection since %(when)s%(where)s."),
        ParcelState.REFUSED: gettext(
            "Your parcel was not accepted on %(when)s%(where)s and comes back to us."
        ),
        ParcelState.ATTEMPT_FAILED: gettext(
            "The carrier could not deliver your parcel on %(when)s%(where)s and will try again."
        ),
        ParcelState.DELIVERED: gettext("Your parcel was delivered on %(when)s%(where)s."),
        ParcelState.RETURNING: gettext("Your parcel is on its way back to us since %(when)s%(where)s."),
        ParcelState.RETURNED: gettext("Your parcel came back to us on %(when)s%(where)s."),
        ParcelState.LOST: gettext("The carrier reported your parcel lost on %(when)s."),
    }
