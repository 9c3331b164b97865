"""`desk`: the demo shop `harbor` with nobody on the line; `other`: the shop next door, in the same database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import _database
from tests.web.desk.stage import Stage, stage_of


@pytest.fixture(scope="package")
def shops(template: str) -> Iterator[None]:
    """Both demo shops in a database that the tests of this folder share."""
    from callcart.demo.seed import seed

    with _database(template):
        seed(verbosity=0)
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
