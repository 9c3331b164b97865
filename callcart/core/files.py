"""Files of a tenant (recordings, pictures, exports, prompts), under the installation's folder, named by content.

A key is safe to keep in a row and to put in a log; it never comes from a user. Writing is all or nothing.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from callcart.config import config
from callcart.core.errors import NotFound
from callcart.core.tenancy import current_tenant

_KEY = re.compile(r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z0-9]{1,8})?")
_KIND = re.compile(r"[a-z]+")


def put(source: bytes | Path, *, kind: str, suffix: str = "") -> str:
    """Keep a file and return its key. `kind` is a lower-case word, `suffix` like `.wav`."""
    if not _KIND.fullmatch(kind) or not re.fullmatch(r"(\.[a-z0-9]{1,8})?", suffix):
        raise ValueError(f"not a kind and suffix of a file: {kind!r} {suffix!r}")
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
        key = f"{kind}/{digest[:2]}/{digest}{suffix}"
        _write(key, data)
    return key


def put_written(write: Callable[[BinaryIO], None], *, kind: str, suffix: str = "") -> str:
    """Keep a file as `write` writes it, in constant memory, and return its key. Whatever goes wrong, nothing stays behind."""
    if not _KIND.fullmatch(kind) or not re.fullmatch(r"(\.[a-z0-9]{1,8})?", suffix):
        raise ValueError(f"not a kind and suffix of a file: {kind!r} {suffix!r}")
    folder = _root() / kind
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "w+b") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
        key = f"{kind}/{digest[:2]}/{digest}{suffix}"
        (_root() / key).parent.mkdir(exist_ok=True)
        os.replace(temporary, _root() / key)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
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
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    data.seek(0)
    with os.fdopen(handle, "wb") as out:
        shutil.copyfileobj(data, out, 1024 * 1024)  # never a large file in memory
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, target)


def path(key: str) -> Path:
    """Where a kept file lies; NotFound for a key of nobody's or of another tenant."""
    if not _KEY.fullmatch(key):
        raise NotFound
    found = _root() / key
    if not found.is_file():
        raise NotFound
    return found


def _root() -> Path:
    return config().home / "files" / str(current_tenant())
