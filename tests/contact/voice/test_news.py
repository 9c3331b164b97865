"""The voice process reads the feed: what is about telephones, in order, over a connection that dies."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from callcart.contact.voice.inputs import OfferOver, Wish
from callcart.contact.voice.news import DialWanted, News, NewsReader, TakeWanted, TakeWithdrawn, news_of
from callcart.contact.voice.records import Offered
from callcart.contact.voice.states import Request
from callcart.core import events
from callcart.core.database import parameters
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

TALK, STAFF, OFFER = new_id(), new_id(), new_id()


@pytest.fixture
def heard(fresh_db: str) -> Iterator[queue.Queue[News]]:
    found: queue.Queue[News] = queue.Queue()
    reader = NewsReader(found.put)
    reader.start()
    yield found
    reader.stop()
    reader.join()


def tell(kind: str, **data: object) -> None:
    with tenant_transaction(Tenant.objects.get(slug="harbor").id):
        events.emit(kind, audience="process", data=data)


def event(kind: str, **data: str) -> events.Event:
    return events.Event(1, 7, datetime.now(UTC), kind, "", None, None, "one", data)


def test_offers_and_their_ends() -> None:
    names = {"conversation_id": str(TALK), "staff_id": str(STAFF), "offer_id": str(OFFER)}
    assert news_of(event("offer.made", **names)) == Offered(7, TALK, STAFF, OFFER)
    assert news_of(event("offer.ended", **names, state="timed_out")) == OfferOver(TALK, OFFER, "timed_out")
    assert news_of(event("order.placed")) is None


def test_prompts_that_somebody_wants_to_speak() -> None:
    assert news_of(event("take.wanted", take_id=str(TALK))) == TakeWanted(TALK)
    assert news_of(event("take.withdrawn", take_id=str(TALK))) == TakeWithdrawn(TALK)
    assert news_of(event("call.dial", conversation_id=str(TALK))) == DialWanted(TALK)


def test_what_is_committed_is_heard_in_order(heard: queue.Queue[News]) -> None:
    tell("order.placed", order_id=TALK)
    for request in (Request.HOLD, Request.UNHOLD, Request.HANG_UP):
        tell("call.request", conversation_id=TALK, request=str(request))
    found = [heard.get(timeout=20) for _each in range(3)]
    assert found == [Wish(TALK, Request.HOLD), Wish(TALK, Request.UNHOLD), Wish(TALK, Request.HANG_UP)]
    assert heard.empty()


def test_what_cannot_be_read_is_passed_over(heard: queue.Queue[News]) -> None:
    tell("call.request", conversation_id="nonsense", request="hold")
    tell("call.request", request="hold")
    tell("call.request", conversation_id=TALK, request="dance")
    tell("call.request", conversation_id=TALK, request="hold")
    assert heard.get(timeout=20) == Wish(TALK, Request.HOLD)
    assert heard.empty()


def test_nothing_is_missed_while_the_database_is_away(heard: queue.Queue[News]) -> None:
    other = UUID(int=5)
    with psycopg.connect(**parameters("system"), autocommit=True) as same_role:
        same_role.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
    tell("call.request", conversation_id=other, request="hold")
    assert heard.get(timeout=20) == Wish(other, Request.HOLD)
    assert heard.empty()
