"""Whoever leads goes on after the database was away, by whichever library it was told so."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import OperationalError

from callcart.core import leader

KEY = 990_001


@pytest.mark.parametrize("trouble", [psycopg.OperationalError("away"), OperationalError("away")])
def test_work_that_loses_the_database_is_taken_up_again(
    template: str, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(leader, "PAUSE_SECONDS", 0.01)
    stop, rounds = threading.Event(), []

    def work(connection: leader.Connection) -> None:
        rounds.append(connection.execute("SELECT 1").fetchone())
        if len(rounds) == 1:
            raise trouble
        stop.set()

    leader.lead("test", KEY, 0.01, work, stop)
    assert rounds == [(1,), (1,)]


def test_one_leads_and_the_other_follows_when_it_ends(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "PAUSE_SECONDS", 0.01)
    stops = {name: threading.Event() for name in ("first", "second")}
    led: list[str] = []
    leads = {name: threading.Event() for name in stops}

    def begin(name: str) -> threading.Thread:
        def work(_connection: leader.Connection) -> None:
            led.append(name)
            leads[name].set()

        thread = threading.Thread(target=leader.lead, args=(name, KEY, 0.01, work, stops[name]), daemon=True)
        thread.start()
        return thread

    first = begin("first")
    assert leads["first"].wait(10)
    second = begin("second")
    assert not leads["second"].wait(0.3)
    stops["first"].set()
    first.join(10)
    assert leads["second"].wait(10)
    stops["second"].set()
    second.join(10)
    assert led == sorted(led), "never both"
