"""How Python calls the acd_* functions: each on an autocommit connection, a transaction and a round trip of its own,
never inside the request's transaction (its locks would be held as long). After the commit comes the second look that
closes the race of two commits which could not see each other; it is bounded, the sweeper repairs the rest.

What is asked one after the other is written once, for an event loop (`row_async`, `act_async`). In a thread (`row`, `act`) it is
the same, answered by what never waits for a loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

import psycopg
from psycopg import errors as pg

from callcart.contact.conversations.public import WrongState
from callcart.core.database import LoopConnections, Row, raw
from callcart.core.errors import Conflict, NotFound, Unavailable
from callcart.core.tenancy import current_tenant

_HIT = "SELECT conversation_id, staff_id, offer_id, waiting, free, {more} FROM {call}"
_LOOKS = 12
_TRIES = 3

Told = TypeVar("Told")


class NotAnAgent(NotFound):
    """This staff member is not set up as an agent. Give them a routing profile first."""

    code = "routing.not_an_agent"


class NoSuchQueue(NotFound):
    """There is no such queue, or it is not in use."""

    code = "routing.no_such_queue"


class NoRoom(Conflict):
    """You have as many conversations of this kind as you can have at once. Finish one, or set one aside."""

    code = "routing.no_room"


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


def row(statement: str, arguments: Sequence[Any]) -> Row:
    """Run one function and give its row. What a lost lock rolled back is tried again; our own signals become errors."""
    return _at_once(_row(_Here(), statement, arguments))


async def row_async(connections: LoopConnections, statement: str, arguments: Sequence[Any]) -> Row:
    """`row`, in an event loop."""
    return await _row(_InLoop(connections), statement, arguments)


def act(tenant_id: int, call: str, arguments: Sequence[Any]) -> Hit:
    """Call a function that answers acd_hit, then look again as long as it says so."""
    return _at_once(_act(_Here(), tenant_id, call, arguments))[0]


async def act_async(
    connections: LoopConnections, tenant_id: int, call: str, arguments: Sequence[Any], *, more: str = "NULL"
) -> tuple[Hit, Any]:
    """`act`, in an event loop, with one column `more` of the function's own answer; the second look does not change it."""
    return await _act(_InLoop(connections), tenant_id, call, arguments, more)


def look_again(tenant_id: int, waiting: Sequence[UUID] = (), free: Sequence[int] = ()) -> Hit:
    """The second look after a commit that left conversations waiting or agents free."""
    return _at_once(_look_again(_Here(), tenant_id, waiting, free))


# ---- what is asked ----


async def _row(asked: _Asked, statement: str, arguments: Sequence[Any]) -> Row:
    for attempt in range(_TRIES):
        try:
            return await asked.one(statement, arguments)
        except (pg.LockNotAvailable, pg.DeadlockDetected):
            if attempt == _TRIES - 1:
                raise RoutingBusy from None
        except psycopg.DatabaseError as error:
            if error.sqlstate == "CC404":
                raise (NoSuchQueue if "queue" in str(error) else NotAnAgent) from None
            if error.sqlstate == "CC409":
                raise WrongState from None
            if error.sqlstate == "CC429":
                raise NoRoom from None
            raise
    raise RoutingBusy


async def _act(
    asked: _Asked, tenant_id: int, call: str, arguments: Sequence[Any], more: str = "NULL"
) -> tuple[Hit, Any]:
    answer = await _ask(asked, call, arguments, more)
    found = await _look_again(asked, tenant_id, answer.waiting, answer.free)
    return answer.hit or found, answer.more


async def _look_again(asked: _Asked, tenant_id: int, waiting: Sequence[UUID], free: Sequence[int]) -> Hit:
    found = Hit()
    for conversation_id in waiting:
        hit = await _look(asked, "acd_recheck_ticket(%s::int, %s::uuid)", (tenant_id, conversation_id))
        found = hit or found
    for agent_id in free:
        found = await _look(asked, "acd_recheck_agent(%s::int, %s::int)", (tenant_id, agent_id)) or found
    return found


async def _look(asked: _Asked, call: str, arguments: Sequence[Any]) -> Hit:
    found, missed = Hit(), 0
    while missed < _LOOKS:
        answer = await _ask(asked, call, arguments)
        found = found or answer.hit
        if not (answer.waiting or answer.free):
            break
        if not answer.hit:
            # Somebody else holds the row we saw: he uses it, or is bound to look again himself.
            await asked.pause(0.002 * (1 + missed % 3))
            missed += 1
    return found


async def _ask(asked: _Asked, call: str, arguments: Sequence[Any], more: str = "NULL") -> _Answer:
    statement = _HIT.format(call=call, more=more)
    conversation_id, staff_id, offer_id, waiting, free, told = await _row(asked, statement, arguments)
    return _Answer(Hit(conversation_id, staff_id, offer_id), tuple(waiting or ()), tuple(free or ()), told)


# ---- who is asked ----


class _Asked(Protocol):
    async def one(self, statement: str, arguments: Sequence[Any]) -> Row: ...

    async def pause(self, seconds: float) -> None: ...


class _InLoop:
    """Connections of an event loop."""

    def __init__(self, connections: LoopConnections) -> None:
        self.one = connections.one

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Here:
    """The thread that calls: whoever awaits these has the answer at once."""

    async def one(self, statement: str, arguments: Sequence[Any]) -> Row:
        return raw.autocommit_one(statement, arguments)

    async def pause(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  no loop runs here


def _at_once(work: Coroutine[Any, Any, Told]) -> Told:
    """The outcome of work that `_Here` answers. Raises RuntimeError where it waits for a loop all the same."""
    try:
        work.send(None)
    except StopIteration as end:
        told: Told = end.value
        return told
    work.close()
    raise RuntimeError("there is no loop to wait for")
