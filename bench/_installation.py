"""What every bench stands on: a home of its own with our tables in a PostgreSQL of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import environment


@contextmanager
def own_installation(kept: str = "", **settings: str) -> Iterator[Path]:
    """Inside, Django is set up on empty tables; afterwards all of it is gone. Gives the home. `settings` are the variables
    of the configuration without their prefix (`tls="false"`), set before anything reads it. `kept`: a folder that is the home and
    stays, with what is in it, for a bench that takes long to prepare."""
    home = environment.prepare()
    if kept:
        environment.clear(home)
        home = Path(kept)
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        os.environ["CALLCART_HOME"] = str(home)
    os.environ.update({f"CALLCART_{name.upper()}": value for name, value in settings.items()})
    from callcart.processes.postgres import server

    try:
        with server.running():
            import django

            django.setup()
            from callcart.core.database import migrate

            migrate(verbosity=0)
            yield home
    finally:
        if not kept:
            environment.clear(home)
