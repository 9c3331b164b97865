"""`desk`: the demo shop `harbor` with nobody on the line; `other`: the shop next door, in the same database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser

from callcart.config import config
from callcart.contact.messaging.fake import FakeChannel, FakeSms
from callcart.web.desk import home
from tests.conftest import _database
from tests.journeys.browser import chromium
from tests.web.desk.browser import Desk
from tests.web.desk.chats import Chats, chats_of
from tests.web.desk.letters import CHANNELS, Letters
from tests.web.desk.stage import Stage, a_little_trade, stage_of
from tests.web.looking import beside_a_loop
from tests.web.serving import serving


@pytest.fixture(scope="package")
def shops(template: str, shared_database: str) -> Iterator[None]:
    """Both demo shops without their past and what waits in them, in a database that the tests of this folder share."""
    from callcart.demo import seed

    with _database(template), pytest.MonkeyPatch.context() as patch:
        patch.setattr(seed, "trade", a_little_trade)
        patch.setattr(seed, "seed_centre", lambda *_: None)
        seed.seed(verbosity=0)
        yield


@pytest.fixture
def desk(shops: None) -> Iterator[Stage]:
    stage = stage_of("harbor")
    yield stage
    stage.clear()


@pytest.fixture
def other(shops: None) -> Iterator[Stage]:
    stage = stage_of("qinghe")
    yield stage
    stage.clear()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium with a fake microphone."""
    with chromium() as started:
        yield started
        connections.close_all()  # beside Playwright's loop Django keeps another set of them, found only from here


@pytest.fixture(scope="package")
def port(shops: None) -> Iterator[int]:
    """The desk without telephones, served on this port."""
    with beside_a_loop(), pytest.MonkeyPatch.context() as patch:
        silent = config().model_copy(update={"telephony": "none"})
        patch.setattr(home, "config", lambda: silent)
        with serving() as found:
            yield found


@pytest.fixture
def agent(desk: Stage, port: int, browser: Browser) -> Iterator[Desk]:
    """Amy at her desk; whatever her pages complained of fails the test."""
    opened = Desk(desk, port, browser)
    yield opened
    opened.context.close()
    assert opened.complaints == []


@pytest.fixture
def chats(desk: Stage) -> Chats:
    """The demo shop with a chat on its pages."""
    return chats_of(desk)


@pytest.fixture
def letters(desk: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    """The demo shop with a mailbox and an SMS number."""
    monkeypatch.setattr(settings, "CALLCART_CHANNELS", CHANNELS)
    made = Letters(desk)
    made.open_lines()
    yield made
    for each in (FakeChannel, FakeSms):
        each.clear()
