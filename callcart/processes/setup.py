"""Everything between a fresh copy and a running system, each step safe to repeat and quick when nothing is to do:
texts compiled, certificate, Asterisk, tables, prompts, demo shops.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from callcart.config import config
from callcart.processes.place import service_folder
from callcart.processes.postgres import server


def set_up() -> None:
    """All steps in order, with a line for each. Raises ConfigurationError with what is in the way."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    with _step("texts"):
        _compile_texts()
    if config().tls:
        from callcart.processes.certificate import certificate_files

        with _step("certificate"):
            certificate_files()
    if config().telephony == "asterisk":
        _set_up_asterisk()
    with _step("PostgreSQL"):
        database = server.running()
        database.__enter__()
    try:
        _set_up_data()
    finally:
        database.__exit__(None, None, None)


def migrate() -> None:
    """Bring the database's tables up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    with server.running():
        _migrate()


def _set_up_data() -> None:
    with _step("tables"):
        _migrate()
    with _step("prompts"):
        _prompts()
    if config().demo:
        with _step("demo shops"):
            from callcart.demo.cli import demo

            demo.main(["seed"], standalone_mode=False, prog_name="callcart demo")


def _migrate() -> None:
    import django

    django.setup()
    from callcart.core.database import migrate as migrate_database

    migrate_database(verbosity=0)


def _prompts() -> None:
    """Speak the texts that have no recording yet, readable for Asterisk's user."""
    from callcart.contact.voice.speech.prompts import render_all

    folder = service_folder("prompts")
    render_all(folder)
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            path.chmod(0o755 if path.is_dir() else 0o644)


def _set_up_asterisk() -> None:
    from callcart.integrations.asterisk.install import AsteriskMissing
    from callcart.processes import asterisk

    with _step("Asterisk (at first a download of 19 MB)"):
        try:
            asterisk.find()
        except AsteriskMissing as error:
            # Without telephones everything else still works: said plainly, not a reason to stop.
            sys.stdout.write(f"{error}\n")


def _compile_texts() -> None:
    from callcart.core.messages import compile_catalogs

    with suppress(PermissionError):  # an installed package that is read-only brings its compiled texts
        compile_catalogs()


@contextmanager
def _step(name: str) -> Iterator[None]:
    sys.stdout.write(f"  {name} …\n")
    sys.stdout.flush()
    begun = time.monotonic()
    yield
    taken = time.monotonic() - begun
    if taken > 1.0:
        sys.stdout.write(f"  {name}: {taken:.0f} s\n")
        sys.stdout.flush()
