"""Jobs are written with the change that wants them, run after its commit as its tenant, and survive their worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from callcart.core import jobs
from callcart.core.database import raw
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.tenants.models import Tenant


@jobs.job(queue="test", retry=2)
def note_job(*, word: str) -> None:
    Customer.objects.create(number=word, name=str(current_tenant()))
    if word == "breaks":
        raise RuntimeError(word)


@jobs.job(queue="test", retry=0)
def sleep_job(*, path: str) -> None:
    with open(path, "a", encoding="utf-8") as out:
        out.write("begun\n")
    time.sleep(0 if os.environ.get("CALLCART_TEST_QUICK") else 600)


@pytest.fixture
def tenants(fresh_db: str) -> list[int]:
    return list(Tenant.objects.order_by("id").values_list("id", flat=True))


def states() -> list[tuple[Any, ...]]:
    return [
        tuple(row)
        for row in raw.all(
            "SELECT status::text, attempts FROM procrastinate_jobs WHERE queue_name = 'test' ORDER BY id"
        )
    ]


def made(tenant_id: int) -> list[tuple[str, str]]:
    with tenant_transaction(tenant_id):
        return list(Customer.objects.values_list("number", "name"))


@pytest.fixture(scope="module", autouse=True)
def hand() -> Iterator[subprocess.Popen[str]]:
    """A process that does what it is told on the database it is told of, for what no worker has to die of."""
    code = (
        "import json, sys, django; django.setup(); from django.db import connections;"
        "import tests.core.test_jobs; from callcart.core.jobs import *\n"
        "for line in sys.stdin:\n"
        "    database, asked = json.loads(line)\n"
        "    connections.close_all()\n"
        "    connections['default'].settings_dict['NAME'] = database\n"
        "    exec(asked)\n"
        "    print('done', flush=True)\n"
    )
    global _hand
    _hand = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with _hand:
        yield _hand


_hand: subprocess.Popen[str]


def _do(asked: str) -> None:
    assert _hand.stdin is not None and _hand.stdout is not None
    _hand.stdin.write(json.dumps([connections["default"].settings_dict["NAME"], asked]) + "\n")
    _hand.stdin.flush()
    assert _hand.stdout.readline() == "done\n"


def work_through() -> None:
    _do("run_worker(wait=False)")


def retry_stalled() -> None:
    """What a worker does once a minute."""
    assert _worker("import asyncio; asyncio.run(retry_stalled(None, timestamp=0))").wait(60) == 0


def test_a_job_runs_as_its_tenant_and_is_gone_then(tenants: list[int]) -> None:
    for tenant_id in tenants:
        with tenant_transaction(tenant_id):
            jobs.defer(note_job, word=f"for-{tenant_id}")
    work_through()
    assert states() == []
    for tenant_id in tenants:
        assert made(tenant_id) == [(f"for-{tenant_id}", str(tenant_id))]


def test_a_rolled_back_change_leaves_no_job(tenants: list[int]) -> None:
    with pytest.raises(ValueError), tenant_transaction(tenants[0]):
        jobs.defer(note_job, word="never")
        raise ValueError
    work_through()
    assert states() == []
    assert made(tenants[0]) == []


def test_a_failed_job_leaves_nothing_half_done_and_waits_longer_each_time(tenants: list[int]) -> None:
    with tenant_transaction(tenants[0]):
        jobs.defer(note_job, word="breaks")
    for attempt in (1, 2):
        work_through()
        assert states() == [("todo", attempt)]
        wait = raw.value(
            "SELECT extract(epoch FROM max(j.scheduled_at) - max(e.at))::float FROM procrastinate_jobs j"
            " JOIN procrastinate_events e ON e.job_id = j.id WHERE j.queue_name = 'test' AND e.type = 'deferred_for_retry'"
        )
        assert 2**attempt - 1 < wait <= 2**attempt
        raw.one("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE queue_name = 'test' RETURNING id")
    work_through()
    assert states() == [("failed", 3)]
    assert made(tenants[0]) == []


def test_a_job_of_later_does_not_run_now(tenants: list[int]) -> None:
    with tenant_transaction(tenants[0]):
        jobs.defer_in(3600, note_job, word="later")
    work_through()
    assert (made(tenants[0]), states()) == ([], [("todo", 0)])


@pytest.mark.kill
def test_a_dead_workers_job_is_done_by_another(tenants: list[int], tmp_path: Any) -> None:
    path = tmp_path / "begun"
    with tenant_transaction(tenants[0]):
        jobs.defer(sleep_job, path=str(path))
    worker = _worker()
    _wait_for(path, "begun\n")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert [status for status, _ in states()] == ["doing"]
    raw.one("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' RETURNING id")
    retry_stalled()
    assert [status for status, _ in states()] == ["todo"]
    finisher = _worker(CALLCART_TEST_QUICK="1")
    _wait_for(path, "begun\nbegun\n")
    finisher.terminate()
    assert finisher.wait(30) == 0
    assert states() == []


def test_a_living_workers_job_is_left_alone(tenants: list[int], tmp_path: Any) -> None:
    path = tmp_path / "begun"
    with tenant_transaction(tenants[0]):
        jobs.defer(sleep_job, path=str(path))
    worker = _worker()
    try:
        _wait_for(path, "begun\n")
        retry_stalled()
        assert [status for status, _ in states()] == ["doing"]
    finally:
        worker.kill()
        worker.wait()


def test_writing_a_job_notifies_nobody(tenants: list[int]) -> None:
    found = raw.value(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'procrastinate_jobs'::regclass AND NOT tgisinternal"
        " AND tgname LIKE '%%notify%%'"
    )
    assert found == 0


def test_a_worker_knows_what_core_does_of_its_own() -> None:
    code = (
        "import django; django.setup(); from procrastinate.contrib.django import app;"
        "print(*(each.task.name for each in app.periodic_registry.periodic_tasks.values()))"
    )
    known = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert {
        "callcart.core.forget.forget_events",
        "callcart.core.forget.forget_keys",
        "callcart.core.integrity.nightly",
        "callcart.core.jobs.retry_stalled",
    } <= set(known.split())


def _worker(run: str = "run_worker(concurrency=1)", **extra: str) -> subprocess.Popen[bytes]:
    """A process of its own on the test's database: its threads' connections end with it."""
    name = connections["default"].settings_dict["NAME"]
    code = (
        "import django; django.setup(); from django.db import connections;"
        f"connections['default'].settings_dict['NAME'] = {name!r};"
        f"import tests.core.test_jobs; from callcart.core.jobs import *; {run}"
    )
    return subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **extra})


def _wait_for(path: Any, text: str) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text() == text):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
