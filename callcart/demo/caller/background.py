"""A demo call started from the desk: a process of its own that ends by itself, a few at a time.

A place among the few is a locked file that the call's process holds: it is free again when that process is gone, whatever
ended it, and whatever happens to the process that started it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading

from callcart.config import config
from callcart.core.errors import TooMany
from callcart.people.tenants.public import get_tenant

PLACES = 4
SECONDS = 180


class TooManyCallers(TooMany):
    """Enough demo callers are on the phone already. Hang up with one of them first."""

    code = "demo.too_many_callers"


def start_in_background(tenant_id: int, key: str) -> None:
    """Have a demo caller call a shop. Raises TooManyCallers, NotFound."""
    slug = get_tenant(tenant_id).slug
    held = _take_place()
    try:
        command = (sys.executable, "-m", "callcart.cli", "demo", "call")
        process = subprocess.Popen(
            [*command, "--tenant", slug, "--as", key, "--seconds", str(SECONDS)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[held],
        )
    finally:
        os.close(held)  # the call's process holds it now
    threading.Thread(target=process.wait, name="demo-call", daemon=True).start()


def _take_place() -> int:
    """The descriptor of a locked file. Raises TooManyCallers."""
    for place in range(PLACES):
        held = os.open(config().path("run", f"demo-call-{place}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
        else:
            return held
    raise TooManyCallers
