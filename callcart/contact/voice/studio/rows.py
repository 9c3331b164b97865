"""Takes in PostgreSQL and their sound on the disk: what the voice process does with them, each as its tenant, in a transaction of its own."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog

from callcart.contact.voice.accounts import username_of
from callcart.contact.voice.jobs import file_of
from callcart.contact.voice.models import OutboundCall, PromptTake
from callcart.contact.voice.replace import LEAST_SECONDS, say_recording
from callcart.contact.voice.speech.prompts import prompts_folder
from callcart.contact.voice.speech.sound import Unreadable, for_telephone, read_wav, wav, write_file
from callcart.contact.voice.studio.book import LEGS, Listened, TakeRow
from callcart.contact.voice.studio.states import TakeState, Why
from callcart.core import events
from callcart.core.clock import now
from callcart.core.database import parameters, raw
from callcart.core.errors import AppError
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import actor_of, get_staff

log = structlog.get_logger(__name__)

CHANNEL = "telephone"  # as the audit says by which way a prompt came
_ENGINE = "callcart/"  # our sounds, as the engine calls them
_LIVE = "SELECT tenant_id, id FROM voice_prompttake WHERE node = %(node)s AND ended_at IS NULL ORDER BY id"
_ONE = "SELECT tenant_id FROM voice_prompttake WHERE id = %(id)s AND node = %(node)s AND ended_at IS NULL"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def find(take_id: UUID, node: str) -> TakeRow | None:
    """A take of this node that is not over."""
    found = _system(_ONE, {"id": take_id, "node": node})
    return _read(found[0][0], take_id) if found else None


def live(node: str) -> list[TakeRow]:
    """All takes of this node that are not over."""
    rows = [_read(tenant, take_id) for tenant, take_id in _system(_LIVE, {"node": node})]
    return [row for row in rows if row is not None]


def account(row: TakeRow) -> str:
    """The account that rings where he works now."""
    with tenant_transaction(row.tenant_id):
        found = raw.one("SELECT voice_account(%s::int, %s::uuid)", (row.tenant_id, row.staff_id))
    return "" if found is None or found[0] is None else username_of(found[0])


def note(row: TakeRow) -> bool:
    """How far it is; False where it is over."""
    with tenant_transaction(row.tenant_id):
        changed = PromptTake.objects.filter(id=row.id, ended_at=None)
        if not changed.update(state=row.state, round=row.round):
            return False
        if row.state is TakeState.TOLD:
            OutboundCall.objects.filter(conversation_id=row.id, answered_at=None).update(answered_at=now())
        tell(row.id, row.staff_id, row.state)
    return True


def listen(row: TakeRow) -> Listened:
    """What was said, trimmed and levelled as an uploaded recording is, where the engine can play it."""
    try:
        sound = for_telephone(read_wav(file_of(row.file_name).read_bytes()))
        if sound.seconds < LEAST_SECONDS:
            return Listened(problem=Why.SILENT)
        write_file(_ready(row), wav(sound))
    except Unreadable:
        return Listened(problem=Why.SILENT)  # a file with nothing in it has no sound to be read
    except OSError as error:
        return Listened(problem=_problem(error))
    return Listened(f"{_ENGINE}{_ready(row).relative_to(prompts_folder()).with_suffix('')}", sound.seconds)


def keep(row: TakeRow) -> Why | None:
    """What he has just heard is the prompt from now on, in his name, if he still may. Once."""
    try:
        with tenant_transaction(row.tenant_id):
            take = PromptTake.objects.select_for_update().get(id=row.id)
            if take.ended_at is not None:
                return None if take.state == TakeState.KEPT else Why.WITHDRAWN
            staff = get_staff(row.staff_id)
            if not staff.is_active:
                return Why.NOT_ALLOWED
            actor = actor_of(staff, channel=CHANNEL)
            say_recording(actor, take.key, take.language, _ready(row).read_bytes())
            _close(take, TakeState.KEPT)
    except AppError:  # no such right, or no such prompt, any more
        return Why.NOT_ALLOWED
    except OSError as error:
        return _problem(error)
    forget(row)
    return None


def end(tenant_id: int, take_id: UUID, state: TakeState, why: Why) -> bool:
    """Over, unless it is already."""
    with tenant_transaction(tenant_id):
        take = PromptTake.objects.select_for_update().filter(id=take_id, ended_at=None).first()
        if take is None:
            return False
        _close(take, state, why)
    return True


def forget(row: TakeRow) -> None:
    """Nothing of it stays in the folders of the engine."""
    for folder in (file_of(row.file_name).parent, _ready(row).parent):
        for path in folder.glob(f"{LEGS}{row.id}-*.wav"):
            path.unlink(missing_ok=True)


def tell(take_id: UUID, staff_id: UUID, state: str) -> None:
    """His page."""
    events.emit(
        "prompt.take", subject=("take", take_id), staff_id=staff_id, audience="one",
        data={"take_id": take_id, "state": str(state)},
    )  # fmt: skip


def _close(take: PromptTake, state: TakeState, why: Why | None = None) -> None:
    moment = now()
    take.state, take.why, take.ended_at, take.number = state, str(why or ""), moment, ""
    take.save(update_fields=["state", "why", "ended_at", "number"])
    OutboundCall.objects.filter(conversation_id=take.id, ended_at=None).update(ended_at=moment)
    tell(take.id, take.staff_id, state)


def _read(tenant_id: int, take_id: UUID) -> TakeRow | None:
    with tenant_transaction(tenant_id):
        take = PromptTake.objects.filter(id=take_id, ended_at=None).first()
    if take is None:
        return None
    return TakeRow(
        take.id, tenant_id, take.staff_id, take.spoken, take.number, take.shown, take.longest, TakeState(take.state), take.round
    )  # fmt: skip


def _ready(row: TakeRow) -> Path:
    """What he hears: swept with all sentences of the moment, should we not come to it."""
    return prompts_folder() / "moment" / "take" / f"{row.file_name}.wav"


def _problem(error: OSError) -> Why:
    log.warning("take.file", error=error.errno)
    return Why.DISK_FULL if error.errno in _FULL else Why.NOT_WRITTEN


def _system(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return connection.execute(statement, values).fetchall()
