"""A campaign of 100,000 SMS on its way, and live replies of the same shop by the same number and of another shop: from a reply's commit until
its provider is called, against the same replies while nothing else is to leave. The dispatcher is the worker's own, the provider in
memory and as slow as one is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from bench import Figure, say
from bench._installation import own_installation

CAMPAIGN = 100_000
REPLIES = 100  # of each shop
EVERY_SECONDS = 0.1
LONGEST_SECONDS = 60.0
MOST_P99_MS = 400.0
_MESSAGE = """
INSERT INTO messaging_message (tenant_id, id, conversation_id, place, line_id, author, kind, at, external_id, subject, text, html, peer,
                               peer_name, others, notes, data)
VALUES (%(tenant)s, %(id)s, %(id)s, 1, %(line)s, 'system', 'notice', now(), '', '', 'live', '', '+12025550123', '', '[]', '[]',
        '{"language": "en"}')
"""
_DELIVERY = """
INSERT INTO messaging_delivery (tenant_id, message_id, conversation_id, line_id, priority, tries, reference, words)
VALUES (%(tenant)s, %(id)s, %(id)s, %(line)s, 0, 0, '', '')
"""


@dataclass
class Shop:
    """A shop that replies. `taken`: milliseconds of each reply."""

    tenant_id: int
    line_id: UUID
    taken: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        times = sorted(self.taken)
        return times[min(len(times) - 1, int(len(times) * share))]


def run() -> list[Figure]:
    """The bench."""
    with own_installation(tls="false"):
        return _run()


def _run() -> list[Figure]:
    from bench._slow_sms import SlowSms
    from tests.contact.messaging.campaign import campaign

    shops = _shops()
    with _sending():
        idle = _replies(shops)
    say(f"nothing else to send: p99 {idle[0].at(0.99):.0f} and {idle[1].at(0.99):.0f} ms")
    campaign(shops[0].tenant_id, shops[0].line_id, CAMPAIGN)
    with _sending():
        began, before = time.monotonic(), len(SlowSms.called)
        busy = _replies(shops)
        rate = (len(SlowSms.called) - before) / (time.monotonic() - began)
    say(f"under the campaign: p99 {busy[0].at(0.99):.0f} and {busy[1].at(0.99):.0f} ms; {rate:.0f} SMS/s")
    names = ("the campaign's own number", "another shop's")
    figures = [
        Figure(
            f"live reply by {name} under {CAMPAIGN:,} SMS, p99", after.at(0.99), "ms", floor=before.at(0.99), floor_name="alone",
            most=MOST_P99_MS,
        )
        for name, after, before in zip(names, busy, idle, strict=True)
    ]  # fmt: skip
    return [*figures, Figure("the campaign meanwhile", rate, "SMS/s")]


def _shops() -> list[Shop]:
    """Two of them, each with a number at the slow provider."""
    from django.conf import settings

    from bench._slow_sms import SlowSms
    from callcart.contact.messaging import public as messaging
    from callcart.contact.routing import public as routing
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from tests.shops import make_harbor, make_qinghe

    settings.CALLCART_CHANNELS = {"slow": f"{SlowSms.__module__}.{SlowSms.__qualname__}"}
    made = []
    for tenant in (make_harbor(), make_qinghe()):
        boss = Actor.system(tenant.id, "bench")
        with tenant_transaction(tenant.id):
            queue = routing.add_queue(boss, "en", name="Bench")
            line = messaging.add_line(
                boss, "slow", name="SMS", address="+12025550100", queue_id=queue.id, values={}
            )
        made.append(Shop(tenant.id, line.id))
    return made


@contextmanager
def _sending() -> Iterator[None]:
    """The worker's dispatcher, at work."""
    from callcart.contact.messaging import public as messaging

    stop = threading.Event()
    thread = threading.Thread(target=messaging.Dispatcher(messaging.Held()).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def _replies(shops: list[Shop]) -> list[Shop]:
    """So many replies of each, evenly; how long each took to its provider."""
    import psycopg

    from bench._slow_sms import SlowSms
    from callcart.core.dsn import connection_parameters

    written: list[tuple[Shop, str, float]] = []
    mine = [Shop(shop.tenant_id, shop.line_id) for shop in shops]
    began = time.monotonic()
    with psycopg.connect(**connection_parameters("system")) as connection:  # type: ignore[arg-type]
        for number in range(REPLIES * len(mine)):
            time.sleep(max(0.0, began + number * EVERY_SECONDS - time.monotonic()))
            shop = mine[number % len(mine)]
            values = {"tenant": shop.tenant_id, "line": shop.line_id, "id": uuid4()}
            connection.execute(_MESSAGE, values)
            connection.execute(_DELIVERY, values)
            moment = time.monotonic()
            connection.commit()
            written.append((shop, str(values["id"]), moment))
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end and not all(key in SlowSms.called for _shop, key, _at in written):
        time.sleep(0.1)
    for shop, key, moment in written:
        shop.taken.append(1000 * (SlowSms.called.get(key, end) - moment))
    return mine
