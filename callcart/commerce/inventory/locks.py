"""The one place where stock rows are locked: always in ascending id, so that two orders can wait for one another but
never in a circle. `retrying` repeats a verb whose transaction the database still had to break off.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from django.db import OperationalError, transaction

from callcart.commerce.inventory.split import Shelf
from callcart.core.database import raw, sql
from callcart.core.errors import Unavailable

TRIES = 6
_REPEATABLE = {"40P01", "40001", "55P03"}  # deadlock detected, serialization failure, lock not available
Result = TypeVar("Result")


class Busy(Unavailable):
    """Too many people are ordering this at once. Nothing was lost; try again in a moment."""

    code = "stock.busy"


def lock_stock(variant_ids: Iterable[UUID]) -> list[Shelf]:
    """Lock every stock row of some SKUs in active warehouses and read it under the lock. `available` is on hand less
    allocated."""
    statement = sql("callcart.commerce.inventory", "lock_stock")
    return [
        Shelf(
            stock_id=row[0],
            variant_id=row[1],
            warehouse_id=row[2],
            available=row[3],
            backorderable=row[4],
            regions=row[5],
            priority=row[6],
            code=row[7],
            name=row[8],
            name_zh=row[9],
            safety=row[10],
            strategy=row[11],
        )
        for row in raw.all(statement, (sorted(set(variant_ids)),))
    ]


def retrying(work: Callable[[], Result]) -> Result:
    """Run a verb in a transaction (a savepoint inside one), again where the database broke off one of two that waited for
    each other. Raises Busy when it does not end."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _REPEATABLE:
                raise
            if attempt == TRIES:
                raise Busy from error
        time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311
    raise Busy
