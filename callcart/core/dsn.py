"""Where the database is: connection parameters for each of our three roles.

`owner` owns the tables and runs migrations; `app` serves people, row-level security holds for it; `system`
reads across tenants and is for the few processes that must. Never opens a connection, never starts a server.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Literal

from callcart.config import ConfigurationError, config
from callcart.core.secrets import secret

Role = Literal["owner", "app", "system"]
Parameters = dict[str, str | int]

DATABASE = "callcart"
ROLE_NAMES: dict[Role, str] = {"owner": "callcart_owner", "app": "callcart_app", "system": "callcart_system"}


def connection_parameters(role: Role) -> Parameters:
    """host (name, address or socket folder), port, user, password, dbname; for a server of one's own also
    what its address says besides (sslmode …). Forgets the `PG*` variables: libpq would mix them into every connection."""
    forget_foreign_variables()
    if config().database_url:
        return _foreign(role)
    return {
        **_own_address(),
        "user": ROLE_NAMES[role],
        "password": secret(f"postgres_{role}"),
        "dbname": DATABASE,
    }


def forget_foreign_variables() -> None:
    """Remove `PG*` from this process's environment."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def own_server_file() -> Path:
    """Written by the supervisor while our own server runs: `{"host": socket folder, "port": …}`."""
    return config().path("run", "postgres.json")


def _own_address() -> Parameters:
    port = config().postgres_port
    try:
        place = json.loads(own_server_file().read_text(encoding="utf-8"))
        socket = Path(place["host"], f".s.PGSQL.{place['port']}")
        if place["port"] == port and socket.is_socket():
            return {"host": str(place["host"]), "port": port}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not started yet, or not ours to read: loopback answers as soon as it runs
    return {"host": "127.0.0.1", "port": port}


def _foreign(role: Role) -> Parameters:
    parameters = dict(_parsed_url(config().database_url))
    if role != "owner":
        parameters["user"] = ROLE_NAMES[role]
        parameters["password"] = secret(f"postgres_{role}")
    return parameters


@cache
def _parsed_url(url: str) -> Parameters:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parsed = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ConfigurationError(f"CALLCART_DATABASE_URL cannot be read: {error}") from None
    if not parsed.get("dbname") or not parsed.get("user"):
        raise ConfigurationError(
            "CALLCART_DATABASE_URL must name a database and its owner: postgresql://owner:…@host/db"
        )
    known = {key: value for key, value in parsed.items() if isinstance(value, str | int)}
    return {"host": "127.0.0.1", "password": "", **known, "port": int(known.get("port", 5432))}
