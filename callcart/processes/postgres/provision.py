"""Roles and database: the three roles of Callcart, on our own server or on one that is given by address.

Runs at every start and changes only what differs in effect; passwords go to the server hashed. On a given server it
says which privilege is missing in words and in SQL, and never asks for a superuser where less will do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from callcart.config import ConfigurationError
from callcart.core.dsn import DATABASE, ROLE_NAMES, Role, connection_parameters
from callcart.core.secrets import secret

OLDEST_SERVER = 150000
Connection = psycopg.Connection[Any]

# Milliseconds; the newest wins: transaction_timeout exists from PostgreSQL 17.
LIMITS: dict[Role, dict[str, str]] = {
    "app": {
        "idle_in_transaction_session_timeout": "5s",
        "statement_timeout": "5s",
        "transaction_timeout": "5s",
    },
    "system": {"idle_in_transaction_session_timeout": "15s", "transaction_timeout": "60s"},
}


def provision_own(superuser: Callable[[str], Connection]) -> None:
    """Owner, app and system roles and the database on our own server."""
    with superuser("postgres") as connection:
        for role in ROLE_NAMES:
            _create_role(connection, role)
        # The owner makes the databases of test runs.
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(ROLE_NAMES["owner"])))
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if exists is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(DATABASE), sql.Identifier(ROLE_NAMES["owner"])
            )
            connection.execute(statement)
    with superuser(DATABASE) as connection:
        _grant(connection, DATABASE, owner=ROLE_NAMES["owner"])


def provision_foreign() -> None:
    """The app and system roles on the server of CALLCART_DATABASE_URL; ConfigurationError names what is missing."""
    parameters = connection_parameters("owner")
    with _connect_foreign(parameters) as connection:
        _refuse_unfit(connection)
        for role in ("app", "system"):
            try:
                _create_role(connection, role)
            except psycopg.errors.InsufficientPrivilege as error:
                if not _role_opens(role):
                    raise ConfigurationError(_how_to_allow(connection, role, error)) from None
        _refuse_all_seeing(connection)
        try:
            _grant(connection, str(parameters["dbname"]), owner=str(parameters["user"]))
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(_how_to_allow(connection, "app", error)) from None


def wait_for_database(*, patience: float) -> None:
    """Until the app role can connect; ConfigurationError after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not _role_opens("app"):
        if time.monotonic() > deadline:
            raise ConfigurationError("The database did not answer in time.")
        time.sleep(0.2)


def _role_opens(role: Role) -> bool:
    try:
        psycopg.connect(**connection_parameters(role), connect_timeout=5).close()  # type: ignore[arg-type]
    except psycopg.OperationalError:
        return False
    return True


def _create_role(connection: Connection, role: Role) -> None:
    """The role, able to log in with our secret; row-level security holds for it."""
    name = ROLE_NAMES[role]
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    hashed = connection.pgconn.encrypt_password(
        secret(f"postgres_{role}").encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(hashed.decode()))
    )


def _grant(connection: Connection, database: str, *, owner: str) -> None:
    """Who may enter the database, and how long their transactions may last. Safe to repeat, quiet when done."""
    names = {"db": sql.Identifier(database), "owner": sql.Identifier(owner)}
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {db} FROM PUBLIC").format(**names))
    connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    connection.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {owner}").format(**names))
    for role, limits in LIMITS.items():
        known = {**names, "role": sql.Identifier(ROLE_NAMES[role])}
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {db} TO {role}").format(**known))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {role}").format(**known))
        for setting, value in limits.items():
            if setting == "transaction_timeout" and connection.info.server_version < 170000:
                continue
            connection.execute(
                sql.SQL("ALTER ROLE {role} IN DATABASE {db} SET {setting} = {value}").format(
                    **known, setting=sql.Identifier(setting), value=sql.Literal(value)
                )
            )


def _connect_foreign(parameters: dict[str, str | int]) -> Connection:
    try:
        return psycopg.connect(**parameters, autocommit=True, connect_timeout=10)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"CALLCART_DATABASE_URL cannot be reached: {str(error).strip()}") from None


def _refuse_unfit(connection: Connection) -> None:
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise ConfigurationError(
            f"CALLCART_DATABASE_URL is PostgreSQL {version // 10000}; Callcart needs {OLDEST_SERVER // 10000} or newer."
        )
    if connection.info.encoding != "utf-8" and connection.info.parameter_status("server_encoding") != "UTF8":
        raise ConfigurationError("The database of CALLCART_DATABASE_URL must have the encoding UTF8.")
    missing = [
        f"  GRANT {right} TO {connection.info.user};"
        for right, query in (
            (
                f'CREATE ON DATABASE "{connection.info.dbname}"',
                "has_database_privilege(current_database(), 'CREATE')",
            ),
            ("USAGE, CREATE ON SCHEMA public", "has_schema_privilege('public', 'CREATE')"),
        )
        if connection.execute(sql.SQL("SELECT " + query)).fetchone() != (True,)
    ]
    if missing:
        raise ConfigurationError("The user of CALLCART_DATABASE_URL lacks privileges:\n" + "\n".join(missing))


def _refuse_all_seeing(connection: Connection) -> None:
    """A role that row-level security does not hold for would show every tenant's rows to every tenant."""
    rows = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls)",
        [[ROLE_NAMES["app"], ROLE_NAMES["system"]]],
    ).fetchall()
    if rows:
        names = ", ".join(str(row[0]) for row in rows)
        raise ConfigurationError(
            f"{names} must not pass row-level security by. As a superuser: ALTER ROLE … NOSUPERUSER NOBYPASSRLS;"
        )


def _how_to_allow(connection: Connection, role: Role, error: psycopg.Error) -> str:
    name, user, database = ROLE_NAMES[role], connection.info.user, connection.info.dbname
    return (
        f"The user {user} of CALLCART_DATABASE_URL may not make or change the role {name} "
        f"({error.diag.message_primary}). A superuser can allow it:\n"
        f'  ALTER ROLE {user} CREATEROLE; ALTER DATABASE "{database}" OWNER TO {user};\n'
        f"and, where {name} was made by someone else: GRANT {name} TO {user} WITH ADMIN OPTION;"
    )
