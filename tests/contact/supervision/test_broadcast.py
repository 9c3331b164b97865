"""Words to many: shown to each until read, and it is known who has."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.contact.supervision.models import Broadcast
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.people.staff.models import Staff
from callcart.people.tenants.models import Tenant
from tests.contact.supervision.people import boss_of, team_of


class Room:
    """Two agents of team One who serve sales, one of team Two who serves returns; a supervisor of team One who is no agent."""

    def __init__(self, tenant: Tenant) -> None:
        system = Actor.system(tenant.id)
        self.tenant = tenant
        self.boss, self.amy, self.ben = team_of("boss", "amy", "ben", team="One")
        (self.cora,) = team_of("cora", team="Two")
        self.queues = {code: routing.add_queue(system, code, name=code).id for code in ("sales", "returns")}
        for code, people in (("sales", (self.amy, self.ben)), ("returns", (self.cora,))):
            profile = routing.save_profile(system, code, name=code, queues={self.queues[code]: 1})
            for each in people:
                routing.set_agent_profile(system, each, profile_id=profile.id)

    def reader(self, staff_id: UUID) -> Actor:
        return Actor(self.tenant.id, ActorKind.STAFF, staff_id, name="reader")

    def told(self, text: str = "The power goes at five.", *, scope: str = "", **to: object) -> set[UUID]:
        made = supervision.send(boss_of(self.tenant.id, self.boss, scope=scope), text, **to)  # type: ignore[arg-type]
        return set(made.receipts.values_list("staff_id", flat=True))


@pytest.fixture
def room(tenant: Tenant) -> Room:
    return Room(tenant)


def test_to_all_to_a_team_and_to_who_serves_a_queue(room: Room) -> None:
    team = Staff.objects.get(id=room.amy).team_id
    assert room.told() == {room.amy, room.ben, room.cora}
    assert room.told(audience="team", target_id=team) == {room.amy, room.ben}  # not to oneself
    assert room.told(audience="queue", target_id=room.queues["returns"]) == {room.cora}
    assert room.told(scope="team") == {room.amy, room.ben}


def test_it_is_shown_until_read_and_who_has_read_it_is_known(room: Room) -> None:
    room.told("  The power goes at five.\r\nSave your work. ")
    boss, amy = boss_of(room.tenant.id, room.boss), room.reader(room.amy)
    (shown,) = supervision.unread(amy)
    assert (shown.text, shown.made_by) == ("The power goes at five.\nSave your work.", room.boss)
    supervision.mark_read(amy, shown.id)
    supervision.mark_read(amy, shown.id)
    assert supervision.unread(amy) == [] and len(supervision.unread(room.reader(room.ben))) == 1
    (kept,) = supervision.sent(boss)
    assert supervision.sent_message(boss, shown.id) == kept
    assert (kept.told, kept.read, kept.withdrawn) == (3, 1, False)
    read = {who: at is not None for who, at in supervision.readers(boss, shown.id)}
    assert read == {room.amy: True, room.ben: False, room.cora: False}
    events = Event.objects.filter(kind__startswith="broadcast.").order_by("id")
    made = {each.staff_id for each in events if each.kind == "broadcast.made"}
    assert made == {room.amy, room.ben, room.cora}
    assert [each.staff_id for each in events if each.kind == "broadcast.read"] == [room.boss]
    assert all(each.audience == "one" for each in events)


def test_withdrawn_it_is_shown_no_longer(room: Room) -> None:
    room.told()
    boss, amy = boss_of(room.tenant.id, room.boss), room.reader(room.amy)
    (shown,) = supervision.unread(amy)
    supervision.withdraw(boss, shown.id)
    assert supervision.unread(amy) == [] and supervision.sent(boss)[0].withdrawn
    with pytest.raises(NotFound):
        supervision.withdraw(boss, shown.id)


def test_what_cannot_be_is_refused_and_nobody_is_told(room: Room) -> None:
    boss = boss_of(room.tenant.id, room.boss)
    for text, to, field in (
        ("", {}, "text"),
        ("x" * 501, {}, "text"),
        ("Hello", {"audience": "everybody"}, "to"),
        ("Hello", {"audience": "team", "target_id": new_id()}, "to"),
        ("Hello", {"audience": "queue"}, "to"),
    ):
        with pytest.raises(Invalid) as refused:
            supervision.send(boss, text, **to)  # type: ignore[arg-type]
        assert set(refused.value.fields) == {field}
    with pytest.raises(PermissionDenied):
        supervision.send(room.reader(room.amy), "Hello")
    assert not Broadcast.objects.exists() and not Event.objects.filter(kind="broadcast.made").exists()


def test_a_supervisor_of_a_team_sees_what_was_said_to_it_and_nobody_reads_anothers_mail(room: Room) -> None:
    room.told()
    (shown,) = supervision.unread(room.reader(room.amy))
    other = boss_of(room.tenant.id, room.cora, scope="team")
    assert supervision.sent(other) == []
    for forbidden in (supervision.sent_message, supervision.readers, supervision.withdraw):
        with pytest.raises(NotFound):
            forbidden(other, shown.id)
    with pytest.raises(NotFound):
        supervision.mark_read(room.reader(room.boss), shown.id)


def test_the_receipts_of_a_page_are_counted_at_one_look(room: Room) -> None:
    boss = boss_of(room.tenant.id, room.boss)
    for _again in range(3):
        room.told()
    Broadcast.objects.create(text="To nobody.", audience="all", made_by=room.boss)
    with CaptureQueriesContext(connection) as asked:
        found = supervision.sent(boss, limit=3)
    counting = [each["sql"] for each in asked.captured_queries if "receipt" in each["sql"]]
    assert len(counting) == 1 and "broadcast_id" in counting[0]
    assert [each.told for each in found] == [0, 3, 3]
