"""Random work on two shops' floors, in processes that may be killed at any moment. Used by test_routing_stress."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from uuid import UUID

import psycopg

from callcart.contact.conversations.public import WrongState
from callcart.contact.routing import public as routing
from callcart.core.database import parameters, raw
from callcart.core.ids import forget_blocks
from callcart.core.tenancy import acting_for
from tests.contact.routing.floor import Floor, system

CHANNELS = ("voice", "voice", "voice", "chat")
NEEDS: tuple[tuple[str, ...], ...] = ((), (), ("lang:zh",))
MOST_WAITING = 80

PICK_OFFER = "SELECT id, conversation_id, staff_id FROM routing_offer WHERE tenant_id = %s AND state = 'live'"
PICK_TICKET = "SELECT conversation_id FROM routing_ticket WHERE tenant_id = %s AND state = %s"


class Hand:
    """One process's hands on both floors."""

    def __init__(
        self, floors: list[Floor], staff: dict[int, list[UUID]], ready: dict[int, list[UUID]], seed: int
    ) -> None:
        self.floors, self.staff, self.spare, self.chance = floors, staff, ready, random.Random(seed)
        self.look = psycopg.connect(**parameters("system"), autocommit=True)

    def one(self) -> None:
        floor, dice = self.chance.choice(self.floors), self.chance.random()
        with acting_for(floor.tenant_id):
            if dice < 0.32:
                self.arrive(floor)
            elif dice < 0.55:
                self.answer(floor)
            elif dice < 0.75:
                self.end(floor, "active")
            elif dice < 0.80:
                self.end(floor, "waiting")
            elif dice < 0.96:
                routing.agent_ready(floor.boss, self.chance.choice(self.staff[floor.tenant_id]))
            elif dice < 0.98:
                routing.agent_pause(floor.boss, "lunch", self.chance.choice(self.staff[floor.tenant_id]))
            else:
                routing.agent_offline(floor.boss, self.chance.choice(self.staff[floor.tenant_id]))

    def pick(self, statement: str, *arguments: object) -> tuple[UUID, ...] | None:
        rows = self.look.execute(statement + " ORDER BY random() LIMIT 1", arguments).fetchall()
        return rows[0] if rows else None

    def arrive(self, floor: Floor) -> None:
        waiting = self.look.execute(
            "SELECT count(*) FROM routing_ticket WHERE tenant_id = %s AND state = 'waiting'",
            (floor.tenant_id,),
        ).fetchone()
        if waiting and waiting[0] < MOST_WAITING:
            own = self.chance.choice(self.staff[floor.tenant_id]) if self.chance.random() < 0.1 else None
            fresh = self.spare[floor.tenant_id]
            row = self.look.execute(
                "UPDATE conversations_conversation SET number = number || '.' WHERE id = (SELECT id FROM"
                " conversations_conversation WHERE tenant_id = %s AND state = 'new' AND number NOT LIKE '%%.'"
                " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
                (floor.tenant_id,),
            ).fetchone()
            if row is None:
                return
            fresh.append(row[0])
            floor.enqueue(
                row[0],
                self.chance.choice(("sales", "vip")),
                channel=self.chance.choice(CHANNELS),
                skills=self.chance.choice(NEEDS),
                sticky_staff_id=own,
                sticky_seconds=1,
            )

    def answer(self, floor: Floor) -> None:
        found = self.pick(PICK_OFFER, floor.tenant_id)
        if found:
            offer_id, conversation_id, staff_id = found
            dice = self.chance.random()
            if dice < 0.75:
                routing.accept(conversation_id, staff_id)
            elif dice < 0.87:
                routing.unoffer(offer_id, self.chance.choice(("rejected", "unreachable")))
            else:
                routing.finish(conversation_id)

    def end(self, floor: Floor, state: str) -> None:
        found = self.pick(PICK_TICKET, floor.tenant_id, state)
        if found and state == "active" and self.chance.random() < 0.1:
            routing.requeue(found[0])
        elif found:
            routing.finish(found[0], wrap_seconds=self.chance.choice((0, 0, 1)))


def work(floors: list[Floor], staff: dict[int, list[UUID]], seed: int, until: float) -> None:
    """A worker process's whole life (in a forked child)."""
    hand = Hand(floors, staff, {floor.tenant_id: [] for floor in floors}, seed)
    while time.time() < until:
        try:
            hand.one()
        except (WrongState, routing.RoutingBusy):
            continue


def spawn(floors: list[Floor], staff: dict[int, list[UUID]], seed: int, until: float) -> int:
    """Fork a worker; its pid."""
    return _fork(lambda: work(floors, staff, seed, until))


def timers() -> int:
    """Routing's timers in a process of their own, until they are killed; its pid."""
    return _fork(lambda: routing.run_timers(threading.Event()))


def _fork(task: Callable[[], None]) -> int:
    """The parent has no pooled connection and no thread when it forks: a lock held by one would be held for ever."""
    raw.close()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        forget_blocks()
        task()
        raw.close()
        status = 0
    except BaseException as error:  # noqa: BLE001  the edge of a process
        os.write(2, f"worker: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def prepare(floor: Floor, agents: int, calls: int) -> list[UUID]:
    """Agents of both kinds, and conversations to be used up."""
    with system() as db:
        db.execute(
            "INSERT INTO conversations_conversation (id, tenant_id, number, channel, direction, state, language,"
            " caller_e164, caller_raw, service_number, end_reason) SELECT gen_random_uuid(), %s, n::text, 'voice',"
            " 'inbound', 'new', 'en', '', '', '', '' FROM generate_series(1, %s) n",
            (floor.tenant_id, calls),
        )
        db.execute("UPDATE routing_queue SET ring_s = 1, relax_s = 1, wrap_s = 1")
    return [floor.agent(skills=("lang:zh",) if n % 3 == 0 else ()) for n in range(agents)]
