"""Fixtures for journeys: `system` is shared by all tests of the run, `own_system` is one test's own (kills)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.system import System, running


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The whole system with the demo shops, shared: leave no call and no agent behind."""
    with running() as started:
        yield started


@pytest.fixture
def own_system() -> Iterator[System]:
    """A whole system of the test's own; costs half a minute."""
    with running() as started:
        yield started
