"""A caller with a real telephone and the whole system: greeting, menu, read-out, queue, and leaving at each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.caller import Caller, call
from tests.journeys.phones import KNOWN, STRANGER, Lines, hears_something, in_state, is_told, latest
from tests.journeys.system import SERVICE_NUMBERS, System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

SILENT = "+12025554999"


@pytest.fixture(scope="module", autouse=True)
def silent(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Somebody who never presses a key: on the line while the others call, for it takes the menu a while to give up."""
    lines = Lines(system, tmp_path_factory.mktemp("silent"))
    yield lines(SILENT)
    lines.close()


def test_a_greeting_is_heard_and_leaving_in_it_is_told_as_such(system: System, dial_in: Lines) -> None:
    caller = dial_in()
    hears_something(caller, "the greeting")
    assert latest(system)["state"] == "ivr"
    assert latest(system)["caller_e164"] == STRANGER
    caller.hang_up()
    assert in_state(system, "closed")["end_reason"] == "hung_up_in_menu"


def test_the_last_order_is_read_to_a_known_number(system: System, dial_in: Lines) -> None:
    caller = dial_in(KNOWN)
    hears_something(caller, "the greeting")
    caller.press("1")
    is_told(system, "To hear where your last order is, press one.")
    caller.press("1")
    is_told(system, "Your parcel is out for delivery.")
    hears_something(caller, "the last order", seconds=3.0)
    assert latest(system)["customer_id"] is not None
    caller.hang_up()
    assert in_state(system, "closed")["end_reason"] == "self_served"


def test_a_caller_waits_with_music_and_gives_up(system: System, dial_in: Lines) -> None:
    caller = dial_in()
    hears_something(caller, "the greeting")
    caller.press("1")
    waiting = in_state(system, "waiting")
    assert waiting["queued_at"] is not None
    hears_something(caller, "what is said to the waiting, and music", seconds=5.0)
    assert not caller.other_side_left()
    caller.hang_up()
    ended = in_state(system, "closed")
    assert (ended["end_reason"], ended["answered_at"]) == ("abandoned", None)


def test_chinese_by_key_two(system: System, dial_in: Lines) -> None:
    caller = dial_in()
    hears_something(caller, "the greeting")
    caller.press("2")
    assert in_state(system, "waiting")["language"] == "zh-hans"
    caller.hang_up()
    in_state(system, "closed")


@pytest.mark.parametrize("number", ["anonymous", "not-a-number", "0"])
def test_a_number_that_tells_nothing_is_served_as_well(system: System, dial_in: Lines, number: str) -> None:
    caller = dial_in(number)
    hears_something(caller, "the greeting")
    assert latest(system)["caller_e164"] == ""
    assert latest(system)["customer_id"] is None
    caller.hang_up()
    in_state(system, "closed")


def test_the_dialled_number_chooses_the_shop(system: System, dial_in: Lines) -> None:
    caller = dial_in("+8613800005678", service=SERVICE_NUMBERS["qinghe"])
    hears_something(caller, "the greeting")
    tenant = system.rows(
        "SELECT slug FROM tenants_tenant WHERE id = %(id)s", {"id": latest(system)["tenant_id"]}
    )
    assert tenant[0]["slug"] == "qinghe"
    caller.hang_up()
    in_state(system, "closed")


def test_nobodys_number_is_refused(system: System, tmp_path: Path) -> None:
    before = system.rows("SELECT count(*) AS n FROM conversations_conversation")[0]["n"]
    caller = call(tmp_path / "lost", sip_port=system.port("sip"), service="+12025559999", number=STRANGER)
    try:
        eventually(lambda: "not answered" in caller.log(), "the call is refused")
    finally:
        caller.close()
    assert system.rows("SELECT count(*) AS n FROM conversations_conversation")[0]["n"] == before


def test_who_presses_nothing_comes_to_a_person_all_the_same(system: System, silent: Caller) -> None:
    def talk() -> dict[str, Any]:
        query = "SELECT state, end_reason FROM conversations_conversation WHERE caller_e164 = %(n)s"
        [row] = system.rows(query, {"n": SILENT})
        return row

    eventually(lambda: talk()["state"] == "waiting", "the silent caller waits", timeout=90)
    assert not silent.other_side_left()
    silent.hang_up()
    eventually(lambda: talk()["state"] == "closed", "and may leave")
    assert talk()["end_reason"] == "abandoned"
