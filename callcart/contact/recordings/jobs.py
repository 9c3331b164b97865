"""Work on kept files: seal what lies there in the clear or under a key of before, and delete what no row names."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

import psycopg
import structlog

from callcart.config import config
from callcart.contact.conversations.models import Recording
from callcart.contact.conversations.states import RecordingState
from callcart.contact.recordings import audio, keys, trouble
from callcart.contact.recordings.models import Sound
from callcart.core import files, jobs
from callcart.core.database import parameters
from callcart.core.errors import AppError
from callcart.core.tenancy import current_tenant, tenant_transaction

log = structlog.get_logger(__name__)

PORTION = 50
ORPHAN_SECONDS = 86_400
LEFT_SECONDS = 86_400


@jobs.periodic(cron="23 * * * *")
def look_after_files() -> None:
    """Every hour, for each shop: seal what is not, delete what nobody names in one of 256 parts of its files."""
    part = f"{int(time.time() // 3600) % 256:02x}"
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        shops = [int(row[0]) for row in connection.execute("SELECT id FROM tenants_tenant ORDER BY id")]
    for tenant_id in shops:
        with tenant_transaction(tenant_id):
            jobs.defer(seal_rest)
            jobs.defer(remove_orphans, part=part)


@jobs.job(queue="recordings", retry=3, atomic=False)
def seal_rest(*, after: str = "") -> None:
    """Seal a portion of what is not sealed with the key in use; where there is more, a job goes on. One that cannot be opened
    is left as it is and said."""
    with tenant_transaction(current_tenant()):
        rows = list(_to_seal(after))
        key = keys.in_use() if rows else None
    left, full = [], False
    for recording_id, file_key in rows:
        assert key is not None
        try:
            left.append(_seal_again(recording_id, file_key, key))
        except AppError as error:
            log.warning("recordings.not_sealed", recording=str(recording_id), code=error.code)
        except OSError as error:
            with tenant_transaction(current_tenant()):
                trouble.note(trouble.reason_of(error))
            full = True
            break
    with tenant_transaction(current_tenant()):
        if left and not full:
            trouble.over()
        if left:
            jobs.defer_in(LEFT_SECONDS, remove_left, file_keys=left)
        if len(rows) == PORTION and not full:
            jobs.defer(seal_rest, after=str(rows[-1][0]))


def _to_seal(after: str) -> list[tuple[UUID, str]]:
    in_use = keys.name_in_use()
    rows = Sound.objects.filter(deleted_at=None)
    rows = rows.exclude(sealed_with=in_use) if in_use else rows
    if after:
        rows = rows.filter(recording_id__gt=UUID(after))
    ids = list(rows.order_by("recording_id").values_list("recording_id", flat=True)[:PORTION])
    found = Recording.objects.filter(id__in=ids, state=RecordingState.READY)
    return list(found.order_by("id").values_list("id", "file_key"))


def _seal_again(recording_id: UUID, file_key: str, key: tuple[str, bytes]) -> str:
    """The new file first, then the row: killed anywhere, the row names a file that is there. What nobody needs any more."""
    with tenant_transaction(current_tenant()):
        fresh = audio.reseal(file_key, key=key)
        Sound.objects.select_for_update().filter(
            recording_id=recording_id
        ).first()  # locks as deletion does: this first
        changed = Recording.objects.filter(id=recording_id, file_key=file_key, state=RecordingState.READY)
        if not changed.update(file_key=fresh.file_key):
            return fresh.file_key  # deleted or sealed meanwhile
        Sound.objects.filter(recording_id=recording_id).update(sealed_with=key[0], size=fresh.size)
    return file_key


@jobs.job(queue="recordings", retry=3)
def remove_left(*, file_keys: list[str]) -> None:
    """Delete what was sealed again a day ago: a backup that had begun by then still found it."""
    remove_unnamed(file_keys)


@jobs.job(queue="recordings", retry=3)
def remove_orphans(*, part: str) -> None:
    """Delete files of a day ago and older that no row names: what a killed process left between file and row."""
    limit = time.time() - ORPHAN_SECONDS
    old = [key for key, written in files.keys_of(audio.KIND, part) if written < limit]
    for start in range(0, len(old), 500):
        remove_unnamed(old[start : start + 500])
    for draft in Path(config().home / "files" / str(current_tenant()) / audio.KIND).glob(".new-*"):
        if draft.stat().st_mtime < limit:
            draft.unlink(missing_ok=True)


def remove_unnamed(file_keys: list[str]) -> None:
    """Delete those of these files that no recording names. Two old recordings of the same content share one."""
    named = set(Recording.objects.filter(file_key__in=file_keys).values_list("file_key", flat=True))
    files.remove(key for key in file_keys if key not in named)
