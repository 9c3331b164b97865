"""Secrets of this installation: made at first use, kept one to a file of mode 0600, never printed or logged.

Two processes that ask for the same new secret at once get the same value. Deleting a file makes a new
secret at the next start, which ends what the old one protected (sessions, passwords of the roles).
"""

from __future__ import annotations

import os
import re
import secrets as random_source
from contextlib import suppress
from functools import cache
from pathlib import Path

from callcart.config import config

_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}\Z")


@cache
def secret(name: str) -> str:
    """The secret called `name` (lower-case word): 256 random bits as 64 hex digits."""
    if not _NAME.match(name):
        raise ValueError(f"not a name for a secret: {name!r}")
    path = config().path("secrets", name)
    if not path.exists():
        create(path)
    return path.read_text(encoding="ascii").strip()


def create(path: Path) -> None:
    """Write the whole secret aside, then link it into place: the first process wins, no reader sees half a file."""
    path.parent.chmod(0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{random_source.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(random_source.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
