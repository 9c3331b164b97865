"""Holding stock under contention: two hundred buyers, each with an order of three of twenty SKUs, over real connections of several
processes. Against the floor: the same buyers in the same processes taking units off the same rows by bare UPDATEs in one transaction
each, in the same order of rows, nothing else written. Afterwards every unit is counted: none is promised twice, none forgotten.
"""

from __future__ import annotations

import multiprocessing
import random
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from bench import Figure, say
from bench._installation import own_installation

BUYERS = 200
SKUS = 20
LINES = 3
PROCESSES = 4
THREADS = 5  # connections in all: twenty
ROUNDS = 5
PLENTY = 1_000_000
SCARCE = 9  # units of each SKU in the last round: 180 for 600 wanted
LINE = 0.15

Seconds = float


class Oversold(AssertionError):
    """What was promised is not what the shelves say."""


def run() -> list[Figure]:
    """Orders that hold their stock a second, and bare UPDATEs'."""
    with own_installation():
        tenant_id, goods = _shop()
        context = multiprocessing.get_context("spawn")
        with context.Pool(PROCESSES, _open, (tenant_id, [str(each) for each in goods])) as pool:
            pool.map(_warm, range(PROCESSES * 4), chunksize=1)
            ours, floor = [], []
            for turn in range(ROUNDS + 1):  # the first warms up
                ours.append(_timed(pool, _reserve, turn)[0])
                floor.append(_timed(pool, _bare, turn)[0])
            _check(tenant_id, wanted=(ROUNDS + 1) * BUYERS * LINES)
            _make_scarce(tenant_id)
            _seconds, told = _timed(pool, _reserve, ROUNDS + 1)
            _check_scarce(tenant_id, told)
        mine, theirs = statistics.median(ours[1:]), statistics.median(floor[1:])
        return [
            Figure("reserve under contention, 200 buyers, 20 SKUs", BUYERS / mine, "/s", BUYERS / theirs, "bare UPDATEs", least_ratio=LINE),
        ]  # fmt: skip


def _timed(pool: Any, act: Callable[[tuple[int, int]], int], turn: int) -> tuple[Seconds, int]:
    """Seconds that all buyers take, and how many got what they wanted. Each process takes its share with its threads."""
    began = time.perf_counter()
    done = pool.map(act, [(turn, process) for process in range(PROCESSES)], chunksize=1)
    return time.perf_counter() - began, sum(done)


def _shop() -> tuple[int, list[UUID]]:
    from callcart.commerce.catalog.public import ProductDraft, VariantDraft, add_variant, create_product
    from callcart.commerce.inventory.public import WarehouseDraft, create_warehouse, receive
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from tests.shops import make_harbor

    tenant = make_harbor()
    boss = Actor.system(tenant.id)
    with tenant_transaction(tenant.id):
        west = create_warehouse(boss, WarehouseDraft(code="west", name="West"))
        product = create_product(boss, ProductDraft(name="Thing"))
    goods = []
    for number in range(SKUS):
        with tenant_transaction(tenant.id):
            goods.append(add_variant(boss, product.id, VariantDraft(sku=f"T{number}", price_minor=100)).id)
            receive(boss, variant_id=goods[-1], warehouse_id=west.id, quantity=PLENTY)
    return tenant.id, goods


# In the processes of the pool.
_tenant_id = 0
_goods: list[UUID] = []


def _open(tenant_id: int, goods: list[str]) -> None:
    global _tenant_id, _goods
    import django

    django.setup()
    _tenant_id, _goods = tenant_id, [UUID(each) for each in goods]


def _warm(_turn: int) -> None:
    time.sleep(0.05)


def _share(turn: int, process: int, buy: Callable[[random.Random], bool]) -> int:
    """This process's buyers, over its threads; how many got what they wanted."""
    from concurrent.futures import ThreadPoolExecutor

    def thread(place: int) -> int:
        from django.db import connections

        got = 0
        for buyer in range(process * THREADS + place, BUYERS, PROCESSES * THREADS):
            got += buy(random.Random(turn * BUYERS + buyer))
        connections.close_all()
        return got

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(thread, range(THREADS)))


def _reserve(task: tuple[int, int]) -> int:
    from callcart.commerce.inventory.public import Demand, InsufficientStock, reserve, retrying
    from callcart.core import ids
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction

    boss = Actor.system(_tenant_id)

    def buy(dice: random.Random) -> bool:
        lines = [Demand(ids.new_id(), each, 1) for each in dice.sample(_goods, LINES)]
        try:
            with tenant_transaction(_tenant_id):
                retrying(lambda: reserve(boss, ids.new_id(), lines, region="Oregon"))
        except InsufficientStock:
            return False
        return True

    return _share(*task, buy)


def _bare(task: tuple[int, int]) -> int:
    import threading

    import psycopg

    from callcart.core.database import parameters

    mine = threading.local()
    statement = (
        "UPDATE inventory_stock SET safety = safety + 1 WHERE id IN (SELECT id FROM inventory_stock WHERE variant_id = ANY(%s)"
        " ORDER BY id FOR NO KEY UPDATE)"
    )
    opened = []

    def buy(dice: random.Random) -> bool:
        if not hasattr(mine, "connection"):
            mine.connection = psycopg.connect(**parameters())
            opened.append(mine.connection)
        with mine.connection.transaction():
            mine.connection.execute("SELECT set_config('callcart.tenant', %s, true)", (str(_tenant_id),))
            mine.connection.execute(statement, (dice.sample(_goods, LINES),))
        return True

    try:
        return _share(*task, buy)
    finally:
        for connection in opened:
            connection.close()


def _check(tenant_id: int, *, wanted: int) -> None:
    """Every unit wanted is promised, once; the counts, the movements and the reservations say the same."""
    allocated, held = _counts(tenant_id)
    if not allocated == held == wanted:
        raise Oversold(f"{wanted} units wanted, {allocated} allocated, {held} held")
    _recount()


def _make_scarce(tenant_id: int) -> None:
    """A few units of each left, by the verb that counts shelves anew."""
    from callcart.commerce.inventory.models import Stock
    from callcart.commerce.inventory.public import adjust
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction

    with tenant_transaction(tenant_id):
        for row in Stock.objects.order_by("id"):
            adjust(
                Actor.system(tenant_id), variant_id=row.variant_id, warehouse_id=row.warehouse_id,
                change=row.allocated + SCARCE - row.on_hand, reason="bench",
            )  # fmt: skip


def _check_scarce(tenant_id: int, served: int) -> None:
    """Those who were served hold exactly theirs; no shelf gave more than it had."""
    allocated, held = _counts(tenant_id)
    more = allocated - (ROUNDS + 1) * BUYERS * LINES
    if not (allocated == held and more == served * LINES and 0 < more <= SKUS * SCARCE):
        raise Oversold(f"{served} served, {more} units more allocated, {held} held in all")
    _recount()
    say(
        f"of {BUYERS} buyers of {SKUS * SCARCE} units {served} were served, the others were told; nothing oversold"
    )


def _counts(tenant_id: int) -> tuple[int, int]:
    from django.db.models import Sum

    from callcart.commerce.inventory.models import Reservation, Stock
    from callcart.core.tenancy import tenant_transaction

    with tenant_transaction(tenant_id):
        allocated = Stock.objects.aggregate(sum=Sum("allocated"))["sum"]
        held = Reservation.objects.filter(state="held").aggregate(sum=Sum("quantity"))["sum"]
    return int(allocated or 0), int(held or 0)


def _recount() -> None:
    from callcart.core import integrity

    if off := list(integrity.find_all()):
        raise Oversold(str(off[:3]))
