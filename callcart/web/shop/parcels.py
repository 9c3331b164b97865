"""A parcel as its customer sees it: one sentence, the day promised, and every scan in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from callcart.commerce.shipping.public import Parcel, ParcelState, Trouble, describe_state, state_name
from callcart.web.reader import reader

_OVER = frozenset({ParcelState.DELIVERED, ParcelState.RETURNING, ParcelState.RETURNED, ParcelState.LOST})


@dataclass(frozen=True, slots=True)
class ShownScan:
    """One scan: when, what, and where with the carrier's words."""

    at: datetime
    state: str
    about: str


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """`said` is where it stands as a sentence; `promised` the day, where it still counts; `page` the carrier's own page."""

    carrier: str
    tracking: str
    state: str
    said: str
    promised: date | None
    late: bool
    page: str
    scans: tuple[ShownScan, ...]


def shown_parcel(parcel: Parcel) -> ShownParcel:
    """The newest scan comes first."""
    language, known = reader().language, parcel.carried_by
    scans = [
        ShownScan(
            scan.at,
            state_name(scan.state, language),
            " · ".join(each for each in (scan.place, scan.text) if each),
        )
        for scan in parcel.events.all()
    ]
    template = known.tracking_page if known and parcel.tracking else ""
    return ShownParcel(
        carrier=parcel.carrier_in(language),
        tracking=parcel.tracking,
        state=state_name(parcel.state, language),
        said=describe_state(parcel, language),
        promised=None if ParcelState(parcel.state) in _OVER else parcel.promised_on,
        late=parcel.trouble == Trouble.LATE,
        page=template.replace("{number}", quote(parcel.tracking, safe="")),
        scans=tuple(reversed(scans)),
    )
