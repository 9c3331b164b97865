"""What the company's people write beside a scan, in the language of the country it happens in, and where it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS: Mapping[str, tuple[str, str]] = {
    "collected": ("Collected from sender", "快件已揽收"),
    "arrived": ("Arrived at sort centre", "快件已到达分拨中心"),
    "departed": ("Left sort centre", "快件已离开分拨中心"),
    "delayed": ("Delayed on the road, new attempt tomorrow", "运输途中延误，预计次日继续转运"),
    "loaded": ("With the driver for delivery", "快递员正在派送"),
    "bad_address": ("Address cannot be found", "地址不详，无法派送"),
    "not_home": ("Nobody at home, second attempt follows", "收件人不在，将再次派送"),
    "locker": ("Left at pick-up point", "快件已放入快递柜，请凭取件码领取"),
    "rejected": ("Receiver did not accept the parcel", "收件人拒收"),
    "delivered": ("Handed to the receiver", "快件已签收"),
    "sent_back": ("On the way back to the sender", "快件退回中"),
    "back": ("Handed back to the sender", "快件已退回发件人"),
    "missing": ("Cannot be found, search has ended", "快件遗失"),
}
_HUBS = {
    "CN": ("嘉兴分拨中心", "武汉转运中心", "郑州转运中心"),
    "": ("Springfield sort centre", "Columbus hub", "Reno hub"),
}
_AT_HOME = frozenset({"loaded", "bad_address", "not_home", "locker", "rejected", "delivered"})


def text(to: Mapping[str, Any], what: str) -> str:
    """The sentence of a scan."""
    english, chinese = _TEXTS.get(what, (what, what))
    return chinese if to.get("country") == "CN" else english


def place(to: Mapping[str, Any], what: str, step: int) -> str:
    """Where it happened: a hub on the way, the receiver's city at the end."""
    if what in _AT_HOME:
        return str(to.get("city", ""))
    hubs = _HUBS["CN" if to.get("country") == "CN" else ""]
    return hubs[step % len(hubs)]
