"""Placing orders of three lines through the product, against pgbench sending the very same statements. Three copies of one
shop: on the first the statements of all placings are written down, on the second the product places them, on the third
pgbench replays what was written, in turns with the product and on the same server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import Figure, say
from bench._installation import own_installation

LINE = 0.35
ROUNDS = 10
PER_ROUND = 60
GOODS = 200

Place = Callable[[int], None]


class NoPgbench(RuntimeError):
    """pgbench was not found: install PostgreSQL's client tools (Debian: the package `postgresql`)."""


def run() -> list[Figure]:
    """Orders a second, and pgbench's for the same statements."""
    with own_installation(), tempfile.TemporaryDirectory() as folder:
        return [_figure(Path(folder))]


def _figure(folder: Path) -> Figure:
    from bench._copies import connected_to, copy

    pgbench = _pgbench()
    place = _placing(*_shop())
    with (
        copy("bench_written") as written,
        copy("bench_placed") as placed,
        copy("bench_replayed") as replayed,
    ):
        with connected_to(written):
            scripts = [_written(place, turn, folder) for turn in range(ROUNDS + 1)]
        ours, theirs = [], []
        with connected_to(placed):
            for turn, script in enumerate(scripts):  # the first turn warms both up
                ours.append(_timed(place, turn))
                theirs.append(_replayed(pgbench, replayed, script))
        _require_same(placed, replayed)
    mine, floor = sorted(ours[1:])[ROUNDS // 2], sorted(theirs[1:])[ROUNDS // 2]
    return Figure("place a 3-line order", 1 / mine, "/s", 1 / floor, "pgbench", least_ratio=LINE)


def _pgbench() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"), reverse=True)
    chosen = str(found[0]) if found else shutil.which("pgbench")
    if not chosen:
        raise NoPgbench(NoPgbench.__doc__)
    return chosen


def _shop() -> tuple[int, list[Any], Any]:
    """A tenant with goods that do not run out, and a customer."""
    from callcart.commerce.catalog.public import ProductDraft, VariantDraft, add_variant, create_product
    from callcart.commerce.inventory.public import WarehouseDraft, create_warehouse, receive
    from callcart.commerce.shipping.public import MethodDraft, create_method
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.customers.public import create_customer
    from tests.shops import make_harbor

    tenant = make_harbor()
    boss = Actor.system(tenant.id)
    goods = []
    with tenant_transaction(tenant.id):
        create_method(boss, MethodDraft(code="ground", name="Ground", price_minor=500))
        west = create_warehouse(boss, WarehouseDraft(code="west", name="West"))
        customer = create_customer(boss, name="Ada Example", phone="(212) 555-0142")
    for number in range(GOODS):
        with tenant_transaction(tenant.id):
            product = create_product(boss, ProductDraft(name=f"Thing {number}"))
            draft = VariantDraft(sku=f"T{number}", price_minor=1000 + number)
            goods.append(add_variant(boss, product.id, draft).id)
            receive(boss, variant_id=goods[-1], warehouse_id=west.id, quantity=1_000_000)
    return tenant.id, goods, customer.id


def _placing(tenant_id: int, goods: list[Any], customer_id: Any) -> Place:
    """Places the nth order in a transaction of its own, as a request does."""
    from callcart.commerce.orders.public import DraftAddress, DraftLine, OrderDraft, place_order
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction

    boss = Actor.system(tenant_id)
    address = DraftAddress(
        "Ada Example", "(212) 555-0142", "US", "Oregon", "Portland", "", "1 Pine Street", "97201"
    )

    def place(number: int) -> None:
        lines = tuple(
            DraftLine(goods[(number * 7 + step) % GOODS], 1 + step % 2, None) for step in (0, 31, 67)
        )
        draft = OrderDraft(
            lines=lines,
            channel="phone",
            address=address,
            delivery_method="ground",
            payment_method="prepaid",
            customer_id=customer_id,
        )
        with tenant_transaction(tenant_id):
            place_order(boss, draft, idempotency_key=f"order-{number}")

    return place


def _numbers(turn: int) -> range:
    return range(turn * PER_ROUND, (turn + 1) * PER_ROUND)


def _written(place: Place, turn: int, folder: Path) -> Path:
    """A turn's placings as a script for pgbench: each statement as it went to the server, each order a transaction."""
    from django.db import connection

    statements: list[str] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if many:
            raise RuntimeError("a statement for many rows at once cannot be written down")
        cursor = context["cursor"].cursor
        text = cursor.mogrify(sql, parameters) if parameters else sql
        statements.append(" ".join(text.splitlines()) if "'" not in text else text)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        for number in _numbers(turn):
            statements.append("BEGIN\\; SELECT set_config('callcart.tenant', '1', true)")
            place(number)
            statements.append("COMMIT")
    path = folder / f"{turn}.sql"
    path.write_text(";\n".join(statements) + ";\n", encoding="utf-8")
    if turn == 0:
        say(f"{len(statements) / PER_ROUND:.0f} statements an order")
    return path


def _timed(place: Place, turn: int) -> float:
    """Seconds an order of a turn takes the product."""
    began = time.perf_counter()
    for number in _numbers(turn):
        place(number)
    return (time.perf_counter() - began) / PER_ROUND


def _replayed(pgbench: str, database: str, script: Path) -> float:
    """Seconds an order of a turn takes pgbench, by its own clock."""
    from callcart.core.dsn import connection_parameters

    app = connection_parameters("app")
    done = subprocess.run(
        [pgbench, "-n", "-M", "simple", "-c", "1", "-j", "1", "-t", "1", "-f", str(script), database],
        env={
            "PATH": os.environ["PATH"],
            "PGHOST": str(app["host"]),
            "PGPORT": str(app["port"]),
            "PGUSER": str(app["user"]),
            "PGPASSWORD": str(app["password"]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    latency = re.search(r"latency average = ([\d.]+) ms", done.stdout)
    if (
        done.returncode
        or latency is None
        or " failed transactions: 0 " not in f" {done.stdout} ".replace("number of", "")
    ):
        raise RuntimeError(f"pgbench: {done.stdout[-500:]} {done.stderr[-1500:]}")
    return float(latency.group(1)) / 1000 / PER_ROUND


def _require_same(placed: str, replayed: str) -> None:
    """Both did the same work, or the figure means nothing."""
    import psycopg

    from callcart.core.database import parameters

    counts = []
    for name in (placed, replayed):
        with psycopg.connect(**{**parameters("system"), "dbname": name}) as connection:
            tables = ("orders_order", "orders_line", "inventory_movement", "payments_payment", "core_event")
            row = connection.execute(f"SELECT {', '.join(f'(SELECT count(*) FROM {t})' for t in tables)}")
            counts.append(row.fetchone())
    if counts[0] != counts[1]:
        raise RuntimeError(f"the product wrote {counts[0]} rows, pgbench {counts[1]}")
