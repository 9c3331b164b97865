"""The office's order list: whole requests (session, permission, counts, today's sales, fifty rows of HTML) with each filter, each way
to search, deep pages, and the page of what waits. A shop with 30,000 orders in one database and one with three million in another
take turns; both sell as many a day, so that the days they look back on differ.

`CALLCART_BENCH_ORDERS` makes the large one smaller or larger. Three million take some ten minutes to seed; `CALLCART_BENCH_HOME` names
a folder (under /tmp where root runs it) that keeps both shops, so that the next run finds them.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bench import Figure, say
from bench._installation import own_installation

SMALL = 30_000
_SMALL_NAME = "bench_small"
LARGE = 3_000_000
MOST = 150  # milliseconds, p99
APART = 1.5
ROUNDS = 12
SLOWEST = 8  # told one by one

# What a value is called where it is another in each shop.
OWN = {
    "agent": ("one", "another", "nobody"),
    "campaign": ("of a month", "of old"),
    "warehouse": ("one", "another"),
    "q": (
        "number", "beginning of a number", "telephone", "unknown telephone", "whole name", "given name", "Ada", "王", "王伟",
        "nobody's name",
    ),
}  # fmt: skip

Request = Callable[[str], None]


def run() -> list[Figure]:
    """p50 and p99 of a request at both sizes, and how far these are apart."""
    large = int(os.environ.get("CALLCART_BENCH_ORDERS", LARGE))
    kept = os.environ.get("CALLCART_BENCH_HOME", "")
    with own_installation(kept=kept, tls="false"):
        with _small_one(keep=bool(kept)) as small_one:
            sides = [seeded(SMALL, small_one), seeded(large, _own_name())]
            return measured(sides)


@contextmanager
def _small_one(*, keep: bool) -> Iterator[str]:
    """The name of the small shop's database: made, or found from an earlier run and brought to today's tables."""
    from bench._copies import connected_to, copy, has, make_copy
    from callcart.core.database import migrate

    if not keep:
        with copy(_SMALL_NAME) as made:
            yield made
        return
    if not has(_SMALL_NAME):
        make_copy(_SMALL_NAME)
    with connected_to(_SMALL_NAME):
        migrate(verbosity=0)
    yield _SMALL_NAME


@dataclass
class Side:
    """One size: its database, who reads, what is read, and milliseconds by address."""

    size: int
    database: str
    slug: str
    token: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    taken: dict[str, list[float]] = field(default_factory=dict)

    def all(self) -> list[float]:
        return [each for taken in self.taken.values() for each in taken]

    def percentile(self, which: int) -> float:
        return statistics.quantiles(self.all(), n=100)[which - 1]


def measured(sides: list[Side]) -> list[Figure]:
    """Every page of both sides, in turns."""
    for _round in range(ROUNDS + 1):  # the first warms up
        for side in sides:
            _take_turn(side)
    for side in sides:
        for taken in side.taken.values():
            del taken[0]
    small, large = sides
    _tell(small, large)
    figures = []
    for which in (50, 99):
        most = {"most": float(MOST)} if which == 99 else {}
        figures += [
            Figure(f"order list, {small.size:,} orders, p{which}", small.percentile(which), "ms", **most),
            Figure(
                f"order list, {large.size:,} orders, p{which}", large.percentile(which), "ms", small.percentile(which),
                f"with {small.size:,}", most_ratio=APART, **most,
            ),
        ]  # fmt: skip
    return figures


def _tell(small: Side, large: Side) -> None:
    """The slowest pages of the large one, beside the small one's."""
    by_time = sorted(large.taken, key=lambda name: -statistics.median(large.taken[name]))
    for name in by_time[:SLOWEST]:
        one, other = (statistics.median(side.taken[name]) for side in (small, large))
        say(f"{name}: {one:.0f} ms, {other:.0f} ms")


def seeded(size: int, database: str) -> Side:
    """A shop of that size in a database, one who may see everything, and the pages to read."""
    from bench._copies import connected_to
    from callcart.core.tenancy import tenant_transaction
    from callcart.demo.scale import Size, make
    from callcart.people.staff.public import list_staff, start_session

    began = time.perf_counter()
    with connected_to(database):
        slug = f"volume{size}"  # a name each: who has a host is remembered
        made = make(Size(orders=size), slug=slug, past=False)
        with tenant_transaction(made.tenant_id):
            owner = next(each for each in list_staff() if each.email.startswith("owner@"))
            side = Side(size, database, slug, start_session(owner))
            side.pages = _pages()
    say(f"{size:,} orders in {time.perf_counter() - began:.0f} s")
    return side


def _pages() -> dict[str, str]:
    """A name and an address for every filter, search, depth and queue that the office offers."""
    from callcart.commerce.orders.models import Channel, Order
    from callcart.commerce.orders.public import Doubt, Queue
    from callcart.commerce.orders.states import Fulfilment, OrderState, PaymentAxis
    from callcart.commerce.payments.public import PaymentMethod
    from callcart.people.staff.public import list_staff

    one = _one_order_at(0.4)
    agents = [str(each.id) for each in list_staff() if each.name.startswith("Agent")][:2]
    values: dict[str, list[str]] = {
        "state": [*map(str, OrderState)], "payment": [*map(str, PaymentAxis)], "goods": [*map(str, Fulfilment)],
        "method": [*map(str, PaymentMethod)], "delivery": ["ground", "express", "gone"], "channel": [*map(str, Channel)],
        "agent": [*agents, str(one.id)], "campaign": [one.placed_at.strftime("mail %Y-%m"), "mail 2001-01"],
        "tag": ["gift", "press", "none"], "doubt": [*map(str, Doubt)], "doubtful": ["any"], "warehouse": _warehouses(),
        "region": ["Oregon", "ne", "Nowhere"], "product": ["V1", "V1777", "Wool Lamp", "nothing of the kind"],
        "least": ["200", "100000"], "most": ["20", "1"], "q": [
            one.number, one.number[:4], one.ship_phone, "+12025550199", one.ship_name, one.ship_name.split()[0], "Ada", "王",
            "王伟", "Nobody Atall"],
    }  # fmt: skip
    found = {
        "first page": "",
        "one day": urlencode(_days(one.placed_at, 0)),
        "a month": urlencode(_days(one.placed_at, 30)),
    }
    for name, each in values.items():
        labels = OWN.get(name, each)
        found |= {
            f"{name} {label}": urlencode({name: value}) for label, value in zip(labels, each, strict=False)
        }
    found["cancelled by web in a region"] = urlencode(
        {"state": "cancelled", "channel": "web", "region": "Oregon"}
    )
    found["paid, not sent, of a warehouse"] = urlencode(
        {"payment": "paid", "goods": "reserved", "warehouse": _warehouses()[0]}
    )
    for depth in (0.1, 0.5, 0.99):
        at: Order = _one_order_at(1 - depth)
        found[f"page at {depth:.0%}"] = urlencode({"after": f"{at.placed_at.isoformat()}_{at.id}"})
    pages = {name: f"/office/orders?{query}" for name, query in found.items()}
    pages |= {f"waiting for {queue}": f"/office/orders/waiting?queue={queue}" for queue in Queue}
    return pages | {"approval": "/office/orders/approval", "today's sales": "/office/orders/today"}


def _one_order_at(place: float) -> Any:
    """An order a part of the way from the oldest to the newest."""
    from django.db.models import Max, Min

    from callcart.commerce.orders.models import Order

    ends = Order.objects.aggregate(first=Min("placed_at"), last=Max("placed_at"))
    moment = ends["first"] + (ends["last"] - ends["first"]) * place
    return Order.objects.filter(placed_at__gte=moment).order_by("placed_at", "id").first()


def _days(last: datetime, days: int) -> dict[str, str]:
    return {"from": (last - timedelta(days=days)).date().isoformat(), "to": last.date().isoformat()}


def _warehouses() -> list[str]:
    from callcart.commerce.inventory.public import list_warehouses

    return [str(each.id) for each in list_warehouses()]


def _take_turn(side: Side) -> None:
    from bench._copies import connected_to

    with connected_to(side.database):
        request = _request(f"{side.slug}.localhost", side.token)
        request("/office/orders")  # a new connection's first statements
        for name, address in side.pages.items():
            began = time.perf_counter()
            request(address)
            side.taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)


def _request(host: str, token: str) -> Request:
    """A whole request through the web application, as its server calls it."""
    from callcart.web.middleware import SESSION_COOKIE
    from callcart.web.wsgi import application

    base = {
        "REQUEST_METHOD": "GET", "SERVER_NAME": host, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host, "HTTP_COOKIE": f"{SESSION_COOKIE}={token}", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.multithread": False,
        "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    status: list[str] = []

    def run(address: str) -> None:
        path, _, query = address.partition("?")
        environ = {**base, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
        answer = application(environ, lambda line, headers, error=None: status.append(line))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not (said := status.pop()).startswith("200"):
            raise RuntimeError(f"{address}: {said} {body[:500]!r}")

    return run


def _own_name() -> str:
    from callcart.core.dsn import connection_parameters

    return str(connection_parameters("app")["dbname"])
