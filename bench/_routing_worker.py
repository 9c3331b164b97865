"""One load process of the routing bench: whole call lives flat out over the public verbs, and bare commits as their floor."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Lane = tuple[UUID, tuple[str, ...]]


@dataclass(slots=True)
class Work:
    """What one worker thread is given: its own talking agents, its own fresh conversations."""

    tenant_id: int
    database: str
    hot: list[UUID]
    cool: list[UUID]
    talking: list[tuple[UUID, UUID]]
    fresh: list[UUID]
    channels: tuple[str, ...] = ("voice", "chat", "mail", "sms")


@dataclass(slots=True)
class Done:
    """Whole lives, and seconds from enqueue to its offer and from an agent's becoming free to his next."""

    lives: int = 0
    seconds: float = 0.0
    offered: list[float] = field(default_factory=list)
    freed: list[float] = field(default_factory=list)
    left: int = 0


def lives(works: Sequence[Work], start: float, seconds: float, seed: int) -> list[Done]:
    """Each work in a thread of this process, from the moment `start` (time.time) on."""
    _prepare(works[0].database)
    done = [Done() for _ in works]
    _together(
        [
            lambda work=work, mine=mine, n=n: _Hand(work, mine, seed * 100 + n).run(start, seconds)
            for n, (work, mine) in enumerate(zip(works, done, strict=True))
        ]
    )
    return done


def commits(database: str, start: float, seconds: float, threads: int) -> int:
    """Transactions a second that write one row and do nothing else, in the same process shape."""
    _prepare(database)
    counts = [0] * threads

    def write(place: int) -> None:
        import psycopg

        from callcart.core.database import parameters

        with psycopg.connect(**parameters("owner"), autocommit=True, prepare_threshold=1) as connection:
            _wait(start)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                connection.execute("UPDATE bench_row SET n = n + 1 WHERE id = %s", (os.getpid() * 8 + place,))
                counts[place] += 1

    _together([lambda place=place: write(place) for place in range(threads)])
    return sum(counts)


class _Hand:
    """Alternates two kinds of life: one that arrives at a free agent, and one that is taken from a backlog."""

    def __init__(self, work: Work, done: Done, seed: int) -> None:
        self.work, self.done, self.chance = work, done, random.Random(seed)
        self.talks = dict(work.talking)

    def run(self, start: float, seconds: float) -> None:
        from callcart.core.database import raw

        raw.autocommit_one("SELECT 1")
        _wait(start)
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds and self.work.fresh:
            if self.done.lives % 2 or not self.talks:
                self._arrive()
            else:
                self._from_backlog()
            self.done.lives += 1
        self.done.seconds = time.perf_counter() - begun
        self.done.left = len(self.work.fresh)

    def _arrive(self) -> None:
        begun = time.perf_counter()
        _conversation, hit = self._enqueue(self.work.cool)
        if hit:
            self.done.offered.append(time.perf_counter() - begun)
        while hit:
            hit = self._talk(hit) or self._ready(hit.staff_id)

    def _from_backlog(self) -> None:
        """An agent's talk ends, he is offered the oldest that waits, and another joins the backlog."""
        staff = self.chance.choice(list(self.talks))
        talk, begun = self.talks.pop(staff), time.perf_counter()
        hit = self._finish(talk)  # a written one has no wrap-up: its agent is free at once
        if not hit:
            begun = time.perf_counter()
            hit = self._ready(staff)
        if hit:
            self.done.freed.append(time.perf_counter() - begun)
            self._take(hit)
        _conversation, met = self._enqueue(self.work.hot)
        if met:  # on a small floor it meets somebody for whom nothing waited
            self._take(met)

    def _take(self, hit: Any) -> None:
        self._accept(hit)
        self.talks[hit.staff_id] = hit.conversation_id

    def _enqueue(self, queues: list[UUID]) -> tuple[UUID, Any]:
        from callcart.contact.routing import public as routing

        conversation = self.work.fresh.pop()
        need = self.chance.choices(((), ("a",), ("b",), ("c",)), (5, 1, 1, 1))[0]
        return conversation, routing.enqueue(
            self.work.tenant_id, conversation, self.chance.choice(queues), skills=need,
            channel=self.chance.choice(self.work.channels),
        )  # fmt: skip

    def _talk(self, hit: Any) -> Any:
        self._accept(hit)
        return self._finish(hit.conversation_id)

    def _accept(self, hit: Any) -> None:
        from callcart.contact.routing import public as routing

        if not routing.accept(hit.conversation_id, hit.staff_id, tenant_id=self.work.tenant_id):
            raise AssertionError("an offer nobody else had was lost")

    def _finish(self, conversation: UUID) -> Any:
        from callcart.contact.routing import public as routing

        return routing.finish(conversation, tenant_id=self.work.tenant_id)

    def _ready(self, staff: UUID) -> Any:
        from callcart.contact.routing import public as routing
        from callcart.core.actor import Actor

        return routing.agent_wrap_done(Actor.system(self.work.tenant_id, "bench"), staff)


def _prepare(database: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    from django.db import connections

    for alias in ("default", "owner", "system"):
        connections[alias].settings_dict["NAME"] = database


def _together(parts: Sequence[Callable[[], None]]) -> None:
    """Run the parts in threads; the first failure is raised."""
    failed: list[BaseException] = []

    def guard(part: Callable[[], None]) -> None:
        try:
            part()
        except BaseException as error:  # noqa: BLE001  carried to the caller
            failed.append(error)

    threads = [threading.Thread(target=guard, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _wait(start: float) -> None:
    while time.time() < start:
        time.sleep(0.001)
