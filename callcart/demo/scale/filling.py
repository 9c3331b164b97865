"""Filling the shop: portion by portion, each in a transaction of its own, secondary indexes and foreign keys built when all rows are in.

What was begun is kept in a file of the home until it is done: the size, the moment the shop ends at, and the definitions of what
was dropped. A run that was stopped anywhere is repeated and goes on; the highest id there is says how far it came.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from callcart.config import config
from callcart.core.clock import now
from callcart.core.database import parameters, sql
from callcart.demo.scale import size as words
from callcart.demo.scale.shop import Shop, shop
from callcart.demo.scale.size import Size

PACKAGE = "callcart.demo.scale"
PORTION = 50_000
TABLES = (
    "catalog_product", "catalog_variant", "inventory_stock", "inventory_movement", "inventory_reservation", "customers_customer",
    "customers_phone", "customers_address", "orders_order", "orders_line", "payments_payment", "payments_receipt",
    "payments_tillentry", "payments_refund", "shipping_dispatch", "shipping_dispatchline", "shipping_parcel", "shipping_parcelline",
)  # fmt: skip
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = ANY(%s::regclass[])
   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
_KEYS = """
SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'f' AND (conrelid = ANY(%s::regclass[]) OR confrelid = ANY(%s::regclass[]))
"""

Say = Callable[[str], None]


class OtherSize(RuntimeError):
    """This shop was begun, or made, in another size."""


@dataclass(slots=True)
class Plan:
    """What is under way. `indexes` and `keys` are what has to be there again at the end."""

    size: Size
    until: datetime
    indexes: list[list[str]]
    keys: list[list[str]]

    def keep(self, path: Path) -> None:
        """On the disk before anything is dropped."""
        kept = {
            "size": asdict(self.size),
            "until": self.until.isoformat(),
            "indexes": self.indexes,
            "keys": self.keys,
        }
        beside = path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    @classmethod
    def read(cls, path: Path) -> Plan:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(Size(**kept["size"]), datetime.fromisoformat(kept["until"]), kept["indexes"], kept["keys"])


def make(wanted: Size, *, slug: str = "volume", past: bool = True, say: Say = lambda _line: None) -> Shop:
    """The shop of that size; one that is there already is left as it is. Without `past`, parcels and receipts are left out
    (for benches that do not read them). Raises OtherSize."""
    made, wanted = shop(slug), wanted.whole()
    path = config().home / f"scale-{slug}.json"
    with psycopg.connect(
        **parameters("owner"), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as owner:
        have = _count(owner, "orders_order", made.tenant_id)
        if not path.exists():
            if have:
                if have != wanted.orders:
                    raise OtherSize(f"{slug} has {have:,} orders.")
                return made
            Plan(wanted, now(), owner.execute(_INDEXES, (list(TABLES),)).fetchall(),
                 owner.execute(_KEYS, (list(TABLES),) * 2).fetchall()).keep(path)  # fmt: skip
        plan = Plan.read(path)
        if plan.size != wanted:
            raise OtherSize(f"{slug} was begun with {plan.size.orders:,} orders.")
        _Filling(owner, made, plan, past, say).run()
    path.unlink()
    return made


class _Filling:
    """One run over a connection of the tables' owner."""

    def __init__(self, owner: psycopg.Connection[Any], made: Shop, plan: Plan, past: bool, say: Say) -> None:
        self.owner, self.shop, self.plan, self.past, self.say = owner, made, plan, past, say
        self.began = time.monotonic()

    def run(self) -> None:
        self._open_session()
        self._drop()
        size = self.plan.size
        self._portions("goods", "catalog_variant", size.skus, ["goods"])
        self._portions("customers", "customers_address", size.customers, ["people"])
        past = ["past"] if self.past else []
        self._portions("orders", "orders_order", size.orders, ["book", "orders", "stock_held", *past])
        if not _count(self.owner, "inventory_stock", self.shop.tenant_id):
            self._one("shelves", size.orders, size.orders)
        self._rebuild()
        self.say("statistics")
        self.owner.execute("VACUUM ANALYZE " + ", ".join(TABLES))
        self.say(f"done in {time.monotonic() - self.began:.0f} s")

    def _open_session(self) -> None:
        for setting, value in (
            ("work_mem", "128MB"),
            ("maintenance_work_mem", "512MB"),
            ("synchronous_commit", "off"),
        ):
            self.owner.execute("SELECT set_config(%s, %s, false)", (setting, value))
        self.owner.execute(
            "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('transaction_timeout', 'statement_timeout')"
        )
        self.owner.execute("SELECT set_config('callcart.tenant', %s, false)", (str(self.shop.tenant_id),))
        self.owner.execute(sql(PACKAGE, "session").encode())
        places = [(number, *place) for number, place in enumerate(words.PLACES)]
        staff = [(number, *who) for number, who in enumerate(self.shop.staff)]
        for table, rows in (
            ("word_name", words.names()), ("word_goods", words.goods()), ("word_place", places), ("word_staff", staff),
        ):  # fmt: skip
            with self.owner.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
            self.owner.execute(f"ANALYZE {table}".encode())

    def _drop(self) -> None:
        for table, name, _definition in self.plan.keys:
            self.owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"'.encode())
        for name, _definition in self.plan.indexes:
            self.owner.execute(f"DROP INDEX IF EXISTS {name}".encode())

    def _rebuild(self) -> None:
        for name, definition in self.plan.indexes:
            self.say(f"index {name}")
            self.owner.execute(definition.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1).encode())
        have = {(table, name) for table, name, _definition in self.owner.execute(_KEYS, (list(TABLES),) * 2)}
        for table, name, definition in self.plan.keys:
            if (table, name) not in have:
                self.owner.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'.encode())

    def _portions(self, what: str, table: str, most: int, statements: list[str]) -> None:
        """From the highest id there is on to the last."""
        for first, last in _steps(_count(self.owner, table, self.shop.tenant_id), most):
            with self.owner.transaction():
                for statement in statements:
                    self._one(statement, first, last)
            self.say(f"{what}: {last:,} of {most:,}, {time.monotonic() - self.began:.0f} s")

    def _one(self, statement: str, first: int, last: int) -> None:
        size = self.plan.size
        values = {
            "t": self.shop.tenant_id, "first": first, "last": last, "until": self.plan.until, "orders": size.orders,
            "customers": size.customers, "skus": size.skus, "per_day": size.per_day, "warehouses": list(self.shop.warehouses),
            "most": max(size.orders, size.customers),
        }  # fmt: skip
        self.owner.execute(sql(PACKAGE, statement).encode(), values)


def _steps(have: int, most: int) -> Iterator[tuple[int, int]]:
    for first in range(have + 1, most + 1, PORTION):
        yield first, min(first + PORTION - 1, most)


def _count(owner: psycopg.Connection[Any], table: str, tenant_id: int) -> int:
    """The number in the highest of a table's ids that were made here."""
    bounds = [
        UUID(int=(tenant_id << 96) | (0x7000 << 64) | (0x8000 << 48) | last) for last in (0, (1 << 48) - 1)
    ]
    highest = f"SELECT max(id::text) FROM {table} WHERE id BETWEEN %s AND %s"  # noqa: S608  a name of ours
    found = owner.execute(highest.encode(), bounds).fetchone()
    return int(found[0][-12:], 16) if found and found[0] else 0
