"""The process itself, with its certificate: health, counters, a kill, and its restart under open pages."""

from __future__ import annotations

import http.client
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from callcart.config import config
from tests.web.live.page import Page


def ask(path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(
        "127.0.0.1", config().live_port, timeout=30, context=ssl._create_unverified_context()
    )
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def start(database: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "tests.web.live.process", database])
    deadline = time.monotonic() + 60
    while True:
        try:
            if ask("/readyz")[0] == 200:
                return process
        except OSError:
            pass
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def process(fresh_db: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def make() -> subprocess.Popen[bytes]:
        started.append(start(fresh_db))
        return started[-1]

    yield make
    for each in started:
        each.kill()
        each.wait()


def test_health_and_counters(harbor, process):
    process()
    assert ask("/healthz") == (200, b'{"status":"ok"}')
    page = Page.open(config().live_port, harbor.session(harbor.person("amy")), tls=True)
    status, counted = ask("/metrics")
    assert status == 200 and b"callcart_live_listeners 1.0" in counted
    assert ask("/metrics", **{"X-Forwarded-For": "10.0.0.7"})[0] == 403
    assert ask("/nothing")[0] == 404
    page.close()


def test_on_sigterm_pages_are_told_and_the_process_ends(harbor, process):
    running = process()
    page = Page.open(config().live_port, harbor.session(harbor.person("amy")), tls=True)
    running.send_signal(signal.SIGTERM)
    page.ends()
    assert page.names()[-1] == "restart"
    running.wait(30)


@pytest.mark.kill
def test_a_killed_process_loses_nothing(harbor, process):
    """Pages of a killed process go on at the next one: everything committed meanwhile, each once."""
    session = harbor.session(harbor.person("amy"))
    running = process()
    pages = [Page.open(config().live_port, session, tls=True) for _page in range(5)]
    heard: list[list[int]] = [[] for _page in pages]
    made = [harbor.emit("before")]
    for round_number in range(3):
        made.append(harbor.emit(f"round.{round_number}"))
        pages[0].hears(f"round.{round_number}")
        running.kill()
        made.append(harbor.emit("dead.while"))
        for page in pages:
            page.ends()
        running.wait()
        made.append(harbor.emit("dead.still"))
        running = process()
        for n, page in enumerate(pages):
            heard[n] += page.ids
            page.close()
            pages[n] = Page.open(config().live_port, session, tls=True, token=page.token)
        made.append(harbor.emit("alive.again"))
    made.append(harbor.emit("the.end"))
    for n, page in enumerate(pages):
        page.hears("the.end")
        heard[n] += page.ids
        page.close()
    assert all(each == made for each in heard)
