"""Every committed event once, none of a rollback, whatever the order of commits; the database's absence is survived."""

from __future__ import annotations

import http.client
import random
import threading
import time

import psycopg
import pytest

from callcart.core import feed
from callcart.core.database import parameters
from callcart.web.live import reader as reading
from callcart.web.live.listeners import MOST_MESSAGES

EMIT = "INSERT INTO core_event (tenant_id, kind, audience, data) VALUES (%s, %s, 'staff', '{}') RETURNING id"
WRITERS = 6
ROUNDS = 60


def test_interleaved_commits_are_heard_in_the_order_of_commit(harbor, open_page):
    page = open_page(harbor, harbor.session(harbor.person("amy")))
    with psycopg.connect(**parameters("system")) as one, psycopg.connect(**parameters("system")) as two:
        (first,) = one.execute(EMIT, (harbor.tenant_id, "slow")).fetchone()
        (second,) = two.execute(EMIT, (harbor.tenant_id, "quick")).fetchone()
        two.commit()
        page.hears("quick")
        assert page.ids == [second]
        one.commit()
        page.hears("slow")
    harbor.emit("the.end")
    page.hears("the.end")
    assert page.ids[:2] == [second, first] and first < second
    assert len(page.ids) == 3, "nothing twice"


def write(tenant_id: int, seed: int, committed: list[int]) -> None:
    dice = random.Random(seed)
    with psycopg.connect(**parameters("system")) as connection:
        for _round in range(ROUNDS):
            ids = []
            for _each in range(dice.randint(1, 3)):
                ids.append(connection.execute(EMIT, (tenant_id, "made")).fetchone()[0])
                if dice.random() < 0.5:
                    time.sleep(dice.random() * 0.02)
            if dice.random() < 0.15:
                connection.rollback()
            else:
                connection.commit()
                committed += ids


def test_six_writers_and_a_reader_agree(harbor, open_page):
    """One page listens all the time, another leaves and comes back by its token again and again."""
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    lists: list[list[int]] = [[] for _each in range(WRITERS)]
    writers = [threading.Thread(target=write, args=(harbor.tenant_id, n, lists[n])) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    coming_and_going: list[int] = []
    guest = open_page(harbor, session, token=page.messages[0].id)
    visits = 0
    while any(writer.is_alive() for writer in writers):
        time.sleep(0.03)
        guest.close()
        coming_and_going += guest.ids
        guest = open_page(harbor, session, token=guest.token)
        visits += 1
    for writer in writers:
        writer.join()
    end = harbor.emit("the.end")
    page.hears("the.end"), guest.hears("the.end")
    coming_and_going += guest.ids
    committed = sorted([each for one in lists for each in one] + [end])
    assert visits > 3
    assert len(committed) > WRITERS * ROUNDS / 2
    assert sorted(page.ids) == committed
    assert sorted(coming_and_going) == committed
    for one in lists:
        heard = [each for each in page.ids if each in set(one)]
        assert heard == one, "each writer's own events in their order"


def test_looks_of_core_skip_nothing_and_stop_at_their_limit(harbor):
    with psycopg.connect(**parameters("system"), autocommit=True) as system:
        token = feed.present_token(system)
        ids = [harbor.emit("made") for _each in range(5)]
        step = feed.read_since(system, token, most=5)
        assert [event.id for event in step.events] == ids
        assert feed.read_since(system, step.token).events == ()
        with pytest.raises(feed.TooFarBehind):
            feed.read_since(system, token, most=4)


def test_a_reader_that_is_too_far_behind_tells_everybody_to_read_anew(harbor, server, open_page, monkeypatch):
    page = open_page(harbor, harbor.session(harbor.person("amy")))
    monkeypatch.setattr(reading, "MOST_AT_ONCE", 2)
    with psycopg.connect(**parameters("system")) as connection:
        for _each in range(3):
            connection.execute(EMIT, (harbor.tenant_id, "many"))
        connection.commit()
    page.wait(lambda: "reset" in page.names(), "reset")
    harbor.emit("the.end")
    page.hears("the.end")
    assert page.kinds == ["the.end"]


def test_the_reader_survives_its_connection(fresh_db, harbor, server, open_page):
    page = open_page(harbor, harbor.session(harbor.person("amy")))
    for n in range(3):
        assert end_connections(fresh_db) >= 1
        harbor.emit(f"made.{n}")
        page.hears(f"made.{n}")
    assert not page.ended
    assert page.kinds == ["made.0", "made.1", "made.2"]


def test_a_database_that_is_away_for_a_while(fresh_db, harbor, server, open_page):
    """Pages stay, and hear afterwards what happened; a page that comes meanwhile is told to try again."""
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    assert ready(server) == 200
    admit = f'ALTER DATABASE "{fresh_db}" ALLOW_CONNECTIONS '
    with psycopg.connect(**{**parameters("owner"), "dbname": "callcart"}, autocommit=True) as owner:
        owner.execute(admit + "false")
        try:
            end_connections(fresh_db)
            made = [harbor.emit(f"made.{n}") for n in range(3)]
            assert page.kinds == []
        finally:
            owner.execute(admit + "true")
    page.hears("made.2")
    assert page.ids == made
    assert not page.ended
    assert ready(server) == 200


def ready(server) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/readyz")
    status = connection.getresponse().status
    connection.close()
    return status


_EVERY_CONNECTION = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE application_name = 'callcart-live' AND datname = %s"
)


def end_connections(database: str) -> int:
    """As a stopping server does; from another database, which stays."""
    with psycopg.connect(**{**parameters("system"), "dbname": "callcart"}, autocommit=True) as system:
        row = system.execute(_EVERY_CONNECTION, (database,)).fetchone()
    return int(row[0])


def test_a_token_of_another_cluster_begins_anew(harbor, server, open_page):
    page = open_page(harbor, harbor.session(harbor.person("amy")))
    reader = server.live.reader

    def restored() -> None:
        reader.token = "900000000:900000000:"
        reader._connection.close()

    server.loop.call_soon_threadsafe(restored)
    page.wait(lambda: "reset" in page.names(), "reset")
    harbor.emit("the.end")
    page.hears("the.end")


def test_a_page_that_does_not_read_is_dropped_and_holds_up_nobody(harbor, server, open_page):
    import socket

    from tests.web.live.page import Page, origin

    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", server.port))
    slow.sendall(
        f"GET /feed HTTP/1.1\r\nHost: harbor.localhost:{server.port}\r\nOrigin: {origin()}\r\n"
        f"Cookie: staff={session}\r\n\r\n".encode()
    )
    page.wait(lambda: len(server.live.guests.listeners()) == 2, "the slow one is in")
    count = 0
    while len(server.live.guests.listeners()) == 2:
        harbor.emit("large", text="x" * 60_000)
        count += 1
        page.wait(lambda: len(page.events) >= count, "the other hears it at once")  # noqa: B023
        assert count < 50 * MOST_MESSAGES
    assert len(server.live.guests.listeners()) == 1
    assert page.ids == sorted(page.ids) and len(page.ids) == count
    harbor.emit("the.end")
    page.hears("the.end")

    slow.settimeout(20)
    told = b""
    while piece := slow.recv(1 << 20):  # what it was sent before; then the connection ends
        told += piece
    slow.close()
    token = [line[4:] for line in told.decode().split("\n") if line.startswith("id: ")][-1]
    again = Page.open(server.port, session, token=token)
    again.hears("the.end")
    told_ids = told.count(b'"kind":"large"')
    assert len([kind for kind in again.kinds if kind == "large"]) + told_ids >= count, "nothing is lost"
    again.close()


def test_a_quiet_page_is_pinged_and_its_token_moves_on(harbor, qinghe, open_page, monkeypatch):
    monkeypatch.setattr(reading, "PING_SECONDS", 0.1)
    page = open_page(harbor, harbor.session(harbor.person("amy")))
    before = page.token
    qinghe.emit("elsewhere")
    page.wait(lambda: page.token != before and page.names()[-1] == "ping", "a ping with a new token")


def test_stopping_tells_pages_to_come_back(harbor, server, open_page):
    page = open_page(harbor, harbor.session(harbor.person("amy")))
    server.stop()
    page.ends()
    assert page.names()[-1] == "restart"
