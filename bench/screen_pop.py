"""Screen pop: whole requests of the desk (session, tenant, permission, masking, HTML) against the bare driver running the
same statement, on one core, in the same run, in turns. Pass: at least 0.20 of it, and the two sizes within 1.3 times.

    python -m bench.screen_pop            100,000 customers
    python -m bench.screen_pop --full     100,000, then 1,000,000
"""

from __future__ import annotations

import io
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from tests import environment

LINE = 0.20
SPREAD = 1.3
CALLS = 500
ROUNDS = 12
PER_ROUND = 150


def main(*, full: bool = False) -> int:
    """Run it; 0 where every pass line holds."""
    home = environment.prepare()
    os.environ["CALLCART_TLS"] = "false"
    from callcart.processes.postgres import server

    sizes = (100_000, 1_000_000) if full else (100_000,)
    try:
        with server.running():
            return _run(sizes)
    finally:
        environment.clear(home)


def _run(sizes: tuple[int, ...]) -> int:
    import django

    django.setup()
    from callcart.core.database import migrate

    migrate(verbosity=0)
    tenant_id, token, staff_id = _shop()
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    times: list[float] = []
    good, have = True, 0
    for size in sizes:
        began = time.perf_counter()
        _fill(tenant_id, have, size)
        have = size
        calls = _calls(tenant_id, staff_id, size)
        _say(f"{size:,} customers seeded in {time.perf_counter() - began:.0f} s")
        bare, request = _measure(tenant_id, staff_id, token, calls)
        ratio = bare / request
        times.append(request)
        good &= ratio >= LINE
        _say(
            f"screen pop, {size:,} customers: {1 / request:,.0f} requests/s, bare driver {1 / bare:,.0f}/s, "
            f"ratio {ratio:.2f} (line {LINE:.2f}) {'ok' if ratio >= LINE else 'BELOW'}"
        )
    if len(times) == 2:
        spread = max(times) / min(times)
        good &= spread <= SPREAD
        _say(f"sizes apart by {spread:.2f} (line {SPREAD}) {'ok' if spread <= SPREAD else 'ABOVE'}")
    return 0 if good else 1


def _say(text: str) -> None:
    print(text, flush=True)


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


FILL = (
    """INSERT INTO customers_customer (tenant_id, id, number, name, tier, language, consent, custom, note, blocked,
         blocked_because, source, version, search_text, search_grams)
       SELECT %(t)s, gen_random_uuid(), (100000 + n)::text, 'Customer ' || n, 'gold', 'en', '{}', '{}', '', false, '', 'import', 1, '', '{}'
         FROM generate_series(%(from)s::int, %(to)s::int) n""",
    """INSERT INTO customers_phone (tenant_id, id, customer_id, e164, tail, label, is_primary)
       SELECT %(t)s, gen_random_uuid(), c.id, '+1202' || lpad(c.number, 8, '0'), reverse('1202' || lpad(c.number, 8, '0')), '', true
         FROM customers_customer c WHERE c.number::int BETWEEN 100000 + %(from)s AND 100000 + %(to)s""",
    """INSERT INTO customers_address (tenant_id, id, customer_id, label, name, phone, country, province, city, district, street, postcode, is_default)
       SELECT %(t)s, gen_random_uuid(), c.id, '', c.name, '+1202' || lpad(c.number, 8, '0'), 'US', 'OR', 'Portland', '', '1 Main Street', '97201', true
         FROM customers_customer c WHERE c.number::int BETWEEN 100000 + %(from)s AND 100000 + %(to)s""",
    """INSERT INTO orders_order (tenant_id, id, number, state, payment_state, fulfilment_state, version, customer_id, channel, language,
         currency, goods_minor, delivery_minor, total_minor, ship_name, ship_phone, ship_country, ship_province, ship_city, ship_district,
         ship_street, ship_postcode, delivery_method, delivery_name, delivery_name_zh, payment_method, instalment_count, agent_name,
         campaign, note, hold_reason, cancel_reason, placed_at, search_text, search_grams)
       SELECT %(t)s, gen_random_uuid(), c.number || k, 'confirmed', 'due', 'shipped', 1, c.id, 'web', 'en', 'USD', 2000, 500, 2500, c.name,
              '+1202' || lpad(c.number, 8, '0'), 'US', 'OR', 'Portland', '', '1 Main Street', '97201', 'ground', 'Ground', '', 'prepaid', 0,
              '', '', '', '', '', now() - make_interval(days => k * 10), '', '{}'
         FROM customers_customer c, generate_series(1, 2) k WHERE c.number::int BETWEEN 100000 + %(from)s AND 100000 + %(to)s""",
    """INSERT INTO orders_line (tenant_id, id, order_id, position, variant_id, sku, name, name_zh, quantity, unit_minor, total_minor, weight_g)
       SELECT %(t)s, gen_random_uuid(), o.id, k, v.id, v.sku, v.name, v.name_zh, 1, 1000, 1000, 0
         FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id, generate_series(1, 2) k, catalog_variant v
        WHERE c.number::int BETWEEN 100000 + %(from)s AND 100000 + %(to)s""",
    """INSERT INTO payments_payment (tenant_id, id, order_id, order_number, method, state, amount_minor, captured_minor, currency, provider, reference, mandate)
       SELECT %(t)s, gen_random_uuid(), o.id, o.number, 'prepaid', 'due', 2500, 0, 'USD', '', '', ''
         FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id WHERE c.number::int BETWEEN 100000 + %(from)s AND 100000 + %(to)s""",
    """INSERT INTO shipping_parcel (tenant_id, id, number, order_id, carrier, tracking, state, state_at, place)
       SELECT %(t)s, gen_random_uuid(), o.number, o.id, 'Swift', o.number, 'in_transit', now(), 'Portland'
         FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id WHERE c.number::int BETWEEN 100000 + %(from)s AND 100000 + %(to)s""",
)


def _fill(tenant_id: int, have: int, size: int) -> None:
    """Customers with a number, an address, two orders of two lines, their payment and parcel; by the owner, set-wise."""
    import psycopg

    from callcart.core.dsn import connection_parameters

    values = {"t": tenant_id, "from": have + 1, "to": size}
    with psycopg.connect(**connection_parameters("owner")) as owner:  # type: ignore[arg-type]
        owner.execute("SELECT set_config('callcart.tenant', %s, true)", (str(tenant_id),))
        owner.execute("SET LOCAL work_mem = '256MB'")
        owner.execute(
            "INSERT INTO catalog_product (tenant_id, id, slug, name, name_zh, description, description_zh, images, on_sale, position,"
            " search_text, search_grams) SELECT %(t)s, gen_random_uuid(), 'mug', 'Mug', '', '', '', '{}', true, 0, '', '{}'"
            " WHERE NOT EXISTS (SELECT 1 FROM catalog_product)",
            values,
        )
        owner.execute(
            "INSERT INTO catalog_variant (tenant_id, id, product_id, sku, barcode, name, name_zh, option, option_zh, price_minor, currency,"
            " weight_g, image, on_sale, position, search_text, search_grams) SELECT %(t)s, gen_random_uuid(), p.id, 'MUG', '', 'Mug', '', '', '',"
            " 1000, 'USD', 0, '', true, 0, '', '{}' FROM catalog_product p WHERE NOT EXISTS (SELECT 1 FROM catalog_variant)",
            values,
        )
        for statement in FILL:
            owner.execute(statement, values)
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE")


def _calls(tenant_id: int, staff_id: str, size: int) -> list[str]:
    """Ringing conversations of callers spread over all customers, each with a short path; two earlier ones each."""
    import psycopg

    from callcart.core.dsn import connection_parameters

    dice = random.Random(size)
    numbers = [f"+1202{100000 + dice.randint(1, size):08d}" for _each in range(CALLS)]
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


if __name__ == "__main__":
    sys.exit(main(full="--full" in sys.argv))
