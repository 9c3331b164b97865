"""Finding: each filter by itself, together, page by page; each usual one goes by an index of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import LengthClass, Sound
from callcart.contact.recordings.queries import _narrowed
from callcart.core import clock
from callcart.core.database import raw
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import Make, person

AGENT, QUEUE, CUSTOMER, ABOUT = (UUID(int=at) for at in range(1, 5))


@pytest.mark.parametrize(
    ("wanted", "talk"),
    [
        ({"agent_id": AGENT}, {"agent_id": AGENT}),
        ({"queue_id": QUEUE}, {"queue_id": QUEUE}),
        ({"any_of": recordings.named(customers=[CUSTOMER])}, {"customer_id": CUSTOMER}),
        ({"any_of": recordings.named(caller="+12025550142")}, {"caller_e164": "+12025550142"}),
        ({"length_class": LengthClass.LONGER}, {"duration_ms": 1_800_000}),
        ({"direction": "outbound", "channel": "voice"}, {"direction": "outbound"}),
        ({"end": clock.now() - timedelta(days=5)}, {"started": clock.now() - timedelta(days=6)}),
    ],
)
def test_each_filter_finds_its_own(tenant: Tenant, make: Make, wanted: Any, talk: Any) -> None:
    make()
    row = make(**talk)
    found = recordings.find(person(tenant, listen=""), recordings.Wanted(**wanted))
    assert [each.recording_id for each in found] == [row.recording_id]


def test_nothing_named_finds_nothing(tenant: Tenant, make: Make) -> None:
    make()
    assert recordings.find(person(tenant, listen=""), recordings.Wanted(any_of=recordings.named())) == []


def test_deleted_ones_are_found_only_where_they_are_asked_for(tenant: Tenant, make: Make) -> None:
    row, sue = make(), person(tenant, listen="")
    Sound.objects.update(deleted_at=clock.now())
    assert recordings.find(sue, recordings.Wanted()) == []
    assert [each.recording_id for each in recordings.find(sue, recordings.Wanted(deleted=True))] == [
        row.recording_id
    ]


def test_ones_own_only(tenant: Tenant, make: Make) -> None:
    amy = person(tenant, listen="own")
    mine, _other = make(agent_id=amy.id), make(agent_id=uuid4())
    assert [row.recording_id for row in recordings.find(amy, recordings.Wanted())] == [mine.recording_id]


def test_pages_follow_each_other_without_gap_or_double(tenant: Tenant, make: Make) -> None:
    moment = clock.now()
    made = [
        make(started=moment - timedelta(hours=at // 3)) for at in range(8)
    ]  # three at a time began together
    sue, seen, after = person(tenant, listen=""), list[UUID](), None
    while page := recordings.find(sue, recordings.Wanted(), after=after, limit=3):
        seen += [row.recording_id for row in page]
        after = page[-1].started_at, page[-1].recording_id
    assert len(seen) == len(set(seen)) == len(made)


_MANY = """
INSERT INTO recordings_sound (recording_id, tenant_id, conversation_id, number, started_at, duration_ms, length_class, channels,
    peaks_left, peaks_right, channel, direction, agent_id, queue_id, customer_id, disposition_id, caller_e164, held, size,
    sealed_with, comments, deleted_rule)
SELECT gen_random_uuid(), %s, gen_random_uuid(), n::text, now() - n * interval '1 minute', 1000, n %% 50, 1, '', '',
       'voice', CASE WHEN n %% 40 = 0 THEN 'outbound' ELSE 'inbound' END,
       lpad(to_hex(n %% 40), 32, '0')::uuid, lpad(to_hex(n %% 41), 32, '0')::uuid, lpad(to_hex(n %% 900), 32, '0')::uuid,
       lpad(to_hex(n %% 42), 32, '0')::uuid, '+1202555' || (n %% 900), n %% 60 = 0, 1, 'k', CASE WHEN n %% 70 = 0 THEN 1 ELSE 0 END, ''
  FROM generate_series(1, 6000) AS n"""
_INDEXES: dict[str, dict[str, Any]] = {
    "recordings_by_time": {},
    "recordings_by_agent": {"agent_id": AGENT},
    "recordings_by_queue": {"queue_id": QUEUE},
    "recordings_by_disposition": {"disposition_id": ABOUT},
    "recordings_by_length": {"length_class": 4},
    "recordings_by_channel": {"channel": "voice", "direction": "outbound"},
    "recordings_commented": {"commented": True},
    "recordings_on_hold": {"on_hold": True},
    "recordings_by_customer": {"any_of": recordings.named(customers=[CUSTOMER])},
    "recordings_by_number": {"any_of": recordings.named(caller="+12025557")},
}


def test_each_usual_filter_has_its_index(tenant: Tenant) -> None:
    raw.run(_MANY, (tenant.id,))
    raw.run("SET LOCAL enable_seqscan = off")
    raw.run(
        "SET LOCAL enable_sort = off"
    )  # nobody has counted the rows yet: it would sort what an index has in order
    used = {}
    for index, wanted in _INDEXES.items():
        rows = _narrowed(Sound.objects.all(), recordings.Wanted(**wanted)).order_by(
            "-started_at", "-recording_id"
        )
        used[index] = index in rows[:50].explain()
    assert used == dict.fromkeys(_INDEXES, True)
