"""Two who see a board see each his own team on it: what one is told is never taken for what the other may hear."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.events import Event
from callcart.web.live.listeners import Guests, Listener
from callcart.web.live.reader import Reader

NORTH, SOUTH = uuid4(), uuid4()


def listener(team: frozenset[UUID] | None, *, board: bool = True) -> Listener:
    return Listener(1, uuid4(), uuid4(), sees_board=board, team=team)


def seen(one: Listener) -> list[str]:
    """The agents of whom a page was told."""
    found: list[Any] = []
    while one._queue:
        data = json.loads(one._queue.popleft().partition(b"data: ")[2])
        found.extend(data if isinstance(data, list) else [data])
    return [each["staff_id"] for each in found]


def of(staff_id: UUID, number: int) -> Event:
    return Event(number, 1, now(), "agent.state", "staff", staff_id, staff_id, "board", {})


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_team_and_the_whole_floor_are_told_apart(order: tuple[int, ...]) -> None:
    reader = Reader(Guests(), lambda event: None)
    everybody, north, south, agent = (
        listener(None), listener(frozenset({NORTH})), listener(frozenset({SOUTH})), listener(None, board=False),
    )  # fmt: skip
    listening = [(everybody, north, south, agent)[each] for each in order]
    reader._fan_out(listening, [of(NORTH, 1), of(SOUTH, 2)])  # type: ignore[arg-type]  # in this order
    assert seen(everybody) == [str(NORTH), str(SOUTH)]
    assert seen(north) == [str(NORTH)]
    assert seen(south) == [str(SOUTH)]
    assert seen(agent) == []


def test_until_it_is_known_whose_board_it_is_nothing_of_it_is_heard() -> None:
    new = Listener(1, uuid4(), uuid4(), sees_board=True)
    assert not new.sees(of(NORTH, 1))
    boss = Actor(1, ActorKind.STAFF, new.staff_id, grants={"board.view": Grant()})
    new.now_is(boss, None)
    assert new.sees(of(NORTH, 1))
    new.now_is(boss, [SOUTH])
    assert not new.sees(of(NORTH, 1)) and new.sees(of(SOUTH, 2))
