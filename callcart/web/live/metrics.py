"""What the live process counts. Never a person or an address."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

LISTENERS = Gauge("callcart_live_listeners", "Open feeds")
RELAYS = Gauge("callcart_live_relays", "Open telephones")
CHATS = Gauge("callcart_live_chats", "Visitors' open chats")
EVENTS = Counter("callcart_live_events_total", "Events read")
ENDED = Counter("callcart_live_ended_total", "Connections ended, by reason", ["face", "because"])
REFUSED = Counter("callcart_live_refused_total", "Connections refused, by reason", ["face", "code"])
METHODS = frozenset({"INVITE", "REGISTER", "REFER", "SUBSCRIBE", "MESSAGE", "OPTIONS", "PUBLISH", "flood"})
OVERSTEPPED = Counter(
    "callcart_live_overstepped_total", "What visitors' pages asked of the exchange and may not", ["method"]
)
RESETS = Counter("callcart_live_resets_total", "Listeners told to read the state again")
LAG = Histogram(
    "callcart_live_lag_seconds",
    "From writing an event (before its commit) to handing it out",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
