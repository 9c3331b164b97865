"""The records of calls in PostgreSQL: each verb as its tenant, in a transaction of its own.

What happens with every call is one statement, asked from the event loop; the rare goes by the ORM in a thread. Every verb here may be
repeated without harm, for a database that is away for a while is asked again (`patient`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from callcart.contact.conversations import public as conversations
from callcart.contact.routing import public as routing
from callcart.contact.voice import opening, standing
from callcart.contact.voice.accounts import username_of
from callcart.contact.voice.admitting import Admitted, admitted
from callcart.contact.voice.columns import columns as _columns
from callcart.contact.voice.columns import plain as _json
from callcart.contact.voice.engine import CallArrived, Softphone
from callcart.contact.voice.flow import CallFacts, Flow, Speech, Utterance
from callcart.contact.voice.jobs import keep_recording
from callcart.contact.voice.models import MAIN_NODE
from callcart.contact.voice.outbound import let_out
from callcart.contact.voice.patient import Patient, Result
from callcart.contact.voice.records import (
    MOST_PASSES,
    Asked,
    CallRow,
    LetOut,
    NoQueue,
    NotPassed,
    Offered,
    Place,
)
from callcart.contact.voice.states import Media
from callcart.core import jobs
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction

LOOK_UP_PATIENCE = 5.0  # with a database that is away, while the caller hears nothing
FILE_SECONDS = 2  # the engine closes a recording a moment after the call
_COLUMNS = "%s::int, %s::uuid, %s::text, %s::text, %s::uuid, %s::uuid, %s::int, %s::jsonb, %s::timestamptz"
_SAVE = f"SELECT voice_save({_COLUMNS}, %s::text, %s::jsonb, %s::text)"
_DIAL = f"SELECT voice_dial({_COLUMNS})"
_ACCEPT = f"SELECT voice_accept({_COLUMNS})"
_ENQUEUE = "voice_enqueue(%s::int, %s::uuid, %s::text, %s::text, %s::int, %s::jsonb, %s::uuid)"
_FINISH = "voice_finish(%s::int, %s::uuid, %s::text, %s::int, %s::text, %s::text)"
_CONSULT = "SELECT offer_id, account, problem FROM voice_ask(%s::int, %s::uuid, %s::uuid, %s::uuid, %s::int, %s::int, %s::jsonb)"
_KEEP_CONSULT = "SELECT voice_keep_consult(%s::int, %s::uuid, %s::uuid, %s::text, %s::int, %s::jsonb, %s::text, %s::jsonb)"
_ASKED_ANSWERS = "SELECT voice_asked_answers(%s::int, %s::uuid, %s::uuid, %s::uuid, %s::text, %s::jsonb)"
_END_CONSULT = "voice_end_consult(%s::int, %s::uuid, %s::uuid, %s::text, %s::text, %s::text)"
_HAND_OVER = "voice_hand_over(%s::int, %s::uuid, %s::uuid, %s::uuid, %s::text)"
_HAND_OUTSIDE = "voice_hand_outside(%s::int, %s::uuid, %s::uuid, %s::text, %s::text)"
_LEAVE_TO_FLOW = "voice_leave_to_flow(%s::int, %s::uuid, %s::uuid, %s::text)"
_TO_QUEUE = "voice_to_queue(%s::int, %s::uuid, %s::uuid, %s::uuid, %s::int)"
_REACHED = "SELECT voice_reached(%s::int, %s::uuid, %s::uuid)"
_NOT_REACHED = "SELECT voice_not_reached(%s::int, %s::uuid, %s::uuid, %s::text)"
_PICKED_UP = "SELECT voice_picked_up(%s::int, %s::uuid)"
_KEEP_PAUSE = "SELECT voice_keep_pause(%s::int, %s::uuid, %s::uuid, %s::jsonb, %s::text, %s::text)"
_KEEP_LINE = "SELECT voice_keep_line(%s::int, %s::uuid, %s::uuid, %s::text, %s::boolean, %s::int, %s::timestamptz, %s::text, %s::jsonb)"
_PARK = "SELECT voice_park(%s::int, %s::uuid, %s::uuid, %s::timestamptz)"
_TO_MENU = "voice_to_menu(%s::int, %s::uuid, %s::uuid, %s::int)"
_WATCHED = "SELECT voice_watched(%s::int, %s::uuid, %s::uuid, %s::text)"
_NOTE = "SELECT voice_note(%s::int, %s::uuid, %s::text, %s::jsonb)"
_ACCOUNT = "SELECT voice_account(%s::int, %s::uuid)"
_WARM = "SELECT place FROM acd_place(0, '00000000-0000-0000-0000-000000000000')"


class Ledger(Patient):
    """`flow` and `speech` do their reading and speaking in threads of their own: a slow one keeps no call waiting."""

    def __init__(self, flow: Flow, speech: Speech, *, threads: int = 4, node: str = MAIN_NODE) -> None:
        super().__init__(threads=threads)
        self._flow, self._speech, self._node = flow, speech, node

    async def warm(self) -> None:
        """Open all connections, so that the first calls do not pay for it."""
        await self._connections.warm(_WARM)
        tenant = await self._run(standing.some_tenant)
        if tenant is not None:
            await asyncio.gather(
                *(self._run(lambda: standing.warm(tenant)) for _each in range(self._threads))
            )

    async def open(self, arrival: CallArrived) -> CallRow | None:
        return await self._run(lambda: opening.open_call(arrival, self._node))

    async def live(self) -> list[CallRow]:
        return await self._run(lambda: standing.live_calls(self._node))

    async def orphans(self) -> list[CallRow]:
        return await self._run(lambda: standing.orphans(self._node))

    async def live_offers(self) -> list[Offered]:
        return await self._run(standing.live_offers)

    async def save(
        self, row: CallRow, *, step: str = "", data: dict[str, Any] | None = None, media: Media | None = None
    ) -> None:
        arguments = (*_columns(row), step, _json(data or {}), str(media or ""))
        await self._ask(lambda: self._connections.one(_SAVE, arguments))

    async def dial(self, row: CallRow) -> str | None:
        found = await self._ask(lambda: self._connections.one(_DIAL, _columns(row)))
        return None if found[0] is None else username_of(found[0])

    async def note(self, facts: CallFacts, step: str, data: dict[str, Any]) -> None:
        arguments = (facts.tenant_id, facts.conversation_id, step, _json(data))
        await self._ask(lambda: self._connections.one(_NOTE, arguments))

    async def use_language(self, facts: CallFacts, language: str) -> None:
        await self._in(facts, lambda: conversations.set_language(facts.conversation_id, language))

    async def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        def ask() -> Any:
            with tenant_transaction(facts.tenant_id):
                return self._flow.look_up(facts, question, about)

        return await self._run(ask, pool=self._slow, patience=LOOK_UP_PATIENCE)

    async def sounds(self, tenant_id: int, utterances: Sequence[Utterance]) -> list[str]:
        return await self._run(lambda: self._speech.sounds(tenant_id, utterances), pool=self._slow)

    async def enqueue(
        self, row: CallRow, language: str, leg: str, queue: UUID | None = None
    ) -> Offered | None:
        facts, tenant = row.facts, row.facts.tenant_id
        arguments = (
            tenant, facts.conversation_id, language, leg, row.legs_dialled + 1, _json(row.flow_state), queue,
        )  # fmt: skip
        try:
            hit, account = await self._act(tenant, _ENQUEUE, arguments, more="account")
        except routing.NoSuchQueue:
            raise NoQueue from None
        return _offered(tenant, hit, None if account is None else username_of(account))

    async def accept(self, row: CallRow) -> bool:
        found = await self._ask(lambda: routing.row_async(self._connections, _ACCEPT, _columns(row)))
        return bool(found[0])

    async def unoffer(self, facts: CallFacts, offer_id: UUID, reason: str) -> Offered | None:
        tenant = facts.tenant_id
        return await self._run(lambda: _offered(tenant, routing.unoffer(offer_id, reason, tenant_id=tenant)))

    async def requeue(self, facts: CallFacts) -> Offered | None:
        tenant = facts.tenant_id
        return await self._run(
            lambda: _offered(tenant, routing.requeue(facts.conversation_id, tenant_id=tenant))
        )

    async def ask(self, row: CallRow, staff_id: UUID, *, passing: bool) -> Asked:
        assert row.consult is not None
        arguments = (
            row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, staff_id, MOST_PASSES, row.legs_dialled,
            _json(row.consult.kept()),
        )  # fmt: skip
        offer_id, account, problem = await self._ask(
            lambda: routing.row_async(self._connections, _CONSULT, arguments)
        )
        return Asked(
            offer_id, username_of(account) if account else "", NotPassed(problem) if problem else None
        )

    async def keep_consult(self, row: CallRow, step: str, data: dict[str, Any]) -> None:
        kept = None if row.consult is None else _json(row.consult.kept())
        arguments = (
            row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, str(row.state), row.legs_dialled, kept, step,
            _json(data),
        )  # fmt: skip
        await self._ask(lambda: self._connections.one(_KEEP_CONSULT, arguments))

    async def asked_answers(self, row: CallRow) -> bool:
        assert row.consult is not None
        arguments = (
            row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, row.consult.staff_id, str(row.state),
            _json(row.consult.kept()),
        )  # fmt: skip
        found = await self._ask(lambda: routing.row_async(self._connections, _ASKED_ANSWERS, arguments))
        return bool(found[0])

    async def end_consult(self, row: CallRow, why: str, *, outside: bool) -> Offered | None:
        tenant = row.facts.tenant_id
        arguments = (
            tenant, row.facts.conversation_id, row.agent_staff_id, str(row.state), why, "outside" if outside else "",
        )  # fmt: skip
        return _offered(tenant, (await self._act(tenant, _END_CONSULT, arguments))[0])

    async def hand_over(self, row: CallRow, former: UUID) -> tuple[bool, Offered | None]:
        tenant = row.facts.tenant_id
        arguments = (tenant, row.facts.conversation_id, former, row.agent_staff_id, row.agent_channel)
        hit, done = await self._act(tenant, _HAND_OVER, arguments, more="done")
        return bool(done), _offered(tenant, hit)

    async def hand_outside(self, row: CallRow, number: str) -> Offered | None:
        tenant = row.facts.tenant_id
        arguments = (tenant, row.facts.conversation_id, row.agent_staff_id, row.agent_channel, number)
        return _offered(tenant, (await self._act(tenant, _HAND_OUTSIDE, arguments))[0])

    async def leave_to_flow(self, row: CallRow, former: UUID | None, to: str) -> Offered | None:
        tenant = row.facts.tenant_id
        arguments = (tenant, row.facts.conversation_id, former, to)
        return _offered(tenant, (await self._act(tenant, _LEAVE_TO_FLOW, arguments))[0])

    async def to_queue(self, row: CallRow, queue_id: UUID) -> tuple[NotPassed | None, Offered | None]:
        tenant = row.facts.tenant_id
        arguments = (tenant, row.facts.conversation_id, row.agent_staff_id, queue_id, MOST_PASSES)
        try:
            hit, problem = await self._act(tenant, _TO_QUEUE, arguments, more="problem")
        except routing.NoSuchQueue:
            raise NoQueue from None
        return NotPassed(problem) if problem else None, _offered(tenant, hit)

    async def to_menu(self, row: CallRow) -> tuple[NotPassed | None, Offered | None]:
        tenant = row.facts.tenant_id
        arguments = (tenant, row.facts.conversation_id, row.agent_staff_id, MOST_PASSES)
        hit, problem = await self._act(tenant, _TO_MENU, arguments, more="problem")
        return NotPassed(problem) if problem else None, _offered(tenant, hit)

    async def let_out(self, row: CallRow) -> LetOut | None:
        return await self._run(lambda: let_out(row))

    async def picked_up(self, row: CallRow) -> None:
        arguments = (row.facts.tenant_id, row.facts.conversation_id)
        await self._ask(lambda: self._connections.one(_PICKED_UP, arguments))

    async def reached(self, row: CallRow) -> None:
        arguments = (row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id)
        await self._ask(lambda: self._connections.one(_REACHED, arguments))

    async def not_reached(self, row: CallRow, why: str) -> None:
        arguments = (row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, why)
        await self._ask(lambda: self._connections.one(_NOT_REACHED, arguments))

    async def keep_pause(self, row: CallRow, step: str, why: str) -> None:
        arguments = (
            row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, _json(row.paused_for), step, why,
        )  # fmt: skip
        await self._ask(lambda: self._connections.one(_KEEP_PAUSE, arguments))

    async def keep_line(self, row: CallRow, step: str, data: dict[str, Any]) -> None:
        line = row.line
        arguments = (
            row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, str(line.silent), line.muted, line.orbit, line.until, step,
            _json(data),
        )  # fmt: skip
        await self._ask(lambda: self._connections.one(_KEEP_LINE, arguments))

    async def park(self, row: CallRow, until: datetime) -> int | None:
        arguments = (row.facts.tenant_id, row.facts.conversation_id, row.agent_staff_id, until)
        found = await self._ask(lambda: self._connections.one(_PARK, arguments))
        orbit: int | None = found[0]
        return orbit

    async def watched(self, facts: CallFacts, staff_id: UUID | None, mode: str) -> None:
        arguments = (facts.tenant_id, facts.conversation_id, staff_id, mode)
        await self._ask(lambda: self._connections.one(_WATCHED, arguments))

    async def place(self, facts: CallFacts) -> Place | None:
        found = await self._run(
            lambda: routing.standing_in_queue(facts.conversation_id, tenant_id=facts.tenant_id)
        )
        if found is None:
            return None
        way = Admitted(found.action, found.to_queue, str(found.occasion or ""))
        return Place(found.place, None if found.seconds is None else round(found.seconds), way, found.left)

    async def admit(self, facts: CallFacts, language: str, queue: UUID | None, *, always: bool) -> Admitted:
        return await self._run(lambda: admitted(facts, language, queue, always=always))

    async def move_queue(self, facts: CallFacts, queue: UUID) -> Offered | None:
        actor = Actor.system(facts.tenant_id, "routing")
        moved = await self._run(
            lambda: routing.move_waiting(actor, facts.conversation_id, queue, why="overflow")
        )
        return _offered(facts.tenant_id, moved)

    async def leave_queue(self, facts: CallFacts, way: Admitted) -> bool:
        return await self._run(
            lambda: routing.leave(
                facts.conversation_id, way.occasion, str(way.action), tenant_id=facts.tenant_id
            )
        )

    async def finish(self, row: CallRow, reason: str | None) -> Offered | None:
        tenant, queue_and_task = row.facts.tenant_id, jobs.queue_and_name(keep_recording)
        arguments = (tenant, row.facts.conversation_id, reason, FILE_SECONDS, *queue_and_task)
        return _offered(tenant, (await self._act(tenant, _FINISH, arguments))[0])

    async def username_of(self, facts: CallFacts, staff_id: UUID) -> str | None:
        arguments = (facts.tenant_id, staff_id)
        found = await self._ask(lambda: self._connections.one(_ACCOUNT, arguments))
        return None if found[0] is None else username_of(found[0])

    async def softphones(self) -> Sequence[Softphone]:
        return await self._run(standing.accounts)

    async def softphone_at(self, username: str, *, here: bool) -> None:
        await self._run(lambda: standing.softphone_at(username, self._node, here=here))

    async def softphone_nodes(self) -> Sequence[tuple[str, str]]:
        return await self._run(standing.softphone_nodes)

    async def tell_health(self, *, up: bool) -> None:
        await self._run(lambda: standing.tell_health(self._node, up=up))

    async def beat(self, *, up: bool) -> None:
        """The voice process lives."""
        await self._run(lambda: standing.beat(self._node, up=up), patience=0)

    async def apart(self, verb: Callable[[], Result]) -> Result:
        """Something else that a call needs, slow as it may be."""
        return await self._run(verb, pool=self._slow)


def _offered(tenant_id: int, hit: routing.Hit, username: str | None = None) -> Offered | None:
    if not hit or hit.conversation_id is None or hit.staff_id is None or hit.offer_id is None:
        return None
    return Offered(tenant_id, hit.conversation_id, hit.staff_id, hit.offer_id, username)
