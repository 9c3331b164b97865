"""Callbacks at the desk and in the office: what one sees, what the buttons do, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.core import clock
from callcart.core.database import raw
from callcart.core.models import AuditEntry
from callcart.people.tenants import directory
from callcart.people.tenants.public import update_tenant
from tests.web.desk.stage import GRACE, Stage

OTHER = "+12125550188"


@pytest.fixture
def owed(desk: Stage) -> Iterator[Stage]:
    """Grace is owed a call by a queue that Amy serves; Amy is at work."""
    with desk.transaction():
        update_tenant(desk.boss, settings={"dial_prefixes": ["+1"], "dial_hourly_agent": 1000})
        directory.forget()
        for queue in routing.queues():
            callbacks.save_rules(desk.boss, queue.id, callbacks.Rules(offered=True, attempts=2))
        asked = callbacks.ask(desk.boss, callbacks.Wanted(GRACE, asked_from=GRACE, queue_id=served(desk)))
        assert asked.callback is not None
    routing.agent_ready(desk.boss, desk.staff["amy"].id)
    yield desk
    with desk.transaction():
        Callback.objects.all().delete()
        update_tenant(desk.boss, settings={"dial_prefixes": []})
    directory.forget()


def served(desk: Stage) -> object:
    return raw.value(
        "SELECT pq.queue_id FROM routing_agent a JOIN routing_crew c ON c.id = a.crew_id"
        " JOIN routing_profilequeue pq ON pq.profile_id = c.profile_id WHERE a.staff_id = %s ORDER BY pq.queue_id LIMIT 1",
        (desk.staff["amy"].id,),
    )


def only(desk: Stage, number: str = GRACE) -> Callback:
    with desk.transaction():
        return Callback.objects.filter(number=number).latest("made_at")


def test_it_is_listed_masked_and_called_out_of_turn_once(owed: Stage) -> None:
    desk, row = owed, only(owed)
    page = desk.client().get("/desk/inbox").content.decode()
    assert f"/desk/callbacks/{row.id}/call" in page and GRACE not in page
    shown = desk.client().get(f"/desk/callbacks/{row.id}").content.decode()
    assert "0 of 2" in shown and GRACE not in shown
    sent = desk.send(f"callbacks/{row.id}/call")
    assert sent.status_code == 200, sent.content
    with desk.transaction():
        talk = Conversation.objects.get(id=sent.json()["conversation"])
    assert (talk.direction, talk.caller_e164, talk.agent_id) == ("outbound", GRACE, desk.staff["amy"].id)
    assert (only(desk).state, only(desk).conversation_id) == ("calling", talk.id)
    again = desk.send(f"callbacks/{row.id}/call", login="super")
    assert (again.status_code, again.json()["code"]) == (409, "callbacks.taken_up")
    desk.end(talk.id)
    routing.agent_ready(desk.boss, desk.staff["amy"].id)


def test_what_cannot_be_dialled_stays_owed(owed: Stage) -> None:
    desk, row = owed, only(owed)
    routing.agent_offline(desk.boss, desk.staff["amy"].id)
    refused = desk.send(f"callbacks/{row.id}/call")
    assert (refused.status_code, refused.json()["code"]) == (409, "voice.cannot_dial")
    assert (only(desk).state, only(desk).conversation_id, only(desk).next_at) == (
        "scheduled",
        None,
        row.next_at,
    )


def test_not_reached_put_off_and_done(owed: Stage) -> None:
    desk, row = owed, only(owed)
    assert desk.send(f"callbacks/{row.id}/not-reached", {"note": "the line is dead"}).status_code == 200
    later = only(desk)
    assert (later.state, later.attempts, later.note) == ("scheduled", 1, "the line is dead")
    assert later.due_at > clock.now() + timedelta(minutes=25)
    wrong = desk.send(f"callbacks/{row.id}/put-off", {"at": "soon"})
    assert wrong.status_code == 422 and set(wrong.json()["fields"]) == {"at"}
    past = desk.send(f"callbacks/{row.id}/put-off", {"at": "2020-01-01T10:00"})
    assert past.status_code == 422 and only(desk).due_at == later.due_at
    tomorrow = (clock.now() + timedelta(days=1)).replace(microsecond=0)
    assert desk.send(f"callbacks/{row.id}/put-off", {"at": tomorrow.isoformat()}).status_code == 200
    assert (only(desk).due_at, only(desk).since) == (tomorrow, row.since), "the place stays"
    assert desk.send(f"callbacks/{row.id}/done", {"note": "wrote instead"}).status_code == 200
    over = only(desk)
    assert (over.state, over.outcome, over.ended_by) == ("withdrawn", "wrote instead", desk.staff["amy"].id)
    assert desk.send(f"callbacks/{row.id}/done").status_code == 409
    with desk.transaction():
        done = AuditEntry.objects.filter(subject_id=row.id).order_by("id").values_list("action", flat=True)
        assert list(done) == ["callbacks.not_reached", "callbacks.put_off", "callbacks.done"]


def test_a_promise_is_ones_own_and_nobody_elses_to_see(owed: Stage) -> None:
    desk = owed
    at = (clock.now() + timedelta(hours=2)).isoformat()
    made = desk.send("callbacks/promise", {"number": "(212) 555-0188", "at": at, "note": "the size"})
    assert made.status_code == 200, made.content
    row = only(desk, OTHER)
    assert (row.owner_id, row.note) == (desk.staff["amy"].id, "the size")
    assert "the size" in desk.client().get("/desk/inbox").content.decode()
    refused = desk.send("callbacks/promise", {"number": "+447700900123", "at": at})
    assert refused.status_code == 422 and set(refused.json()["fields"]) == {"number"}
    assert desk.client("ware").get(f"/desk/callbacks/{row.id}").status_code in (403, 404)
    assert desk.send(f"callbacks/{row.id}/done", login="ware").status_code in (403, 404)
    assert only(desk, OTHER).state == "scheduled"


def test_the_office_lists_them_and_says_the_rules(owed: Stage) -> None:
    desk, row = owed, only(owed)
    boss = desk.client("super")
    page = boss.get("/office/callbacks?state=open").content.decode()
    assert "Asked on the web" in page and GRACE not in page
    assert "No callback fits" in boss.get("/office/callbacks?q=%2B12125550199").content.decode()
    address = f"/office/callbacks/rules/{row.queue_id}"
    with desk.transaction():
        kept = callbacks.rules_of(row.queue_id)
    form = {
        "offered": "1", "attempts": "4", "minutes_apart": "15", "per_day": "2", "owner_minutes": "5", "abandoned_s": "20",
        "version": str(kept.version),
    }  # fmt: skip
    wrong = boss.post(address, form | {"attempts": "0", "per_day": "many"})
    assert wrong.status_code == 422 and wrong.content.decode().count("From 1 to") == 2
    assert boss.post(address, form).status_code == 303
    assert boss.post(address, form).status_code == 409, "somebody was faster"
    with desk.transaction():
        rules = callbacks.rules_of(row.queue_id)
    assert (rules.attempts, rules.abandoned_s, rules.missed, rules.per_day) == (4, 20, False, 2)
    assert desk.client("amy").get(address).status_code == 403
