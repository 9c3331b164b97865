"""Numbers under real concurrency: many clerks issue, credit and fail at once, and the series have neither gap nor double. A worker
that dies in the middle of a batch issues nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callcart.commerce.invoicing import batch as batches
from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.invoicing.models import Batch, Document, Series
from callcart.commerce.orders import public as orders
from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction
from tests.commerce.conftest import live_shop
from tests.commerce.invoicing.conftest import DRAFT
from tests.commerce.shop import Shop, at_once

__all__ = ["live_shop"]


class Broken(Exception):
    """A transaction that fails after its number was taken."""


@pytest.fixture
def ready(live_shop: Shop) -> tuple[Shop, list[UUID]]:
    """A shop with twelve confirmed orders."""
    with tenant_transaction(live_shop.tenant_id):
        invoicing.save_seller(live_shop.boss, DRAFT, version=0)
        live_shop.goods("A", price=1000, west=99)
        placed = [live_shop.place(("A", 2)) for _ in range(12)]
        for order in placed:
            orders.confirm_order(live_shop.boss, order.id, version=1)
    return live_shop, [order.id for order in placed]


def numbers(shop: Shop) -> dict[str, list[int]]:
    """Positions by series, in order."""
    with tenant_transaction(shop.tenant_id):
        assert find_in("invoicing") == []
        return {
            series.code.split("-")[0]: sorted(series.documents.values_list("position", flat=True))
            for series in Series.objects.order_by("code")
        }


def issuing(shop: Shop, order_id: UUID, *, breaks: bool = False) -> Callable[[], Any]:
    def work() -> Document:
        made = invoicing.issue_invoice(shop.boss, order_id, idempotency_key=f"k-{new_id()}")
        if breaks:
            raise Broken
        return made

    return work


def test_no_gap_and_no_double(ready: tuple[Shop, list[UUID]]) -> None:
    """Each order by two clerks, and by a third whose transaction breaks."""
    shop, placed = ready
    work = [issuing(shop, order_id, breaks=breaks) for order_id in placed for breaks in (False, True, False)]
    done = at_once(shop.tenant_id, work, workers=12)
    made = [each for each in done if isinstance(each, Document)]
    refused = [each for each in done if isinstance(each, invoicing.AlreadyInvoiced)]
    broken = [each for each in done if isinstance(each, Broken)]
    assert len(made) + len(refused) + len(broken) == 36
    assert len({each.order_id for each in made}) == len(made) == 12
    assert numbers(shop) == {"INV": list(range(1, 13))}


def test_crediting_and_correcting_at_once_never_passes_the_invoice(ready: tuple[Shop, list[UUID]]) -> None:
    shop, placed = ready
    with tenant_transaction(shop.tenant_id):
        invoices = [issuing(shop, order_id)() for order_id in placed[:3]]

    def credit(invoice: Document) -> Callable[[], Any]:
        return lambda: invoicing.credit_invoice(
            shop.boss, invoice.id, reason="r", idempotency_key=f"c-{new_id()}", amount=Money(900, "USD")
        )

    def correct(invoice: Document) -> Callable[[], Any]:
        return lambda: invoicing.correct_invoice(
            shop.boss, invoice.id, reason="r", idempotency_key=f"c-{new_id()}"
        )

    work = [make(invoice) for invoice in invoices for make in (credit, credit, correct, credit)]
    work += [issuing(shop, order_id) for order_id in placed[3:7]]
    done = at_once(shop.tenant_id, work, workers=8)
    fine = (Document, invoicing.NothingLeft, invoicing.TooMuchCredit)
    assert [each for each in done if not isinstance(each, fine)] == []
    found = numbers(shop)
    assert found["INV"] == list(range(1, len(found["INV"]) + 1))
    assert found["CN"] == list(range(1, len(found["CN"]) + 1))
    with tenant_transaction(shop.tenant_id):
        assert all(
            each.credited_minor <= each.total_minor for each in Document.objects.filter(kind="invoice")
        )


def test_a_worker_that_dies_in_a_batch_doubles_nothing(
    ready: tuple[Shop, list[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, placed = ready
    deferred: list[dict[str, Any]] = []
    monkeypatch.setattr(jobs, "defer", lambda function, **arguments: deferred.append(arguments))
    with tenant_transaction(shop.tenant_id):
        issuing(shop, placed[2])()
        batch = invoicing.start_batch(
            shop.boss, since=now() - timedelta(days=1), until=now() + timedelta(days=1), only="hand"
        )
        assert batch.expected == 11

    real, times = batches._issue, [0]

    def dies(*arguments: Any) -> None:
        real(*arguments)
        times[0] += 1
        if times[0] % 4 == 0:
            raise Broken  # after the number was taken, before the commit

    monkeypatch.setattr(batches, "_issue", dies)
    deaths = 0
    for _ in range(9):
        try:
            with tenant_session(shop.tenant_id):
                batches.issue_batch(batch_id=str(batch.id))
        except Broken:
            deaths += 1
        else:
            break
    assert deaths == 3
    with tenant_transaction(shop.tenant_id):
        ended = Batch.objects.get(id=batch.id)
        assert (ended.state, ended.issued, ended.refused) == ("done", 11, 0)
        assert Document.objects.count() == Document.objects.values("order_id").distinct().count() == 12
    assert numbers(shop) == {"INV": list(range(1, 13))}


def test_two_workers_at_one_batch_take_turns(ready: tuple[Shop, list[UUID]]) -> None:
    shop, _placed = ready
    with tenant_transaction(shop.tenant_id):
        batch = invoicing.start_batch(
            shop.boss, since=now() - timedelta(days=1), until=now() + timedelta(days=1), only="hand"
        )

    def step() -> bool:
        return batches.next_of(batch.id)

    at_once(shop.tenant_id, [step] * 14, workers=4)
    with tenant_transaction(shop.tenant_id):
        ended = Batch.objects.get(id=batch.id)
        assert (ended.state, ended.issued, ended.refused) == ("done", 12, 0)
    assert numbers(shop) == {"INV": list(range(1, 13))}
