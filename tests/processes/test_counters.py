"""Each process shows what it counts: worker and voice on a port of loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from callcart.config import config
from callcart.processes.counters import WORKER, show_counters
from tests.environment import free_ports
from tests.processes.ownserver import ROOT

PROXYLESS = build_opener(ProxyHandler({}))


@pytest.fixture
def worker_port(template: str) -> Iterator[int]:
    """The port of a worker that works on the suite's database."""
    port = free_ports(1)[0]
    worker = subprocess.Popen(
        [sys.executable, "-m", "callcart.cli", "worker"],
        cwd=ROOT,
        env={**os.environ, "CALLCART_METRICS_PORT": str(port)},
    )
    try:
        yield port
    finally:
        worker.terminate()
        worker.wait(30)


def counters(port: int) -> dict[str, float]:
    try:
        with PROXYLESS.open(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except URLError:
        return {}
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_the_worker_shows_the_rounds_of_its_timers(worker_port: int) -> None:
    deadline = time.monotonic() + 60
    while not counters(worker_port).get("callcart_routing_timer_round_seconds_count"):
        assert time.monotonic() < deadline, "no round was counted"
        time.sleep(0.1)
    assert "callcart_routing_swept_total" in counters(worker_port)


def test_a_taken_port_costs_the_counters_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", config().metrics_port + WORKER))
        held.listen()
        show_counters("worker", offset=WORKER)
        assert counters_of_somebody_else(held)


def counters_of_somebody_else(held: socket.socket) -> bool:
    """The port still leads to whoever had it."""
    with socket.create_connection(held.getsockname(), timeout=5):
        accepted, _ = held.accept()
        accepted.close()
    return True
