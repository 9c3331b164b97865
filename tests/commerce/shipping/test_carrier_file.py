"""Files of carriers: every encoding, columns in any order, numbers and scans; a second time changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.commerce.shipping.carrier_file import UnreadableFile, decoded, take_file
from callcart.commerce.shipping.models import Parcel, ParcelEvent
from callcart.core.clock import frozen
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from tests.commerce.shipping.conftest import Depot, packed

TEXT = "运单号,状态,扫描时间,网点\n{tracking},{state},{time},杭州\n"


def file(parcel: Parcel, *, tracking: str = "T1", state: str = "派送中", hours: float = 1) -> str:
    at = parcel.state_at + timedelta(hours=hours)
    return TEXT.format(tracking=tracking, state=state, time=at.strftime("%Y-%m-%dT%H:%M:%S+00:00"))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding(depot: Depot, encoding: str) -> None:
    parcel = packed(depot)
    with frozen(parcel.state_at + timedelta(hours=2)):
        result = take_file(depot.shop.boss, depot.carrier.id, file(parcel).encode(encoding))
    parcel.refresh_from_db()
    assert (result.scans, parcel.state, parcel.place) == (1, "out_for_delivery", "杭州")


@pytest.mark.parametrize(
    "data", [b"\x81\x20\xff\xff\xff", b"\xff\xfe\x00", "运单号".encode() + b"\xff\xff\x80,\xff"]
)
def test_what_is_in_no_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        decoded(data)


def test_numbers_and_scans_at_once_and_a_second_time_nothing(depot: Depot) -> None:
    one, two = packed(depot, tracking=""), packed(depot, tracking="")
    at = (one.state_at - timedelta(hours=1)).isoformat()
    rows = (
        f"Status;Tracking Number;Our Number;Time\nPicked up;N1;{one.number};{at}\n;N2;{two.number};\n;N3;404;\n"
        f";;{two.number};\n;N1;{two.number};\nDELIVERED;N9;;{at}\nvanished;N2;;{at}\ndelivered;N2;;soon\n\n"
    ).encode()
    first = take_file(depot.shop.boss, depot.carrier.id, rows)
    assert (first.rows, first.numbered, first.scans, first.unknown) == (8, 2, 1, ["404", "N9"])
    assert [each.row for each in first.problems] == [5, 6, 8, 9]
    again = take_file(depot.shop.boss, depot.carrier.id, rows)
    assert (again.numbered, again.scans, again.known, again.unknown) == (0, 0, 1, ["404", "N9"])
    assert sorted(Parcel.objects.values_list("tracking", flat=True)) == ["N1", "N2"]
    assert ParcelEvent.objects.filter(state="handed_over").count() == 1


@pytest.mark.parametrize(
    ("time", "utc_hour"),
    [
        ("2026-03-05 14:30:00", 19), ("2026/3/5 14:30", 19), ("2026年3月5日 14:30", 19), ("05.03.2026 14:30", 19),
        ("3/5/2026 2:30 PM", 19), ("2026-03-05T14:30:00+08:00", 6), ("２０２６-03-05 14:30", 19),
    ],
)  # fmt: skip
def test_times_in_many_forms(depot: Depot, time: str, utc_hour: int) -> None:
    parcel = packed(depot)
    rows = f"tracking,status,time\nT1,in transit,{time}\n".encode()
    assert take_file(depot.shop.boss, depot.carrier.id, rows).problems == []
    at = ParcelEvent.objects.get(parcel=parcel, state="in_transit").at
    assert (at.month, at.day, at.hour) == (3, 5, utc_hour)


@pytest.mark.parametrize(
    "text", ["", "tracking,colour\nT1,red", "status,time\ndelivered,2026-03-05", "a\tb", "tracking\nT1"]
)
def test_a_file_without_the_columns_it_needs(depot: Depot, text: str) -> None:
    packed(depot)
    with pytest.raises(UnreadableFile):
        take_file(depot.shop.boss, depot.carrier.id, text.encode())


def test_denied_and_unknown_carriers_change_nothing(depot: Depot) -> None:
    parcel = packed(depot)
    with pytest.raises(PermissionDenied):
        take_file(depot.shop.staff("shipping.view"), depot.carrier.id, file(parcel).encode())
    with pytest.raises(NotFound):
        take_file(depot.shop.boss, new_id(), file(parcel).encode())
    assert ParcelEvent.objects.filter(parcel=parcel).count() == 1
