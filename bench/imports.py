"""Importing customers and products from a CSV file through the product: read, tried, written with search words, numbers, audit and
events. Against COPY of the very rows that came of it into a table with the same indexes, on the same server. Writing alone is
told besides; it is what holds locks.
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import Figure, say
from bench._installation import own_installation

ROWS = 10_000
WHOLE_LINE = 0.04

Files = dict[str, str]
TABLES = {"customers": "customers_customer", "products": "catalog_variant"}


def run() -> list[Figure]:
    """Rows a second of both kinds, and COPY's of what they became."""
    with own_installation(), tempfile.TemporaryDirectory() as folder:
        from tests.shops import make_harbor

        tenant = make_harbor()
        figures = []
        for kind, text in (("customers", _customers()), ("products", _products())):
            path = Path(folder) / f"{kind}.csv"
            path.write_text(text, encoding="utf-8")
            whole, writing = _imported(tenant.id, kind, path)
            copied = _copied(TABLES[kind])
            say(
                f"{kind}: {ROWS / whole:,.0f} rows/s in all, writing {ROWS / writing:,.0f}, COPY {ROWS / copied:,.0f}"
            )
            figures += [
                Figure(
                    f"import {kind}", ROWS / whole, "rows/s", ROWS / copied, "COPY", least_ratio=WHOLE_LINE
                ),
                Figure(f"import {kind}, writing alone", ROWS / writing, "rows/s"),
            ]
        return figures


def _customers() -> str:
    out = io.StringIO()
    out.write("Name,Mobile,E-mail,Level,City,State,Address,Zip\n")
    for n in range(ROWS):
        name = f"Person {n}" if n % 2 else f"王小{chr(0x4E00 + n % 3000)}"
        out.write(
            f"{name},+1212{5550000 + n:07d},p{n}@example.com,gold,Portland,Oregon,{n} Pine Street,97201\n"
        )
    return out.getvalue()


def _products() -> str:
    out = io.StringIO()
    out.write("SKU,Title,名称,Price,Category,Grams\n")
    for n in range(ROWS):
        out.write(
            f"T-{n},Thing number {n},东西{chr(0x4E00 + n % 3000)},{n % 500}.50,Shelf {n % 20},{n % 900}\n"
        )
    return out.getvalue()


def _imported(tenant_id: int, kind: str, path: Path) -> tuple[float, float]:
    """Seconds of the whole import, and of writing alone."""
    from callcart.core.actor import Actor
    from callcart.core.exchange import public as exchange
    from callcart.core.exchange import steps
    from callcart.core.tenancy import tenant_session, tenant_transaction

    boss = Actor.system(tenant_id)
    place = exchange.Place("USD", "America/New_York", "US")

    def work(found: Any) -> None:
        with tenant_session(tenant_id):
            while steps.advance(found.id) is steps.Said.MORE:
                pass

    began = time.perf_counter()
    with tenant_session(tenant_id):
        found = exchange.begin(boss, kind=kind, paths=[(path.name, path)], place=place)
    with tenant_transaction(tenant_id):
        mapping = {int(number): mapped for number, mapped in found.mapping.items()}
        exchange.set_mapping(boss, found.id, sheets={0: kind}, mapping=mapping, style=found.style)
    work(found)
    written = time.perf_counter()
    with tenant_transaction(tenant_id):
        exchange.start(boss, found.id, mode="good")
    work(found)
    ended = time.perf_counter()
    with tenant_transaction(tenant_id):
        found.refresh_from_db()
    if (found.state, found.made) != ("done", ROWS):
        raise RuntimeError(f"{found.state}: {found.made} of {ROWS} rows, {found.problem}")
    return ended - began, ended - written


def _copied(table: str) -> float:
    """Seconds that COPY takes for the rows a kind became, into a table with the same columns and indexes."""
    import psycopg

    from callcart.core.database import parameters

    with psycopg.connect(**parameters("owner")) as connection:
        data = b"".join(bytes(each) for each in _read(connection, table))
        connection.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)".encode())
        connection.commit()
        began = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy("COPY bench_copy FROM STDIN") as copy:
            copy.write(data)
        connection.commit()
        taken = time.perf_counter() - began
        connection.execute("DROP TABLE bench_copy")
    return taken


def _read(connection: Any, table: str) -> list[bytes]:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT".encode()) as copy,
    ):
        return list(copy)
