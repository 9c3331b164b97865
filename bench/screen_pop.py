"""Screen pop: whole requests of the desk (session, tenant, permission, masking, HTML) against the bare driver running the
same statement, from one core; 100,000 customers in one database and a million in another take turns.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench import Figure, say
from bench._installation import own_installation

SIZES = (100_000, 1_000_000)
LINE = 0.20
SPREAD = 1.3
CALLS = 500
ROUNDS = 20
PER_ROUND = 100
WARM = 40  # the server plans a statement once for a connection, after trying it a few times


def run() -> list[Figure]:
    """Requests a second at both sizes, and how far the sizes are apart."""
    with own_installation(tls="false"):
        return _run()


def _run() -> list[Figure]:
    from bench._copies import copy
    from bench._many_customers import fill

    tenant_id, token, staff_id = _shop()
    _goods(tenant_id)
    small, large = SIZES
    _seed(fill, tenant_id, 0, small)
    with copy("bench_small") as small_one:
        _seed(fill, tenant_id, small, large)
        sides = [
            Side(size, name, _calls(name, tenant_id, staff_id, size))
            for size, name in ((small, small_one), (large, _own_name()))
        ]
        with _one_core():
            for _round in range(ROUNDS + 1):
                for side in sides:
                    _take_turn(side, tenant_id, staff_id, token)
    return [*(side.figure() for side in sides), _apart(*sides)]


@dataclass
class Side:
    """One size: its database, calls that ring in it, and the seconds a call took in each round, bare and as a request."""

    size: int
    database: str
    calls: list[str]
    bare: list[float] = field(default_factory=list)
    request: list[float] = field(default_factory=list)

    def figure(self) -> Figure:
        return Figure(
            name=f"screen pop, {self.size:,} customers",
            value=1 / _typical(self.request),
            unit="/s",
            floor=1 / _typical(self.bare),
            floor_name="bare driver",
            least_ratio=LINE,
        )


def _apart(one: Side, other: Side) -> Figure:
    times = sorted(_typical(side.request) for side in (one, other))
    return Figure("screen pop, the two sizes apart", times[1] / times[0], "×", most=SPREAD)


def _typical(taken: list[float]) -> float:
    """The quarter-best of the rounds after the first, which warms up: other work on the machine only adds."""
    return statistics.quantiles(taken[1:], n=4)[0]


def _seed(fill: Callable[[int, int, int], None], tenant_id: int, have: int, size: int) -> None:
    began = time.perf_counter()
    fill(tenant_id, have, size)
    say(f"{size:,} customers in {time.perf_counter() - began:.0f} s")


def _own_name() -> str:
    from callcart.core.dsn import connection_parameters

    return str(connection_parameters("app")["dbname"])


@contextmanager
def _one_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _shop() -> tuple[int, str, str]:
    """A tenant with one agent who is signed in."""
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.staff.public import create_role, create_staff, start_session
    from tests.shops import make_harbor

    tenant = make_harbor()
    system = Actor.system(tenant.id)
    names = (
        "desk.use",
        "conversations.view",
        "conversations.handle",
        "customers.view",
        "orders.view",
        "orders.place",
    )
    with tenant_transaction(tenant.id):
        role = create_role(system, name="Bench", wanted={name: {} for name in names})
        who = create_staff(
            system,
            email="bench@harbor.example",
            name="Bench",
            password="bench-password-1",
            role_ids=[role.id],
        )
        return tenant.id, start_session(who), str(who.id)


def _goods(tenant_id: int) -> None:
    """One product to order."""
    from callcart.commerce.catalog.public import ProductDraft, VariantDraft, add_variant, create_product
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction

    with tenant_transaction(tenant_id):
        product = create_product(Actor.system(tenant_id), ProductDraft(name="Mug"))
        add_variant(Actor.system(tenant_id), product.id, VariantDraft(sku="MUG", price_minor=1000))


def _calls(database: str, tenant_id: int, staff_id: str, size: int) -> list[str]:
    """Ringing conversations of callers spread over all customers, each with a short path; two earlier ones each."""
    import psycopg

    from bench._many_customers import phone_of
    from callcart.core.dsn import connection_parameters

    dice = random.Random(size)
    numbers = [phone_of(dice.randint(1, size)) for _each in range(CALLS)]
    with psycopg.connect(**{**connection_parameters("owner"), "dbname": database}) as owner:  # type: ignore[arg-type]
        owner.execute("SELECT set_config('callcart.tenant', %s, true)", (str(tenant_id),))
        rows = owner.execute(
            "INSERT INTO conversations_conversation (tenant_id, id, number, channel, direction, state, agent_id, language, caller_e164,"
            " caller_raw, service_number, queued_at, end_reason)"
            " SELECT %(t)s, gen_random_uuid(), %(size)s || '-' || n, 'voice', 'inbound', 'offered', %(staff)s, 'en', e, e, '', now(), ''"
            " FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS u(e, n) RETURNING id",
            {"t": tenant_id, "numbers": numbers, "size": str(size), "staff": staff_id},
        ).fetchall()
        owner.execute(
            "INSERT INTO conversations_step (tenant_id, conversation_id, kind, data) SELECT %(t)s, c.id, k, '{}'"
            " FROM unnest(%(ids)s::uuid[]) AS c(id), unnest(ARRAY['opened', 'menu.entered', 'prompt.played', 'key.pressed',"
            " 'queue.entered', 'offer.made']) AS k",
            {"t": tenant_id, "ids": [row[0] for row in rows]},
        )
    return [str(row[0]) for row in rows]


def _take_turn(side: Side, tenant_id: int, staff_id: str, token: str) -> None:
    """A round of one size: the same calls by the bare driver and as requests, each on a connection that is warm."""
    from bench._copies import connected_to

    chosen = random.Random(len(side.bare)).choices(side.calls, k=PER_ROUND)
    with connected_to(side.database), _bare(side.database, tenant_id, staff_id) as bare:
        request = _request(token)
        for run, kept in ((bare, side.bare), (request, side.request)):
            for call in chosen[:WARM]:
                run(call)
            began = time.perf_counter()
            for call in chosen:
                run(call)
            kept.append((time.perf_counter() - began) / PER_ROUND)


@contextmanager
def _bare(database: str, tenant_id: int, staff_id: str) -> Iterator[Callable[[str], None]]:
    """The statement of the desk on a plain psycopg connection of the application's role, prepared."""
    import psycopg

    from callcart.core.database import sql
    from callcart.core.dsn import connection_parameters

    connection = psycopg.connect(  # type: ignore[call-overload]
        **{**connection_parameters("app"), "dbname": database}, autocommit=True
    )
    connection.execute("SELECT set_config('callcart.tenant', %s, false)", (str(tenant_id),))
    statement = sql("callcart.web.desk", "screen_pop")
    reach = {"every_order": True, "orders_of": None, "regions": [], "talks_of": None}

    def run(call: str) -> None:
        values = {"tenant": tenant_id, "staff": staff_id, "conversation": call, "customer": None, **reach}
        row = connection.execute(statement, values, prepare=True).fetchone()
        assert row is not None
        assert row[0]["customer"]["name"]

    with connection:
        yield run


def _request(token: str) -> Callable[[str], None]:
    """A whole request through the web application, as its server calls it."""
    from callcart.web.middleware import SESSION_COOKIE
    from callcart.web.wsgi import application

    base = {
        "REQUEST_METHOD": "GET", "SERVER_NAME": "harbor.localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "harbor.localhost", "HTTP_COOKIE": f"{SESSION_COOKIE}={token}", "HTTP_ACCEPT": "application/json",
        "REMOTE_ADDR": "127.0.0.1", "QUERY_STRING": "", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    status: list[str] = []

    def run(call: str) -> None:
        environ = {**base, "PATH_INFO": f"/desk/c/{call}", "wsgi.input": io.BytesIO()}
        answer = application(environ, lambda line, headers, error=None: status.append(line))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert status.pop().startswith("200"), body[:500]
        assert b"strip-name" in body

    return run
