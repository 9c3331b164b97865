from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcart.contact.voice.virtual import VirtualLoop
from tests.contact.voice.hall import Hall


class VirtualPolicy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return VirtualLoop()


@pytest.fixture
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualPolicy()


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    """An exchange over a fake engine and records in memory, on virtual time."""
    made = Hall()
    await made.start()
    yield made
    await made.stop()
