from __future__ import annotations

import pytest

from callcart.contact.routing import public as routing
from callcart.core.database import raw
from tests.contact.routing.floor import Floor


def test_customers_of_one_shop_never_meet_agents_of_another(floor: Floor, other_floor: Floor) -> None:
    other_agent = other_floor.agent()
    conversation, nothing = floor.call()

    assert not nothing
    assert routing.sweep(other_floor.tenant_id) == 0
    assert other_floor.view(other_agent).state == "ready"
    assert floor.state(conversation) == "waiting"


def test_ids_of_another_shop_are_not_found(floor: Floor, other_floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()

    other = other_floor.tenant_id
    assert not routing.accept(conversation, agent, tenant_id=other)
    assert not routing.finish(conversation, tenant_id=other)
    assert not routing.unoffer(hit.offer_id, "rejected", tenant_id=other)  # type: ignore[arg-type]
    with pytest.raises(routing.NotAnAgent):
        routing.agent_offline(other_floor.boss, agent)
    with pytest.raises(routing.NoSuchQueue):
        routing.enqueue(other, other_floor.conversation(), floor.queues["sales"])
    assert floor.state(conversation) == "offered"
    assert floor.view(agent).offer_id == hit.offer_id


def test_a_function_leaves_no_tenant_behind_on_its_connection(floor: Floor) -> None:
    with raw.autocommit() as connection:
        connection.execute("SELECT acd_sweep(%s::int)", (floor.tenant_id,))
        row = connection.execute(
            "SELECT current_setting('callcart.tenant', true), (SELECT count(*) FROM routing_queue)"
        ).fetchone()
    assert row is not None
    assert (row[0] or "", row[1]) == ("", 0)


def test_applying_the_functions_again_changes_nothing(floor: Floor) -> None:
    from callcart.core.database import apply_functions, apply_policies

    agent = floor.agent()
    apply_functions()
    apply_policies()

    assert floor.call()[1].staff_id == agent
