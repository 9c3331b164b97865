"""Provinces and states as they are compared: people write "浙江" and "浙江省", "oregon" and "Oregon"."""

from __future__ import annotations

_UNITS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")


def region_key(region: str) -> str:
    """The region without case and without the Chinese kind of unit; two spellings of one region have one key."""
    key = region.strip().casefold()
    for unit in _UNITS:
        if key.endswith(unit) and len(key) > len(unit) + 1:
            return key.removesuffix(unit)
    return key
