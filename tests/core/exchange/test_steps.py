"""The work of an import: a worker may die anywhere, two may be at it, others of the kind wait, and all or nothing means it."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from callcart.core.actor import Actor
from callcart.core.exchange import declare, rows, steps
from callcart.core.exchange import public as exchange
from callcart.core.exchange.declare import Did, Outcome, refused
from callcart.core.exchange.models import Import, ImportDone, ImportRow
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.tenants.models import Tenant
from tests.core.exchange.importing import begin, check, counts, work


def people(count: int, *, wrong: int = 0) -> str:
    lines = [f"C-{n},Person {n}" for n in range(count)]
    if wrong:
        lines[wrong] = f"C-{wrong},"
    return "customer number,name\n" + "\n".join(lines) + "\n"


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    its = dataclasses.replace(declare.importer("customers"), batch=10)
    monkeypatch.setitem(declare._known, "customers", its)


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


@pytest.fixture
def live(fresh_db: str) -> Iterator[Actor]:
    yield Actor.system(Tenant.objects.get(slug="harbor").id, "test")


def started(actor: Actor, count: int, *, mode: str = "good") -> Import:
    with tenant_transaction(actor.tenant_id):
        found = check(actor, begin(actor, "customers", a__csv=people(count)))
        return exchange.start(actor, found.id, mode=mode)


def test_a_step_that_breaks_is_not_half_done_and_the_next_goes_on_there(
    boss: Actor, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = started(boss, 35)
    kept = rows.note_done
    calls: list[int] = []

    def breaks_once(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the plug was pulled")
        kept(*arguments)

    monkeypatch.setattr(rows, "note_done", breaks_once)
    with pytest.raises(RuntimeError):
        work(found)
    found.refresh_from_db()
    assert (found.state, found.made, Customer.objects.count()) == ("running", 20, 20)
    assert work(found).made == 35
    assert (found.state, Customer.objects.count(), ImportDone.objects.count()) == ("done", 35, 35)


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_does_nothing_twice(
    live: Actor, fresh_db: str
) -> None:
    """A process of its own imports and is killed after some batches; another one goes on."""
    found = started(live, 600)
    script = (
        "import sys, os; from tests.conftest import ALIASES; from django.db import connections\n"
        "for alias in ALIASES: connections[alias].settings_dict['NAME'] = sys.argv[1]\n"
        "import dataclasses; from callcart.core.exchange import declare, steps\n"
        "declare._known['customers'] = dataclasses.replace(declare.importer('customers'), batch=20)\n"
        "from callcart.core.tenancy import tenant_session\n"
        "with tenant_session(int(sys.argv[2])):\n"
        "    while True:\n"
        "        steps.advance(__import__('uuid').UUID(sys.argv[3])); print('step', flush=True)\n"
    )
    bootstrap = "import django; django.setup(); import tests.environment; tests.environment.prepare = lambda: __import__('pathlib').Path('/nonexistent')\n"
    process = subprocess.Popen(
        [sys.executable, "-c", bootstrap + script, fresh_db, str(live.tenant_id), str(found.id)],
        stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[3], env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    assert process.stdout is not None
    for _each in range(6):
        assert process.stdout.readline() == b"step\n"
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    with tenant_transaction(live.tenant_id):
        half = Customer.objects.count()
    assert 60 <= half < 600 and half % 20 == 0
    with tenant_transaction(live.tenant_id):
        pass
    while steps_of(live, found) is steps.Said.MORE:
        pass
    with tenant_transaction(live.tenant_id):
        found.refresh_from_db()
        assert (found.state, found.made, Customer.objects.count(), ImportDone.objects.count()) == (
            "done",
            600,
            600,
            600,
        )


def steps_of(actor: Actor, found: Import) -> steps.Said:
    from callcart.core.tenancy import tenant_session

    with tenant_session(actor.tenant_id):
        return steps.advance(found.id)


def test_two_workers_at_one_import_take_turns_and_a_second_import_of_the_kind_waits(
    live: Actor, small_batches: None
) -> None:
    first, second = started(live, 120), started(live, 130)
    said: list[steps.Said] = []

    def run() -> None:
        try:
            while (answer := steps_of(live, first)) is steps.Said.MORE:
                pass
            said.append(answer)
        finally:
            connections.close_all()

    assert steps_of(live, first) is steps.Said.MORE
    assert steps_of(live, second) is steps.Said.WAIT
    threads = [threading.Thread(target=run) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said == [steps.Said.OVER] * 3
    with tenant_transaction(live.tenant_id):
        assert (Customer.objects.count(), ImportDone.objects.filter(its_import=first).count()) == (120, 120)
    while steps_of(live, second) is steps.Said.MORE:
        pass
    with tenant_transaction(live.tenant_id):
        second.refresh_from_db()
        assert counts(second) == (10, 0, 120, 0)


@pytest.mark.parametrize("count", [40, 120])
def test_all_or_nothing_leaves_nothing_whether_in_one_transaction_or_in_many(
    boss: Actor, small_batches: None, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """A row is refused that was right when it was tried: above five batches what was done is undone."""
    found = check(boss, begin(boss, "customers", a__csv=people(count)))
    exchange.start(boss, found.id, mode="all")
    its = declare.importer("customers")

    def grudging(actor: Actor, units: Sequence[Any], place: Any, trial: bool) -> list[Outcome]:
        outcomes = list(its.apply(actor, [u for u in units if u.values["number"] != "C-35"], place, trial))
        for n, unit in enumerate(units):
            if unit.values["number"] == "C-35":
                outcomes.insert(n, refused("Somebody was faster.", "name"))
        return outcomes

    monkeypatch.setitem(declare._known, "customers", dataclasses.replace(its, apply=grudging))
    work(found)
    assert (found.state, Customer.objects.count(), ImportDone.objects.count()) == ("failed", 0, 0)
    assert "Nothing was imported." in found.problem and counts(found) == (0, 0, 0, 1)
    assert ImportRow.objects.get(problems__isnull=False).problems == [["name", "Somebody was faster."]]


def test_one_bad_unit_of_a_batch_is_found_and_the_others_are_taken(
    boss: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check(boss, begin(boss, "customers", a__csv=people(30)))
    exchange.start(boss, found.id, mode="good")
    its = declare.importer("customers")

    def breaking(actor: Actor, units: Sequence[Any], place: Any, trial: bool) -> Sequence[Outcome]:
        if any(unit.values["number"] == "C-7" for unit in units):
            Customer.objects.create(number="C-8")  # what the batch wrote before it broke must be gone
            raise exchange.OneAtATime
        return its.apply(actor, units, place, trial)

    monkeypatch.setitem(declare._known, "customers", dataclasses.replace(its, apply=breaking))
    assert counts(work(found)) == (29, 0, 0, 1)
    assert Customer.objects.count() == 29


def test_an_import_that_breaks_again_and_again_is_given_up_and_can_go_on(
    boss: Actor, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = started(boss, 35)
    assert steps.advance(found.id) is steps.Said.MORE and steps.advance(found.id) is steps.Said.MORE
    for _each in range(steps.MOST_FAILURES + 1):
        steps.note_failure(found.id)
    found.refresh_from_db()
    assert (found.state, found.made) == ("failed", 10) and "go on where it stopped" in found.problem
    exchange.go_on(boss, found.id)
    assert (work(found).state, found.made, Customer.objects.count()) == ("done", 35, 35)


def test_what_is_cancelled_writes_nothing(boss: Actor) -> None:
    found = check(boss, begin(boss, "customers", a__csv=people(5)))
    exchange.cancel(boss, found.id)
    assert steps.advance(found.id) is steps.Said.OVER
    with pytest.raises(exchange.WrongStep):
        exchange.start(boss, found.id, mode="good")
    assert Customer.objects.count() == 0


def test_a_file_that_turns_unreadable_half_way_fails_the_import_with_its_reason(boss: Actor) -> None:
    found = begin(boss, "customers", a__csv=people(3000) + 'x,"' + "y" * 1_100_000 + "\n")
    check(boss, found)
    assert found.state == "failed" and "Line 3002" in found.problem
    assert Customer.objects.count() == 0


def test_checking_again_starts_from_nothing(boss: Actor) -> None:
    found = check(boss, begin(boss, "customers", a__csv=people(12)))
    assert (found.units, ImportRow.objects.count()) == (12, 12)
    again = check(boss, found)
    assert (again.units, ImportRow.objects.count(), counts(again)) == (12, 12, (12, 0, 0, 0))
    assert Did.MADE in again.preview


def test_a_fresh_process_knows_every_kind() -> None:
    # In this one other tests may have read the modules that declare them, and so would hide one that nobody reads at the start.
    asked = (
        "import django; django.setup()\n"
        "from callcart.core.exchange.public import importers\n"
        "print(*sorted(each.kind for each in importers()))"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["customers", "orders", "parcels", "payments", "products", "stock"]
