"""The installation's keys for data keys: the one in use in the file `secrets/files_key`, those before it (or of another
installation, whose backup was restored) in files `secrets/files_key_…`. Known by fingerprints, which say nothing of a key.

A key is never made anew in another's place: where one that is asked for is not here, that is said. Not in any backup.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from callcart.config import config
from callcart.core import secrets
from callcart.core.errors import AppError

NAME = "files_key"
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_known: dict[tuple[Path, str], bytes] = {}
_lock = threading.Lock()


class KeyMissing(AppError):
    """The key %(fingerprint)s, which opens this, is not on this machine. Put its file back into the folder “secrets”."""

    code = "files.key_missing"
    status = 503


@dataclass(frozen=True, slots=True)
class Key:
    """One of the installation's keys."""

    fingerprint: str
    value: bytes

    def __repr__(self) -> str:
        return f"Key({self.fingerprint})"


def current() -> Key:
    """The key that new data keys are wrapped with; made at first use."""
    path = _folder() / NAME
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        secrets.create(path)
    return _read(path)


def by_fingerprint(fingerprint: str) -> bytes:
    """A key of the ring. A file that was put there meanwhile is found. Raises KeyMissing."""
    place = (_folder(), fingerprint)
    if place not in _known:
        with _lock:
            _known.update({(_folder(), key.fingerprint): key.value for key in ring()})
    if place not in _known:
        raise KeyMissing(fingerprint=fingerprint)
    return _known[place]


def ring() -> list[Key]:
    """All keys here, the one in use first."""
    files = [
        _folder() / NAME,
        *sorted(path for path in _folder().glob(f"{NAME}_*") if not path.name.endswith("~")),
    ]
    found = {key.fingerprint: key for path in files if path.is_file() for key in _readable(path)}
    return list(found.values())


def turn() -> tuple[Key, Key]:
    """A new key takes the place of the one in use, which stays beside it: (before, now). Killed at any step, one of them is in
    use and none is lost."""
    before = current()
    kept = _folder() / f"{NAME}_{before.fingerprint}"
    if not kept.exists():
        os.link(_folder() / NAME, kept)
    draft = _folder() / f".{NAME}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as file:
        file.write(os.urandom(32).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, _folder() / NAME)
    return before, _read(_folder() / NAME)


def forget() -> None:
    """Read the files again; for tests, whose folder changes under the same name."""
    with _lock:
        _known.clear()


def _folder() -> Path:
    return config().home / "secrets"


def _readable(path: Path) -> list[Key]:
    try:
        return [_read(path)]
    except ValueError:
        return []  # somebody's note beside the keys


def _read(path: Path) -> Key:
    text = path.read_text(encoding="ascii").strip()
    if not _HEX.match(text):
        raise ValueError(f"{path} holds no key")
    value = bytes.fromhex(text)
    return Key(hashlib.sha256(b"callcart key fingerprint" + value).hexdigest()[:16], value)
