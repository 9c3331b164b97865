"""Where the servers that must not run as root live: whom they run as, and folders that user can reach.

As an ordinary user everything is under `home`. As root the servers run as `nobody`; when a parent of `home` is
closed to it (a clone under /root), their folders lie in /var/lib/callcart and `home` holds links to them.
Never changes the mode or the owner of a folder it did not make.
"""

from __future__ import annotations

import os
import pwd
import secrets
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcart.config import ConfigurationError, config

OUTSIDE = Path("/var/lib/callcart")
SOCKET_ROOM = 107  # bytes of sun_path without its closing zero


@dataclass(frozen=True)
class ServiceUser:
    """An unprivileged user and its group."""

    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        """Arguments that make `subprocess` start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_user() -> ServiceUser | None:
    """Whom PostgreSQL and Asterisk run as; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "daemon", "www-data"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(entry.pw_uid, entry.pw_gid)
    raise ConfigurationError("Callcart runs as root and finds no user `nobody` to run its servers as.")


def can_use(path: Path, user: ServiceUser | None) -> bool:
    """Whether the user reaches the folder or program and may read and enter (run) it. Tried, not computed."""
    arguments = user.popen() if user else {}
    test = ["/bin/sh", "-c", 'test -r "$0" && test -x "$0"', str(path)]
    return subprocess.run(test, cwd="/", check=False, **arguments).returncode == 0


def service_folder(name: str, *, mode: int = 0o755) -> Path:
    """The real path of `home/<name>`, made for the service user when there is none yet."""
    user = service_user()
    link = config().path(name)
    if link.is_symlink() and not link.exists():
        raise ConfigurationError(f"{link} points to {os.readlink(link)}, which is gone.")
    if not link.exists():
        if user is None or can_use(config().home, user):
            link.mkdir()
        else:
            _make_outside(link)
    folder = link.resolve()
    if user is not None:
        if not can_use(folder, user) and not can_use(folder.parent, user):
            folder = _move_outside(link)
        os.chown(folder, user.uid, user.gid)
    folder.chmod(mode)
    return folder


def _make_outside(link: Path) -> None:
    """A new folder with a name of its own: a `home` deleted and made again never meets its old data."""
    target = OUTSIDE / f"{link.name}-{secrets.token_hex(4)}"
    try:
        if not OUTSIDE.exists():
            OUTSIDE.mkdir(parents=True)
            OUTSIDE.chmod(0o755)
        target.mkdir()
    except OSError as error:
        raise ConfigurationError(
            f"Callcart runs as root, so its servers run as `nobody`, who cannot reach {link.parent}; "
            f"and {OUTSIDE} cannot be made ({error.strerror}). Set CALLCART_HOME to a folder open to all."
        ) from None
    link.symlink_to(target, target_is_directory=True)


def _move_outside(link: Path) -> Path:
    """`home/<name>` was made before (as a plain folder) where the service user cannot go."""
    if any(link.iterdir()):
        aside = link.with_name(f".{link.name}-{secrets.token_hex(4)}")
        link.rename(aside)
        _make_outside(link)
        subprocess.run(["cp", "-a", f"{aside}/.", str(link.resolve())], check=True)
        subprocess.run(["rm", "-rf", str(aside)], check=True)
    else:
        link.rmdir()
        _make_outside(link)
    return link.resolve()


def socket_folder(wanted: Path, name: str, user: ServiceUser | None) -> Path:
    """`wanted`, or a private folder in the temporary one when the path leaves no room for a socket called `name`.
    A file beside `wanted` remembers it: a socket left by a killed server is found again."""
    if len(os.fsencode(wanted / name)) <= SOCKET_ROOM:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    owner = user or ServiceUser(os.geteuid(), os.getegid())
    note = wanted.with_name(f"{wanted.name}-sockets")
    if note.exists():
        known = Path(note.read_text(encoding="utf-8").strip())
        if _is_private(known, owner.uid):
            return known
    parent = Path(tempfile.gettempdir())
    if len(os.fsencode(parent / "callcart-12345678" / name)) > SOCKET_ROOM:
        parent = Path("/tmp")  # noqa: S108  the folder made in it has a random name and mode 0700
    made = Path(tempfile.mkdtemp(prefix="callcart-", dir=parent))
    os.chown(made, owner.uid, owner.gid)
    note.write_text(f"{made}\n", encoding="utf-8")
    return made


def _is_private(path: Path, owner: int) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and stat.S_IMODE(status.st_mode) == 0o700


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment without what would steer PostgreSQL's programs (`PG*`) and the loader."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LD_"))}
    return {**kept, **(extra or {})}
