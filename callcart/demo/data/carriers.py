"""The carriers of the demo shops and what they ask. Zones: name, countries, provinces, postcodes, least and most days, surcharge,
further grams, further price, steps of (grams, minor units). Nobody in it exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_WEEK = (0, 1, 2, 3, 4)
_ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)
_EAST = ("ME", "NH", "VT", "MA", "RI", "CT", "NY", "NJ", "PA")
_WEST = ("WA", "OR", "CA", "NV", "ID", "UT", "AZ")
_DELTA = ("浙江省", "上海市", "江苏省", "安徽省")
_FAR = ("新疆维吾尔自治区", "西藏自治区", "青海省", "内蒙古自治区", "宁夏回族自治区", "甘肃省")


@dataclass(frozen=True, slots=True)
class ServiceRow:
    code: str
    name: str
    name_zh: str
    days: tuple[int, int]
    zones: tuple[tuple[Any, ...], ...]
    methods: tuple[str, ...]
    cod: int | None = None
    divisor: int = 5000
    fuel_bp: int = 0
    until: int = 17
    collects_on: tuple[int, ...] = _WEEK
    delivers_on: tuple[int, ...] = _WEEK


@dataclass(frozen=True, slots=True)
class CarrierRow:
    code: str
    name: str
    name_zh: str
    phone: str
    adapter: str
    services: tuple[ServiceRow, ...]
    stuck_days: int = 3


CARRIERS: dict[str, tuple[CarrierRow, ...]] = {
    "harbor": (
        CarrierRow(
            "northway", "Northway Parcel", "北道包裹", "+12025550171", "demo",
            (
                ServiceRow(
                    "standard", "Ground", "标准陆运", (2, 5),
                    (
                        ("East", ("US",), _EAST, (), 1, 2, 0, 1000, 90, ((500, 520), (1000, 590), (5000, 940))),
                        ("West", ("US",), _WEST, (), 4, 6, 0, 1000, 170, ((500, 690), (1000, 820), (5000, 1490))),
                        ("Alaska and Hawaii", ("US",), ("AK", "HI"), ("967", "968", "995"), 6, 9, 900, 1000, 320,
                         ((1000, 1450), (5000, 2600))),
                        ("Rest of the country", ("US",), (), (), None, None, 0, 1000, 130,
                         ((500, 610), (1000, 710), (5000, 1240))),
                    ),
                    ("ground",), cod=250, fuel_bp=650,
                ),
                ServiceRow(
                    "express", "Two-day express", "两日达", (1, 2),
                    (("Whole country", ("US",), (), (), None, None, 0, 1000, 310, ((1000, 1290), (5000, 2390))),),
                    ("express", "ground"), cod=250, fuel_bp=650, until=15,
                ),
            ),
        ),
        CarrierRow(
            "casco", "Casco Couriers", "卡斯科专送", "+12025550172", "",
            (
                ServiceRow(
                    "city", "Same-week courier", "本地专送", (1, 1),
                    (("Around us", ("US",), ("ME", "NH", "MA"), (), None, None, 0, 1000, 50, ((2000, 780), (10000, 990))),),
                    ("courier",), until=12, delivers_on=(0, 1, 2, 3, 4, 5),
                ),
            ),
        ),
    ),
    "qinghe": (
        CarrierRow(
            "qingniao", "Qingniao Express", "青鸟速运", "+8657188880171", "demo",
            (
                ServiceRow(
                    "standard", "Standard", "标准快递", (2, 4),
                    (
                        ("江浙沪皖", ("CN",), _DELTA, (), 1, 2, 0, 1000, 100, ((1000, 500), (3000, 700))),
                        ("偏远地区", ("CN",), _FAR, (), 5, 8, 0, 1000, 1200, ((1000, 1800),)),
                        ("全国", ("CN",), (), (), None, None, 0, 1000, 350, ((1000, 800), (3000, 1400))),
                    ),
                    ("standard",), cod=300, divisor=6000, until=18, collects_on=_ALL_WEEK, delivers_on=_ALL_WEEK,
                ),
            ),
            stuck_days=2,
        ),
        CarrierRow(
            "jifeng", "Jifeng Express", "疾风快运", "+8657188880172", "",
            (
                ServiceRow(
                    "express", "Next-day express", "次日达", (1, 2),
                    (
                        ("江浙沪皖", ("CN",), _DELTA, (), 1, 1, 0, 1000, 200, ((1000, 1200),)),
                        ("全国", ("CN",), (), (), 1, 2, 0, 1000, 800, ((1000, 2000),)),
                    ),
                    ("express", "standard"), cod=500, divisor=6000, until=20, collects_on=_ALL_WEEK, delivers_on=_ALL_WEEK,
                ),
            ),
            stuck_days=2,
        ),
        CarrierRow(
            "jixian", "Jixian Cold Chain", "极鲜冷链", "+8657188880173", "",
            (
                ServiceRow(
                    "cold", "Cold chain", "生鲜冷链", (1, 2),
                    (("冷链覆盖区", ("CN",), (*_DELTA, "广东省", "四川省"), (), None, None, 0, 1000, 500, ((3000, 2200),)),),
                    ("cold",), divisor=6000, until=14, delivers_on=_ALL_WEEK,
                ),
            ),
            stuck_days=1,
        ),
    ),
}  # fmt: skip

HOLIDAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "harbor": (("2026-11-26", "Thanksgiving"), ("2026-12-25", "Christmas"), ("2027-01-01", "New Year's Day")),
    "qinghe": tuple((f"2027-02-{day:02d}", "春节") for day in range(5, 10)),
}
