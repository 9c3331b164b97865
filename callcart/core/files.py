"""Files of a tenant (recordings, pictures, exports, prompts), under the installation's folder, named by content.

A key is safe to keep in a row and to put in a log; it never comes from a user. Writing is all or nothing: a disk that takes
nothing is NoRoom, in words for whoever wanted to keep something, and leaves nothing half-written behind.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import structlog
from prometheus_client import Counter

from callcart.config import config
from callcart.core.errors import NotFound, Unavailable
from callcart.core.tenancy import current_tenant

log = structlog.get_logger(__name__)
_not_kept = Counter("callcart_files_not_kept_total", "Files the disk did not take, by kind", ["kind"])
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES})
_KEY = re.compile(r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z0-9]{1,8})?")
_KIND = re.compile(r"[a-z]+")


class NoRoom(Unavailable, OSError):
    """The disk of this installation takes nothing just now, so the file was not kept. Try again later."""

    code = "files.no_room"


def put(source: bytes | Path, *, kind: str, suffix: str = "") -> str:
    """Keep a file and return its key. `kind` is a lower-case word, `suffix` like `.wav`. Raises NoRoom."""
    if not _KIND.fullmatch(kind) or not re.fullmatch(r"(\.[a-z0-9]{1,8})?", suffix):
        raise ValueError(f"not a kind and suffix of a file: {kind!r} {suffix!r}")
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
        key = f"{kind}/{digest[:2]}/{digest}{suffix}"
        _write(key, data)
    return key


def put_written(write: Callable[[BinaryIO], None], *, kind: str, suffix: str = "") -> str:
    """Keep a file as `write` writes it, in constant memory, and return its key. Whatever goes wrong, nothing stays behind. Raises
    OSError where the disk takes nothing."""
    if not _KIND.fullmatch(kind) or not re.fullmatch(r"(\.[a-z0-9]{1,8})?", suffix):
        raise ValueError(f"not a kind and suffix of a file: {kind!r} {suffix!r}")
    with _drafted(_root() / kind) as (draft, out):
        write(out)
        out.flush()
        os.fsync(out.fileno())
        out.seek(0)
        digest = hashlib.file_digest(out, "sha256").hexdigest()
        key = f"{kind}/{digest[:2]}/{digest}{suffix}"
        (_root() / key).parent.mkdir(exist_ok=True)
        os.replace(draft, _root() / key)
    return key


def remove(keys: Iterable[str]) -> None:
    """Delete kept files, those that are gone already too. Only of rows that no longer name them, after the commit."""
    for key in keys:
        if _KEY.fullmatch(key):
            (_root() / key).unlink(missing_ok=True)


def keys_of(kind: str, portion: str) -> list[tuple[str, float]]:
    """Kept files of a kind whose names begin with two hex digits, with when each was written (seconds of the epoch)."""
    folder = _root() / kind / portion
    found = []
    for file in folder.iterdir() if folder.is_dir() else ():
        if _KEY.fullmatch(key := f"{kind}/{portion}/{file.name}"):
            try:
                found.append((key, file.stat().st_mtime))
            except FileNotFoundError:
                continue  # deleted meanwhile
    return found


def put_beside(key: str, source: bytes, *, kind: str, suffix: str) -> str:
    """Keep another form of a kept file under the same name in a kind of its own, so that one key leads to all of them."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of a file: {key!r}")
    beside = f"{kind}{key.removeprefix(key.partition('/')[0]).partition('.')[0]}{suffix}"
    if not _KEY.fullmatch(beside):
        raise ValueError(f"not a kind and suffix of a file: {kind!r} {suffix!r}")
    _write(beside, io.BytesIO(source))
    return beside


def _write(key: str, data: BinaryIO) -> None:
    target = _root() / key
    if target.exists():
        return
    data.seek(0)
    try:
        with _drafted(target.parent) as (draft, out):
            shutil.copyfileobj(data, out, 1024 * 1024)  # never a large file in memory
            out.flush()
            os.fsync(out.fileno())
            os.replace(draft, target)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _no_room(key.partition("/")[0], error.errno) from error


@contextmanager
def _drafted(folder: Path) -> Iterator[tuple[Path, io.BufferedRandom]]:
    """A file to be written, in the folder where it is to be. Whatever goes wrong, nothing of it stays."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "w+b") as out:
            yield Path(name), out
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _no_room(kind: str, number: int | None) -> NoRoom:
    _not_kept.labels(kind).inc()
    log.error("files.no_room", kind=kind, reason=errno.errorcode.get(number or 0, ""))
    refused = NoRoom()
    refused.errno = number
    return refused


def path(key: str) -> Path:
    """Where a kept file lies; NotFound for a key of nobody's or of another tenant."""
    if not _KEY.fullmatch(key):
        raise NotFound
    found = _root() / key
    if not found.is_file():
        raise NotFound
    return found


def is_there(key: str) -> bool:
    """Whether a kept file is where it should be."""
    return bool(_KEY.fullmatch(key)) and (_root() / key).is_file()


def _root() -> Path:
    return config().home / "files" / str(current_tenant())
