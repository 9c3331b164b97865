"""How the demo shops deliver, and the carriers' places that a parcel passes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MethodRow:
    code: str
    name: str
    name_zh: str
    carrier: str
    price: int
    free_above: int | None
    days: tuple[int, int]
    takes_cod: bool
    zones: tuple[str, ...] = ()


METHODS: dict[str, tuple[MethodRow, ...]] = {
    "harbor": (
        MethodRow("ground", "Ground", "标准陆运", "Northway Parcel", 695, 7500, (2, 5), True),
        MethodRow("express", "Two-day express", "两日达", "Northway Parcel", 1495, None, (1, 2), True),
        MethodRow(
            "courier", "Same-week courier", "本地专送", "Casco Couriers", 995, 12000, (1, 1), False, ("ME", "NH", "MA")
        ),
    ),
    "qinghe": (
        MethodRow("standard", "Standard", "普通快递", "青鸟速运", 800, 9900, (2, 4), True),
        MethodRow("express", "Next-day express", "次日达", "疾风快运", 1800, None, (1, 2), True),
        MethodRow(
            "cold", "Cold chain", "生鲜冷链", "极鲜冷链", 2200, 39900, (1, 2), False,
            ("浙江省", "上海市", "江苏省", "安徽省", "广东省", "四川省"),
        ),
    ),
}  # fmt: skip

HUBS: dict[str, tuple[str, ...]] = {
    "harbor": ("Portland ME hub", "Springfield sort centre", "Newark hub", "Columbus hub", "Reno hub"),
    "qinghe": ("杭州转运中心", "嘉兴分拨中心", "南京转运中心", "武汉转运中心", "成都分拨中心"),
}
