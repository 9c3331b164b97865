"""What is said to a person whose command found no database, or one without our tables: what to do, instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from callcart.config import config

_TABLES = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)


def advice(error: BaseException) -> str | None:
    """What to do about it; None where it is something else."""
    for each in _chain(error):
        if isinstance(each, _TABLES):
            return "The database does not have all of its tables: run `callcart setup` first."
        if isinstance(each, psycopg.OperationalError) and _is_away(each):
            return _about_the_server(each)
    return None


def _is_away(error: psycopg.OperationalError) -> bool:
    """No connection came about, or the server is going or coming."""
    return error.sqlstate is None or error.sqlstate[:2] == "08" or error.sqlstate[:3] == "57P"


def _about_the_server(error: psycopg.OperationalError) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    if config().database_url:
        return f"The database of CALLCART_DATABASE_URL does not answer ({reason})."
    return (
        f"The database of {config().home} is not running ({reason}): start Callcart with `callcart up`, "
        "or the database alone with `callcart postgres`."
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
