"""The autocommit pool: a connection the server has ended is replaced before anybody gets it."""

from __future__ import annotations

import psycopg
import pytest

from callcart.core.database import parameters, raw


def test_a_connection_ended_by_the_server_is_replaced(fresh_db: str) -> None:
    before = raw.autocommit_one("SELECT pg_backend_pid()")[0]
    with psycopg.connect(**parameters(), autocommit=True) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", (before,)).fetchone() == (True,)
    assert raw.autocommit_one("SELECT pg_backend_pid()")[0] != before


def test_each_statement_commits_by_itself_and_sees_no_tenant(fresh_db: str) -> None:
    raw.autocommit_one("SELECT set_config('callcart.tenant', '1', true)")
    assert raw.autocommit_one("SELECT count(*) FROM core_event")[0] == 0
    assert raw.autocommit_one("SELECT coalesce(current_setting('callcart.tenant', true), '')")[0] == ""


def test_a_statement_without_a_row_is_an_error(fresh_db: str) -> None:
    with pytest.raises(LookupError):
        raw.autocommit_one("SELECT 1 WHERE false")
