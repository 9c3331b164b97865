"""Parking and the state of a line on real PostgreSQL: numbers are unlike, given again, told; a colleague's reach decides what he sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from callcart.contact.voice import public as voice
from callcart.contact.voice.records import CallRow, Line
from callcart.contact.voice.standing import live_calls
from callcart.contact.voice.states import Silent
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor
from tests.contact.voice.test_ledger import call, events, play, shop  # noqa: F401
from tests.contact.voice.test_ledger_transfers import floor, talking  # noqa: F401

pytestmark = pytest.mark.usefixtures("shop")


def park(row: CallRow) -> int | None:
    until = clock.now() + timedelta(seconds=90)
    return play(lambda ledger: ledger.park(row, until))


def someone(floor: Floor, *permissions: str, reach: str = "all") -> Actor:  # noqa: F811
    held = {name: Grant() for name in permissions or ("voice.phone", "conversations.view")}
    return Actor(
        floor.tenant_id, ActorKind.STAFF, new_id(), grants=held | {"conversations.view": Grant(scope=reach)}
    )


def test_numbers_are_unlike_and_free_again(floor: Floor) -> None:  # noqa: F811
    first, _staff = talking(floor)
    second, _other = talking(floor, "c2")
    assert (park(first), park(first), park(second)) == (701, 701, 702)
    cleared = replace(first, line=Line())
    play(lambda ledger: ledger.keep_line(cleared, "park.over", {"orbit": 701}))
    assert (call(floor, first).orbit, call(floor, second).orbit) == (None, 702)
    assert park(first) == 701


def test_a_restarted_process_finds_the_line_as_it_was(floor: Floor) -> None:  # noqa: F811
    row, _staff = talking(floor)
    kept = replace(row, line=Line(Silent.CALLER, muted=True))
    play(lambda ledger: ledger.keep_line(kept, "sound.missing", {"side": "caller"}))
    (found,) = live_calls()
    assert found.line == Line(Silent.CALLER, muted=True)


def test_an_ended_call_gives_its_number_back_and_takes_none(floor: Floor) -> None:  # noqa: F811
    row, _staff = talking(floor)
    assert park(row) == 701
    play(lambda ledger: ledger.finish(row, None))
    assert park(row) is None
    again, _other = talking(floor, "c2")
    assert park(again) == 701


def test_a_colleague_sees_and_picks_up_within_his_reach(floor: Floor) -> None:  # noqa: F811
    row, staff = talking(floor)
    park(row)
    with tenant_transaction(floor.tenant_id):
        colleague = someone(floor)
        (seen,) = voice.parked(colleague)
        assert (seen.orbit, seen.staff_id) == (701, staff)
        assert voice.pick_up(colleague, 701) == row.facts.conversation_id
        narrow = someone(floor, reach="own")
        assert voice.parked(narrow) == []
        with pytest.raises(voice.NothingParked):
            voice.pick_up(narrow, 701)
        with pytest.raises(voice.NothingParked):
            voice.pick_up(colleague, 702)
        with pytest.raises(PermissionDenied):
            voice.pick_up(someone(floor, "conversations.view"), 701)
    asked = [each.data for each in events(floor, "call.request")]
    assert [each["request"] for each in asked] == ["pick_up"]
    assert UUID(asked[0]["wanted"]["staff_id"]) == colleague.id


def test_desks_and_the_board_are_told(floor: Floor) -> None:  # noqa: F811
    row, _staff = talking(floor)
    park(row)
    assert [each.data["orbit"] for each in events(floor, "call.parked")] == [701]
    muted = replace(row, line=Line(muted=True))
    play(lambda ledger: ledger.keep_line(muted, "mute.started", {}))
    assert events(floor, "call.line")[-1].data["muted"] is True
    assert call(floor, row).muted
