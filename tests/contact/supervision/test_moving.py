"""Who waits goes to another queue by a supervisor's hand, age and order kept."""

from __future__ import annotations

import pytest

from callcart.contact.conversations.models import Step
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Ticket
from callcart.contact.supervision import public as supervision
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor
from tests.contact.supervision.people import boss_of, team_of


def test_one_keeps_his_age_and_is_offered_at_once(floor: Floor) -> None:
    old, _ = floor.call("returns")
    with tenant_transaction(floor.tenant_id):
        since = Ticket.objects.get(conversation_id=old).enqueued_at
    later, _ = floor.call("sales")
    supervision.move(floor.boss, old, floor.queues["sales"])
    assert floor.place_and_wait(old)[0] == 1 and floor.place_and_wait(later)[0] == 2
    agent = floor.agent()
    assert floor.record(old).agent_id == agent
    with tenant_transaction(floor.tenant_id):
        assert Ticket.objects.get(conversation_id=old).enqueued_at == since
        step = Step.objects.get(conversation_id=old, kind="queue.moved")
        assert step.data["from"] == str(floor.queues["returns"]) and step.data["why"] == "supervisor"


def test_all_of_a_queue_go_in_their_order(floor: Floor) -> None:
    waiting = [floor.call("returns")[0] for _each in range(3)]
    agent = floor.agent()  # takes the first of them as soon as it comes
    assert supervision.move_all(floor.boss, floor.queues["returns"], floor.queues["vip"]) == 3
    assert floor.record(waiting[0]).agent_id == agent
    assert [floor.place_and_wait(each)[0] for each in waiting[1:]] == [1, 2]
    with tenant_transaction(floor.tenant_id):
        assert routing.waiting_in(floor.queues["returns"]) == []
        entry = AuditEntry.objects.get(action="supervision.move")
    assert entry.after["count"] == 3


def test_what_cannot_be_is_refused(floor: Floor) -> None:
    floor.agent()
    rings, _hit = floor.call("sales")
    with pytest.raises(supervision.NotWaiting):
        supervision.move(floor.boss, rings, floor.queues["vip"])
    with pytest.raises(routing.NoSuchQueue):
        supervision.move(floor.boss, floor.call("sales")[0], new_id())
    with pytest.raises(supervision.SameQueue):
        supervision.move_all(floor.boss, floor.queues["sales"], floor.queues["sales"])
    with pytest.raises(PermissionDenied):
        nobody = boss_of(floor.tenant_id, new_id(), only=())
        supervision.move_all(nobody, floor.queues["sales"], floor.queues["vip"])
    assert floor.state(rings) == "offered"


def test_only_between_queues_of_ones_own_team(floor: Floor) -> None:
    with tenant_transaction(floor.tenant_id):
        boss, mate = team_of("boss", "mate", team="One")
    floor.place(mate, "all")
    actor = boss_of(floor.tenant_id, boss, scope="team")
    strange, mine = floor.call("returns")[0], floor.call("sales")[0]
    for talk, goal in ((strange, "sales"), (mine, "returns")):
        with pytest.raises(NotFound):
            supervision.move(actor, talk, floor.queues[goal])
    supervision.move(actor, mine, floor.queues["vip"])
    assert (floor.record(strange).queue_id, floor.record(mine).queue_id) == (
        floor.queues["returns"],
        floor.queues["vip"],
    )
