from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from callcart.contact.voice.virtual import VirtualLoop
from tests.contact.voice.hall import Hall


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Callable[[], Any]]:
    """Everything asynchronous here runs on virtual time."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    """An exchange over a fake engine and records in memory, on virtual time."""
    made = Hall()
    await made.start()
    yield made
    await made.stop()
