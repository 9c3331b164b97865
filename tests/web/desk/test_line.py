"""How the line stands, as the desk shows it: parked talks in everybody's inbox, mute told to the server, missing sound in words."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from callcart.contact.voice.models import Call
from callcart.core import clock
from tests.web.desk.stage import Stage
from tests.web.desk.test_passing import on_the_phone, shown, wishes


def line(desk: Stage, talk: UUID, **values: object) -> None:
    """As the voice process keeps it."""
    with desk.transaction():
        Call.objects.filter(conversation_id=talk).update(**values)


def inbox(desk: Stage, login: str, *, language: str = "en") -> str:
    return str(desk.client(login, language=language).get("/desk/inbox").content.decode())


def test_a_parked_talk_is_picked_up_by_a_colleague(desk: Stage) -> None:
    talk = on_the_phone(desk)
    assert 'data-call="park"' in shown(desk, talk)
    assert desk.send(f"c/{talk}/call/park").status_code == 200
    line(desk, talk, orbit=701, parked_until=clock.now() + timedelta(seconds=80))
    mine, other = inbox(desk, "amy"), inbox(desk, "ben")
    assert "Parked on 701" in shown(desk, talk)
    assert "701" in mine and "data-pick-up" not in mine
    assert 'data-pick-up="/desk/parked/701"' in other and "Amy" in other
    assert "停泊" in inbox(desk, "ben", language="zh-hans")
    taken = desk.send("parked/701", login="ben")
    assert taken.status_code == 200
    ben = str(desk.staff["ben"].id)
    told = wishes(desk)[-2:]
    assert [each["request"] for each in told] == ["park", "pick_up"]
    assert told[1]["wanted"] == {"staff_id": ben}


def test_what_is_not_parked_any_more_is_said(desk: Stage) -> None:
    on_the_phone(desk)
    before = len(wishes(desk))
    answer = desk.send("parked/702", login="ben")
    assert answer.status_code == 409 and "Nothing is parked" in answer.json()["message"]
    assert len(wishes(desk)) == before
    assert ">702<" not in inbox(desk, "ben")


def test_mute_is_told_for_ones_own_talk_only(desk: Stage) -> None:
    talk = on_the_phone(desk)
    before = len(wishes(desk))
    assert desk.send(f"c/{talk}/call/mute", login="ben").status_code == 409
    assert len(wishes(desk)) == before
    assert desk.send(f"c/{talk}/call/mute").status_code == 200
    assert wishes(desk)[-1]["request"] == "mute"


def test_missing_sound_is_said_to_the_agent(desk: Stage) -> None:
    talk = on_the_phone(desk)
    line(desk, talk, silent="caller")
    assert "No sound comes from the customer." in shown(desk, talk)
    line(desk, talk, silent="agent")
    assert "No sound comes from your microphone." in shown(desk, talk)
    line(desk, talk, silent="")
    assert "No sound comes" not in shown(desk, talk)
