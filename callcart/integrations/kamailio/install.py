"""Finds a Kamailio 5.4 or newer on the machine, or unpacks its own system's into a folder of ours. `KamailioMissing` says what to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("install.sh")
OLDEST = (5, 4)


class KamailioMissing(Exception):
    """No usable Kamailio, and none could be installed."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"There is no Kamailio: {why.rstrip('.')}. Install {OLDEST[0]}.{OLDEST[1]} or newer (apt-get install kamailio) and start again."
        )


def find_or_install(prefix: Path, cache: Path) -> Path:
    """The program to run. `prefix` is a folder of ours, `cache` keeps the downloaded packages. Raises KamailioMissing."""
    known = shutil.which("kamailio", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    for program in (Path(known) if known else None, prefix / "kamailio"):
        if program is not None and _is_new_enough(program):
            return program
    answer = subprocess.run(
        ["bash", str(SCRIPT), str(prefix), str(cache)], text=True, capture_output=True, check=False
    )
    if answer.returncode != 0 or not _is_new_enough(prefix / "kamailio"):
        last = [line for line in answer.stderr.splitlines() if line.strip()][-1:]
        raise KamailioMissing(last[0].removeprefix("kamailio: ") if last else "the installer failed")
    return prefix / "kamailio"


def _is_new_enough(program: Path) -> bool:
    try:
        answer = subprocess.run([str(program), "-v"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    found = re.search(r"kamailio (\d+)\.(\d+)", answer.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST
