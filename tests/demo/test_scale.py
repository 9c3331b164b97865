"""The shop of any size: stopped in the middle it goes on, and nothing in it disagrees with anything else."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from callcart.config import config
from callcart.core import ids, integrity
from callcart.core.database import parameters
from callcart.core.tenancy import tenant_transaction
from callcart.demo.scale import Size, make
from callcart.demo.scale.filling import OtherSize

SIZE = Size(orders=240, customers=80, skus=40, per_day=30)
KEPT = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL
SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("callcart.demo.scale.filling.PORTION", 100)
    yield
    (config().home / "scale-volume.json").unlink(missing_ok=True)


def test_a_run_that_was_stopped_goes_on_and_everything_agrees(fresh_db: str) -> None:
    before = _kept()

    def stop(line: str) -> None:
        if line.startswith("orders: 100 "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(SIZE, say=stop)
    assert _kept() != before

    made = make(SIZE)

    assert _kept() == before
    assert list(integrity.find_all()) == []
    assert _value("SELECT count(*) FROM orders_order WHERE tenant_id = %s", made.tenant_id) == 240
    assert _value("SELECT count(*) FROM customers_customer WHERE tenant_id = %s", made.tenant_id) == 80
    assert _value("SELECT count(*) FROM catalog_variant WHERE tenant_id = %s", made.tenant_id) == 40
    assert not (config().home / "scale-volume.json").exists()
    assert make(SIZE) == made  # what is there is left as it is, and does not grow
    with pytest.raises(OtherSize):
        make(Size(orders=300))
    with tenant_transaction(made.tenant_id):
        number = ids.next_number("order")
    assert ids.is_valid_number(number)
    assert int(number) > _value(
        "SELECT max(number::int) FROM orders_order WHERE tenant_id = %s", made.tenant_id
    )


def _kept() -> set[tuple[str, str]]:
    with psycopg.connect(**parameters("owner")) as owner:
        return {(name, text) for name, text in owner.execute(KEPT)}


def _value(statement: str, tenant_id: int) -> int:
    with psycopg.connect(**parameters("system")) as system:
        row = system.execute(statement.encode(), (tenant_id,)).fetchone()
    assert row is not None
    return int(row[0])
