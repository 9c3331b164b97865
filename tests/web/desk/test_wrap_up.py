"""Wrap-up: drafts kept as they are typed, two levels, sent once, the agent ready afterwards; long and strange texts whole."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent
from callcart.contact.routing.timers import run_once
from callcart.core.clock import now
from callcart.core.database import parameters
from tests.web.desk.stage import STRANGER, Stage

STRANGE = "😀 \u202eright to left\u202c <script>alert(1)</script> & “quotes” \x00end"


def _leaf(desk: Stage) -> UUID:
    with desk.transaction():
        return conversations.dispositions("en")[0].children[0].id


def _top(desk: Stage) -> UUID:
    with desk.transaction():
        return conversations.dispositions("en")[0].id


def test_a_draft_is_kept_and_comes_back(desk: Stage) -> None:
    talk = desk.talking()
    assert desk.send(f"c/{talk}/draft", {"note": "She asked for", "disposition": ""}).status_code == 200
    assert ">She asked for</textarea>" in desk.client().get(f"/desk/c/{talk}").content.decode()
    desk.end(talk)
    desk.send(f"c/{talk}/draft", {"note": "She asked for a jar", "disposition": str(_top(desk))})
    page = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert ">She asked for a jar</textarea>" in page
    assert f'data-choose="{_top(desk)}" data-digit="1" aria-pressed="true"' in page


def test_sent_with_two_levels_the_agent_is_ready_again(desk: Stage) -> None:
    talk = desk.wrapping()
    assert desk.state().state == "wrap_up"
    answer = desk.send(f"c/{talk}/wrap-up", {"note": "Done.", "disposition": str(_leaf(desk))})
    assert answer.status_code == 200
    assert desk.record(talk).state == "closed"
    assert desk.state().state == "ready"
    with desk.transaction():
        row = conversations.wrap_up_of(talk)
    assert row is not None
    assert (row.note, row.disposition_id) == ("Done.", _leaf(desk))


def test_a_pause_chosen_in_wrap_up_holds_after_it(desk: Stage) -> None:
    talk = desk.wrapping()
    assert desk.send("state", {"state": "paused", "reason": "lunch"}).status_code == 200
    desk.send(f"c/{talk}/wrap-up", {"note": "", "disposition": str(_leaf(desk))})
    assert (desk.state().state, desk.state().reason) == ("paused", "lunch")


def _time_runs_out(desk: Stage, login: str = "amy") -> None:
    """The limit is reached, and the timers look."""
    with desk.transaction():
        Agent.objects.filter(staff_id=desk.staff[login].id).update(wrap_until=now())
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        run_once(connection, sweeping=False)


def test_who_still_writes_when_the_time_runs_out_is_not_rung(desk: Stage) -> None:
    talk = desk.wrapping()
    assert desk.send(f"c/{talk}/writing").json() == {"waits": True}
    assert desk.state().state == "wrap_up"
    waiting = desk.waiting(STRANGER)
    _time_runs_out(desk)
    assert (desk.state().state, desk.state().reason) == ("paused", "still_writing")
    assert desk.record(waiting).state == "waiting"
    assert "Paused: still writing" in desk.client().get("/desk/").content.decode()
    page = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert f'data-wrap="{talk}" data-phase="wrap_up"' in page
    answer = desk.send(f"c/{talk}/wrap-up", {"note": "Late.", "disposition": str(_leaf(desk))})
    assert answer.status_code == 200
    assert desk.state().state == "ringing" and desk.record(waiting).state == "offered"
    assert "data-wrap=" not in desk.client().get(f"/desk/c/{talk}").content.decode()


def test_who_does_not_write_is_rung_when_the_time_runs_out(desk: Stage) -> None:
    desk.wrapping()
    waiting = desk.waiting(STRANGER)
    _time_runs_out(desk)
    assert desk.state().state == "ringing" and desk.record(waiting).state == "offered"


def test_writing_on_asks_for_nothing_where_nothing_is_wrapped_up(desk: Stage) -> None:
    talk = desk.wrapping()
    desk.send("state", {"state": "paused", "reason": "lunch"})
    assert desk.send(f"c/{talk}/writing").json() == {"waits": False}  # his own pause stays
    _time_runs_out(desk)
    assert (desk.state().state, desk.state().reason) == ("paused", "lunch")
    desk.send(f"c/{talk}/wrap-up", {"note": "", "disposition": str(_leaf(desk))})
    assert desk.state().state == "paused"
    desk.send("state", {"state": "ready"})
    assert desk.send(f"c/{talk}/writing").json() == {"waits": False}
    assert desk.state().state == "ready"
    desk.send("state", {"state": "offline"})
    theirs = desk.wrapping(STRANGER, login="ben")
    assert desk.send(f"c/{theirs}/writing").json() == {"waits": False}
    assert desk.state("ben").choice == "ready"


@pytest.mark.parametrize("which", ["none", "top", "unknown"])
def test_without_the_second_level_it_is_not_sent(desk: Stage, which: str) -> None:
    talk = desk.wrapping()
    chosen = {"none": "", "top": str(_top(desk)), "unknown": str(uuid4())}[which]
    answer = desk.send(f"c/{talk}/wrap-up", {"note": "kept", "disposition": chosen})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["disposition"]
    assert desk.record(talk).state == "wrap_up"
    assert desk.state().state == "wrap_up"


def test_while_talking_it_cannot_be_sent(desk: Stage) -> None:
    talk = desk.talking()
    answer = desk.send(f"c/{talk}/wrap-up", {"note": "", "disposition": str(_leaf(desk))})
    assert answer.status_code == 409
    assert desk.record(talk).state == "active"


def test_ten_thousand_characters_are_kept_whole(desk: Stage) -> None:
    talk, note = desk.wrapping(), "长" * 5000 + "x" * 5000
    assert desk.send(f"c/{talk}/draft", {"note": note}).status_code == 200
    assert note in desk.client().get(f"/desk/c/{talk}").content.decode()
    desk.send(f"c/{talk}/wrap-up", {"note": note, "disposition": str(_leaf(desk))})
    assert note in desk.client().get(f"/desk/c/{talk}").content.decode()


def test_a_text_too_long_is_refused_not_cut(desk: Stage) -> None:
    talk = desk.wrapping()
    desk.send(f"c/{talk}/draft", {"note": "before"})
    answer = desk.send(f"c/{talk}/draft", {"note": "x" * 20_001})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["note"]
    with desk.transaction():
        row = conversations.wrap_up_of(talk)
    assert row is not None
    assert row.note == "before"


def test_strange_text_is_shown_as_text(desk: Stage) -> None:
    talk = desk.wrapping()
    desk.send(f"c/{talk}/wrap-up", {"note": STRANGE, "disposition": str(_leaf(desk))})
    assert desk.send(f"c/{talk}/note", {"text": STRANGE}).status_code == 200
    page = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert "<script>alert(1)" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert "😀" in page
    assert "\x00" not in page


def test_an_empty_note_is_refused_at_its_field(desk: Stage) -> None:
    talk = desk.wrapping()
    answer = desk.send(f"c/{talk}/note", {"text": "  \n "})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["text"]


def test_its_time_over_what_was_typed_stays(desk: Stage) -> None:
    talk = desk.wrapping()
    desk.send(f"c/{talk}/draft", {"note": "half a sentence"})
    routing.agent_wrap_done(desk.boss, desk.staff["amy"].id)
    assert desk.record(talk).state == "closed"
    answer = desk.send(
        f"c/{talk}/wrap-up", {"note": "half a sentence, whole", "disposition": str(_leaf(desk))}
    )
    assert answer.status_code == 200, "late, but not lost"
    assert desk.state().state == "ready"
