"""`python -m tests.web.live.process DATABASE`: the live process as it is, on a test's database."""

from __future__ import annotations

import sys

import django
from django.db import connections


def main(database: str) -> None:
    django.setup()
    for alias in ("default", "owner", "system"):
        connections[alias].settings_dict["NAME"] = database
    from callcart.processes import live

    live.serve()


if __name__ == "__main__":
    main(sys.argv[1])
