"""Screen pop: whole requests of the desk (session, tenant, permission, masking, HTML) against the bare driver running the
same statement, from one core, in turns, with 100,000 customers and then with a million.
"""

from __future__ import annotations

import io
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from bench import Figure, say
from tests import environment

SIZES = (100_000, 1_000_000)
LINE = 0.20
SPREAD = 1.3
CALLS = 500
ROUNDS = 12
PER_ROUND = 150


def run() -> list[Figure]:
    """Requests a second at both sizes, and how far the sizes are apart."""
    home = environment.prepare()
    os.environ["CALLCART_TLS"] = "false"
    from callcart.processes.postgres import server

    try:
        with server.running():
            return _run()
    finally:
        environment.clear(home)


def _run() -> list[Figure]:
    import django

    django.setup()
    from bench._many_customers import fill
    from callcart.core.database import migrate

    migrate(verbosity=0)
    tenant_id, token, staff_id = _shop()
    _goods(tenant_id)
    cores = os.sched_getaffinity(0)
    figures: list[Figure] = []
    times: list[float] = []
    have = 0
    for size in SIZES:
        began = time.perf_counter()
        fill(tenant_id, have, size)
        have = size
        say(f"{size:,} customers in {time.perf_counter() - began:.0f} s")
        calls = _calls(tenant_id, staff_id, size)
        with suppress(OSError):
            os.sched_setaffinity(0, {min(cores)})
        bare, request = _measure(tenant_id, staff_id, token, calls)
        os.sched_setaffinity(0, cores)
        times.append(request)
        figures.append(
            Figure(
                name=f"screen pop, {size:,} customers",
                value=1 / request,
                unit="/s",
                floor=1 / bare,
                floor_name="bare driver",
                least_ratio=LINE,
            )
        )
    figures.append(Figure("screen pop, the two sizes apart", max(times) / min(times), "×", most=SPREAD))
    return figures


def _shop() -> tuple[int, str, str]:
    """A tenant with one agent who is signed in."""
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.staff.public import create_role, create_staff, start_session
    from callcart.people.tenants.public import create_tenant

    tenant = create_tenant(
        slug="harbor",
        name="Harbor & Pine",
        currency="USD",
        timezone="America/New_York",
        language="en",
        country="US",
    )
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


def _calls(tenant_id: int, staff_id: str, size: int) -> list[str]:
    """Ringing conversations of callers spread over all customers, each with a short path; two earlier ones each."""
    import psycopg

    from bench._many_customers import phone_of
    from callcart.core.dsn import connection_parameters

    dice = random.Random(size)
    numbers = [phone_of(dice.randint(1, size)) for _each in range(CALLS)]
    with psycopg.connect(**connection_parameters("owner")) as owner:  # type: ignore[arg-type]
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


def _measure(tenant_id: int, staff_id: str, token: str, calls: list[str]) -> tuple[float, float]:
    """Seconds a call takes, bare and as a request; medians of rounds taken in turns."""
    bare, request = _bare(tenant_id, staff_id), _request(token)
    for run in (bare, request):
        for call in calls[:100]:
            run(call)
    dice, taken = random.Random(1), ([], [])  # type: tuple[random.Random, tuple[list[float], list[float]]]
    for _round in range(ROUNDS):
        for run, kept in ((bare, taken[0]), (request, taken[1])):
            chosen = dice.choices(calls, k=PER_ROUND)
            began = time.perf_counter()
            for call in chosen:
                run(call)
            kept.append((time.perf_counter() - began) / PER_ROUND)
    return sorted(taken[0])[ROUNDS // 2], sorted(taken[1])[ROUNDS // 2]


def _bare(tenant_id: int, staff_id: str) -> Callable[[str], None]:
    """The statement of the desk on a plain psycopg connection of the application's role, prepared."""
    import psycopg

    from callcart.core.database import sql
    from callcart.core.dsn import connection_parameters

    connection = psycopg.connect(**connection_parameters("app"), autocommit=True)  # type: ignore[arg-type]
    connection.execute("SELECT set_config('callcart.tenant', %s, false)", (str(tenant_id),))
    statement = sql("callcart.web.desk", "screen_pop")

    def run(call: str) -> None:
        values = {"tenant": tenant_id, "staff": staff_id, "conversation": call, "customer": None}
        row = connection.execute(statement, values, prepare=True).fetchone()
        assert row is not None
        assert row[0]["customer"]["name"]

    return run


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
