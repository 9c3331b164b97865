"""A written conversation is late by the open hours of its queue, and a chat says when its own queue opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcart.contact.hours import public as hours
from callcart.contact.messaging import public as messaging
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.clock import frozen
from callcart.people.tenants.models import Tenant

FRIDAY = datetime(2026, 12, 4, 22, tzinfo=UTC)  # five in the afternoon in New York
WEEK: hours.Week = ((("09:00", "18:00"),),) * 5 + ((), ())


@pytest.mark.parametrize(
    ("after", "late"),
    [
        (timedelta(minutes=30), False), (timedelta(hours=24), False), (timedelta(days=2, hours=16), False),
        (timedelta(days=2, hours=23), True),
    ],
)  # fmt: skip
def test_a_mail_is_not_late_for_a_weekend(tenant: Tenant, after: timedelta, late: bool) -> None:
    boss = Actor.system(tenant.id, "test")
    queue = routing.add_queue(boss, "mail", name="Mail").id
    hours.set_queue_hours(boss, queue, week=WEEK)
    with frozen(FRIDAY + after):
        assert messaging.is_late("mail", FRIDAY, queue) is late
        assert messaging.is_late("mail", None, queue) is False
        assert messaging.is_late("mail", FRIDAY, None) is (after > timedelta(hours=4)), (
            "the shop is always open"
        )


def test_a_chat_says_when_its_queue_opens_and_takes_a_message(tenant: Tenant, client_for: object) -> None:
    boss = Actor.system(tenant.id, "test")
    queue = routing.add_queue(boss, "chat", name="Chat").id
    line = messaging.add_line(boss, "web", name="Chat", address="shop", queue_id=queue, values={})
    hours.set_queue_hours(boss, queue, week=WEEK)
    client = client_for()  # type: ignore[operator]
    with frozen(FRIDAY):
        assert "We are here." in client.get(f"/chat/{line.id}/").content.decode()
    with frozen(FRIDAY + timedelta(hours=2)):
        page = client.get(f"/chat/{line.id}/").content.decode()
    assert "closed just now and open again" in page and "2026-12-07T14:00" in page
