"""What a flow asks of the business for a call. A question that fails is answered too: nobody is kept on the line by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from callcart.contact.voice.inputs import LookedUp

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

log = structlog.get_logger(__name__)

PATIENCE = 20  # seconds without an answer after which the flow is told of the silence


async def answer_to(call: Call, question: str, about: Mapping[str, str]) -> LookedUp:
    """What the business says; `failed` where it could not."""
    try:
        return LookedUp(question, await call.records.look_up(call.facts, question, about))
    except Exception as error:
        log.exception("flow.look_up", question=question, error=type(error).__name__)
        return LookedUp(question, failed=True)


def ask(call: Call, question: str, about: Mapping[str, str]) -> None:
    """The same, told to the call once it is known: neither its keys nor its hanging up wait for it."""

    async def tell() -> None:
        call.post(await answer_to(call, question, about))

    task = asyncio.create_task(tell())
    call.tasks.add(task)
    task.add_done_callback(call.tasks.discard)
