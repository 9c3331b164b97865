"""Ring to screen pop: a SIPp caller who is put through to an agent in a real Chromium, from the commit of the offer until the desk has
painted who is calling; and from the phone's ringing until then. The whole system runs with the demo shops; the agent is registered by
WebRTC, the callers are customers of the shop, by turns.

Times are the wall clock of one machine: the offer's own moment (just before its commit, so the commit counts as ours) and the browser's
clock after the frame. The floor is the same page told a bare event by the same feed, between the calls.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench import Figure, say
from tests.journeys.browser import chromium
from tests.journeys.caller import Caller, call
from tests.journeys.desk_page import DeskPage
from tests.journeys.system import SERVICE_NUMBERS, System, eventually, running

CALLS = 40
WARM = 5  # calls not counted: pages, plans and caches are as they are in a day's work
TOLD = 3  # bare events between two calls
MOST_P95_MS = 150.0
BARE = "bench.told"

# Each moment is that after the next frame, when what was placed can be seen.
WATCH = """() => {
  window.moments = {pops: {}, rings: [], told: {}};
  const painted = (run) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => run(Date.now()); channel.port2.postMessage(0); });
  const look = () => {
    const strip = document.querySelector('#strip [data-conversation-id][data-phase=offered]');
    const id = strip?.dataset.conversationId;
    if (!id || id in window.moments.pops || !strip.querySelector('.strip-name')?.textContent.trim()) return;
    if (!document.querySelector('#person [data-person]')) return;
    window.moments.pops[id] = 0;
    painted((now) => { window.moments.pops[id] = now; });
  };
  new MutationObserver(look).observe(document.getElementById('desk'), {childList: true, subtree: true, attributes: true});
  new MutationObserver(() => { if (document.body.classList.contains('is-ringing')) window.moments.rings.push(Date.now()); }).observe(document.body, {attributeFilter: ['class']});
  document.addEventListener('callcart:KIND', (event) => { window.moments.told[event.detail.data.n] = Date.now(); });
}""".replace("KIND", BARE)

# The newest pop and the ringing that goes with it, once both are there: those before are so many.
SEEN = """([pops, rings]) => {
  const popped = Object.entries(moments.pops);
  return popped.length > pops && popped.at(-1)[1] && moments.rings.length > rings && [...popped.at(-1), moments.rings[rings]];
}"""


def run() -> list[Figure]:
    """Milliseconds to the pop, from the offer and from the ringing."""
    with running(web_workers="2") as system, tempfile.TemporaryDirectory(prefix="callcart-bench-") as folder:
        say("the system runs")
        with chromium() as browser, DeskPage(system, browser) as desk:
            desk.page.evaluate(WATCH)
            desk.get_ready()
            try:
                return _figures(Measured(system, desk, Path(folder)))
            finally:
                desk.leave()


class Measured:
    """Calls and bare events by turns; milliseconds of each."""

    def __init__(self, system: System, desk: DeskPage, folder: Path) -> None:
        self.system, self.desk, self.folder = system, desk, folder
        self.from_offer: list[float] = []
        self.from_ring: list[float] = []
        self.bare: list[float] = []
        self._told = 0
        with self._feed() as connection:
            for number, caller in enumerate(self._callers(WARM + CALLS)):
                offer, ring = self._call(number, caller)
                bare = [self._tell(connection) for _each in range(TOLD)]
                if number < WARM:
                    continue
                self.from_offer.append(offer)
                self.from_ring.append(ring)
                self.bare += bare
                if len(self.from_offer) % 10 == 0:
                    say(f"{len(self.from_offer)} calls: the last popped up after {offer:.0f} ms")

    def _callers(self, count: int) -> list[str]:
        """Numbers that one customer each has, of those with orders."""
        found = self.system.rows(
            "SELECT min(p.e164) AS e164 FROM customers_phone p JOIN tenants_tenant t ON t.id = p.tenant_id"
            " WHERE t.slug = 'harbor' AND p.e164 LIKE '+1%%' AND EXISTS (SELECT FROM orders_order o WHERE o.customer_id = p.customer_id)"
            " GROUP BY p.customer_id ORDER BY p.customer_id LIMIT %(count)s",
            {"count": count},
        )
        if not found:
            raise RuntimeError("no customer with a number and an order")
        return [str(found[number % len(found)]["e164"]) for number in range(count)]

    def _call(self, number: int, e164: str) -> tuple[float, float]:
        """One call that rings and is given up."""
        before = self.desk.page.evaluate("[Object.keys(moments.pops).length, moments.rings.length]")
        caller = call(
            self.folder / f"call{number}",
            sip_port=self.system.port("sip"),
            service=SERVICE_NUMBERS["harbor"],
            number=e164,
        )
        try:
            caller.wait_answered()
            caller.press("10")
            # Asked in the page itself and seldom: whoever looks on must not take the time that is measured.
            popped = self.desk.page.wait_for_function(SEEN, arg=before, polling=250, timeout=60_000)
            talk, pop, ring = popped.json_value()
            offer = self._offer(talk)
        finally:
            _leave(caller)
        self.desk.page.locator("#strip [data-conversation-id]").wait_for(state="detached")
        eventually(lambda: self._ready(str(offer["staff_id"])), "the agent is free again")
        return pop - float(offer["made"]), pop - ring

    def _offer(self, talk: str) -> dict[str, Any]:
        [row] = self.system.rows(
            "SELECT staff_id, 1000 * extract(epoch FROM made_at) AS made FROM routing_offer WHERE conversation_id = %(id)s",
            {"id": talk},
        )
        return row

    def _ready(self, staff_id: str) -> bool:
        [row] = self.system.rows("SELECT state FROM routing_agent WHERE staff_id = %(id)s", {"id": staff_id})
        return bool(row["state"] == "ready")

    @contextmanager
    def _feed(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(
            host="127.0.0.1", port=self.system.port("postgres"), dbname="callcart", user="callcart_system",
            password=self.system.secret("postgres_system"),
        ) as connection:  # fmt: skip
            yield connection

    def _tell(self, connection: psycopg.Connection[Any]) -> float:
        """One event that no page reacts to, until the page has heard it."""
        self._told += 1
        connection.execute(
            "SELECT core_emit((SELECT id FROM tenants_tenant WHERE slug = 'harbor'), %s, 'bench', uuidv7(), NULL, 'staff',"
            " jsonb_build_object('n', %s::int))",
            (BARE, self._told),
        )
        sent = 1000 * time.time()
        connection.commit()
        heard = self.desk.page.wait_for_function("(n) => moments.told[n]", arg=self._told, polling=50)
        return float(heard.json_value()) - sent


def _leave(caller: Caller) -> None:
    try:
        caller.hang_up()
    finally:
        caller.close()


def _figures(found: Measured) -> list[Figure]:
    bare = "a bare event"
    return [
        Figure("ring to pop: offer to pop p50", _at(found.from_offer, 0.5), "ms", floor=_at(found.bare, 0.5), floor_name=bare),
        Figure(f"ring to pop: offer to pop p95, {CALLS} calls", _at(found.from_offer, 0.95), "ms",
               floor=_at(found.bare, 0.95), floor_name=bare, most=MOST_P95_MS),
        Figure("ring to pop: the phone's ringing to pop p95", _at(found.from_ring, 0.95), "ms", most=MOST_P95_MS),
    ]  # fmt: skip


def _at(times: list[float], share: float) -> float:
    """The time that so many of them do not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
