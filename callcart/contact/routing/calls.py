"""How Python calls the acd_* functions: each on an autocommit connection, a transaction and a round trip of its own,
never inside the request's transaction (its locks would be held as long). After the commit comes the second look that
closes the race of two commits which could not see each other; it is bounded, the sweeper repairs the rest.

What is asked one after the other is written once, as a generator that yields statements and pauses; `row` and `act` answer
it in the thread that calls, `row_async` and `act_async` in an event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import errors as pg

from callcart.contact.conversations.public import WrongState
from callcart.core.database import LoopConnections, raw
from callcart.core.errors import NotFound, Unavailable
from callcart.core.tenancy import current_tenant

_HIT = "SELECT conversation_id, staff_id, offer_id, waiting, free, {more} FROM {call}"
_LOOKS = 12
_TRIES = 3

Told = TypeVar("Told")
# Wants the row of a statement, or a pause of so many seconds.
Steps = Generator[tuple[str, Sequence[Any]] | float, Any, Told]


class NotAnAgent(NotFound):
    """This staff member is not set up as an agent. Give them a routing profile first."""

    code = "routing.not_an_agent"


class NoSuchQueue(NotFound):
    """There is no such queue, or it is not in use."""

    code = "routing.no_such_queue"


class RoutingBusy(Unavailable):
    """Routing is busy with this very conversation. Try again."""

    code = "routing.busy"


@dataclass(frozen=True, slots=True)
class Hit:
    """What a routing verb brought about: the offer made, if one was. All None: nobody was found, or nothing was to do."""

    conversation_id: UUID | None = None
    staff_id: UUID | None = None
    offer_id: UUID | None = None

    def __bool__(self) -> bool:
        return self.offer_id is not None


@dataclass(frozen=True, slots=True)
class _Answer:
    hit: Hit
    waiting: tuple[UUID, ...]
    free: tuple[int, ...]
    more: Any


def tenant_or_current(tenant_id: int | None) -> int:
    return current_tenant() if tenant_id is None else tenant_id


def row(statement: str, arguments: Sequence[Any]) -> Sequence[Any]:
    """Run one function and give its row. What a lost lock rolled back is tried again; our own signals become errors."""
    return _run(_row(statement, arguments))


async def row_async(connections: LoopConnections, statement: str, arguments: Sequence[Any]) -> Sequence[Any]:
    """`row`, in an event loop."""
    return await _run_async(connections, _row(statement, arguments))


def act(tenant_id: int, call: str, arguments: Sequence[Any]) -> Hit:
    """Call a function that answers acd_hit, then look again as long as it says so."""
    return _run(_act(tenant_id, call, arguments))[0]


async def act_async(
    connections: LoopConnections, tenant_id: int, call: str, arguments: Sequence[Any], *, more: str = "NULL"
) -> tuple[Hit, Any]:
    """`act`, in an event loop, with one column `more` of the function's answer; None where the offer came about by the
    second look."""
    return await _run_async(connections, _act(tenant_id, call, arguments, more))


def look_again(tenant_id: int, waiting: Sequence[UUID] = (), free: Sequence[int] = ()) -> Hit:
    """The second look after a commit that left conversations waiting or agents free."""
    return _run(_look_again(tenant_id, waiting, free))


# ---- what is asked ----


def _row(statement: str, arguments: Sequence[Any]) -> Steps[Sequence[Any]]:
    for attempt in range(_TRIES):
        try:
            found: Sequence[Any] = yield statement, arguments
            return found
        except (pg.LockNotAvailable, pg.DeadlockDetected):
            if attempt == _TRIES - 1:
                raise RoutingBusy from None
        except psycopg.DatabaseError as error:
            if error.sqlstate == "CC404":
                raise (NoSuchQueue if "queue" in str(error) else NotAnAgent) from None
            if error.sqlstate == "CC409":
                raise WrongState from None
            raise
    raise RoutingBusy


def _act(tenant_id: int, call: str, arguments: Sequence[Any], more: str = "NULL") -> Steps[tuple[Hit, Any]]:
    answer = yield from _ask(call, arguments, more)
    found = yield from _look_again(tenant_id, answer.waiting, answer.free)
    return (answer.hit, answer.more) if answer.hit else (found, None)


def _look_again(tenant_id: int, waiting: Sequence[UUID], free: Sequence[int]) -> Steps[Hit]:
    found = Hit()
    for conversation_id in waiting:
        found = (
            yield from _look("acd_recheck_ticket(%s::int, %s::uuid)", (tenant_id, conversation_id))
        ) or found
    for agent_id in free:
        found = (yield from _look("acd_recheck_agent(%s::int, %s::int)", (tenant_id, agent_id))) or found
    return found


def _look(call: str, arguments: Sequence[Any]) -> Steps[Hit]:
    for attempt in range(_LOOKS):
        answer = yield from _ask(call, arguments)
        if answer.hit or not (answer.waiting or answer.free):
            return answer.hit
        # Somebody else holds the row we saw: he uses it, or is bound to look again himself.
        yield 0.002 * (1 + attempt % 3)
    return Hit()


def _ask(call: str, arguments: Sequence[Any], more: str = "NULL") -> Steps[_Answer]:
    conversation_id, staff_id, offer_id, waiting, free, told = yield from _row(
        _HIT.format(call=call, more=more), arguments
    )
    return _Answer(Hit(conversation_id, staff_id, offer_id), tuple(waiting or ()), tuple(free or ()), told)


# ---- who answers ----


def _run(steps: Steps[Told]) -> Told:
    try:
        wanted = next(steps)
        while True:
            if isinstance(wanted, float):
                time.sleep(wanted)
                wanted = steps.send(None)
                continue
            try:
                found = raw.autocommit_one(*wanted)
            except Exception as error:  # noqa: BLE001  the steps say which they take
                wanted = steps.throw(error)
            else:
                wanted = steps.send(found)
    except StopIteration as end:
        told: Told = end.value
        return told


async def _run_async(connections: LoopConnections, steps: Steps[Told]) -> Told:
    try:
        wanted = next(steps)
        while True:
            if isinstance(wanted, float):
                await asyncio.sleep(wanted)
                wanted = steps.send(None)
                continue
            try:
                found = await connections.one(*wanted)
            except Exception as error:  # noqa: BLE001  the steps say which they take
                wanted = steps.throw(error)
            else:
                wanted = steps.send(found)
    except StopIteration as end:
        told: Told = end.value
        return told
