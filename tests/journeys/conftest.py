"""Fixtures for journeys: `system` is shared by all tests of the run, `desk` is an agent in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.integrations.mail.servers import smtp
from tests.journeys.browser import chromium
from tests.journeys.desk_page import DeskPage
from tests.journeys.letterbox import Letterbox
from tests.journeys.phones import Lines
from tests.journeys.shell import Shell
from tests.journeys.system import System, running
from tests.journeys.trade import PLACES, Trade


@pytest.fixture(scope="session")
def letterbox() -> Iterator[Letterbox]:
    """The mail server of the installation: keeps what customers are written."""
    server, received = smtp()
    yield Letterbox(server.port, received)
    server.stop()


@pytest.fixture(scope="session")
def system(letterbox: Letterbox) -> Iterator[System]:
    """The whole system with the demo shops, shared: leave no call and no agent behind."""
    with running(hurry=True, smtp_url=f"smtp://127.0.0.1:{letterbox.port}") as started:
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium with a microphone that beeps, one for all journeys: each has profiles of its own in it."""
    with chromium() as started:
        yield started


@pytest.fixture
def desk(system: System, browser: Browser) -> Iterator[DeskPage]:
    """Amy at her desk, signed in and registered; out of the queues again at the end."""
    with DeskPage(system, browser) as opened:
        yield opened
        opened.leave()
        assert opened.complaints == []


@pytest.fixture
def dial_in(system: System, tmp_path: Path) -> Iterator[Lines]:
    """`dial_in(number, …)`: a caller of the shared system; all are ended after the test."""
    lines = Lines(system, tmp_path)
    yield lines
    lines.close()


@pytest.fixture(scope="session")
def shell(system: System) -> Shell:
    """The system's own code."""
    return system.shell


@pytest.fixture(params=list(PLACES))
def trade(request: pytest.FixtureRequest, system: System, browser: Browser, shell: Shell) -> Iterator[Trade]:
    """A demo shop and all who deal with it: the English one, then the Chinese one."""
    opened = Trade(system, browser, shell, PLACES[request.param])
    yield opened
    opened.close()
