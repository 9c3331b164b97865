"""Commands for a person at the keyboard say what to do where the database is away or empty; no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from callcart.cli import main
from callcart.core.database import raw
from callcart.processes.unready import advice
from tests.environment import free_ports
from tests.processes.ownserver import ROOT, environment

AWAY = ("start Callcart with `callcart up`", "not running")


def command(home: Path, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callcart.cli", *words],
        cwd=ROOT,
        env=environment(home, free_ports(1)[0], **extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("words", [("demo", "call"), ("demo", "seed")])
def test_without_a_database_it_is_said_how_to_start_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = command(tmp_path, *words)
    assert answer.returncode == 2
    assert all(part in answer.stderr for part in AWAY)
    assert "Traceback" not in answer.stderr + answer.stdout


@pytest.mark.parametrize("words", [("tenant", "list"), ("integrity",)])
def test_a_given_server_that_is_away_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    url = f"postgresql://owner:secret-word@127.0.0.1:{free_ports(1)[0]}/callcart"
    answer = command(tmp_path, *words, CALLCART_DATABASE_URL=url)
    assert answer.returncode == 2
    assert "CALLCART_DATABASE_URL" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "secret-word" not in answer.stderr


def test_no_telephones_no_demo_call(tmp_path: Path) -> None:
    answer = command(tmp_path, "demo", "call", CALLCART_TELEPHONY="none")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "CALLCART_TELEPHONY=none" in answer.stderr


@pytest.mark.parametrize("words", [("tenant", "list"), ("integrity",), ("demo", "seed"), ("demo", "call")])
def test_before_setup_it_is_said_to_set_up(
    template: str,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On a database as it is before the tables are made: the one every cluster has."""
    empty = "postgres"
    _disconnect()
    for alias in ("default", "owner", "system"):
        monkeypatch.setitem(connections[alias].settings_dict, "NAME", empty)
    try:
        with pytest.raises(SystemExit, match="2"):
            main(words)
    finally:
        _disconnect()
    assert "run `callcart setup`" in capsys.readouterr().err


def _disconnect() -> None:
    connections.close_all()
    raw.close()


def test_what_is_something_else_stays_itself() -> None:
    assert advice(ValueError("x")) is None
    assert advice(psycopg.errors.UniqueViolation("x")) is None
    assert advice(psycopg.errors.QueryCanceled("x")) is None
