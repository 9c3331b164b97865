"""Whose address a request comes from. Behind a proxy that speaks HTTP every connection is the proxy's; it names the visitor in
X-Forwarded-For, at the right end. What stands to the left of that the visitor may have written: it is never believed.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def visitor_address(peer: str, forwarded: str, *, trusted: Collection[Network]) -> str:
    """The address that a request came from: of the hops that X-Forwarded-For lists (`forwarded`, several headers joined by
    commas) and the connection itself (`peer`), the right-most one that is no trusted proxy. A peer that is none is
    taken as it is, whatever it says."""
    seen = _read(peer)
    if seen is None or not trusted:
        return peer
    for hop in reversed(forwarded.split(",")):
        if not _among(seen, trusted):
            break
        before = _read(hop)
        if before is None:  # a proxy of ours would have written an address
            break
        seen = before
    return str(seen)


def _among(address: IPv4Address | IPv6Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port, as some proxies write it (`192.0.2.1:443`, `[2001:db8::1]:443`); one of IPv4 in IPv6's
    clothes is one of IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
