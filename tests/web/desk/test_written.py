"""Written conversations at the desk, by what its scripts ask and send."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from callcart.contact.conversations.models import Mention, Presence, ReplyDraft, Tagging
from callcart.contact.conversations.tags import TagDraft, save_tag
from callcart.contact.messaging.models import Attachment, BlockedPeer, Message
from callcart.contact.messaging.transport import File
from callcart.contact.routing import public as routing
from callcart.core.clock import frozen, now
from callcart.people.tenants.public import update_tenant
from callcart.web.desk import keys_written
from callcart.web.desk.writing_first import ways_to
from tests.web.desk.letters import Letters
from tests.web.desk.stage import GRACE, Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def page_of(desk: Stage, path: str, **who: Any) -> str:
    answer = desk.client(**who).get(f"/desk/{path}")
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def reply(desk: Stage, conversation_id: UUID, text: str, **more: Any) -> Any:
    body = {"text": text, "message_id": str(uuid4()), "seen": 1, "serial": 10, "then": "", **more}
    return desk.send(f"c/{conversation_id}/reply", body)


# ---- the inbox ----


def test_calls_and_messages_stand_in_one_inbox_what_is_due_first(desk: Stage, letters: Letters) -> None:
    taken = letters.taken("My lamp flickers")
    rings = desk.ringing()
    inbox = page_of(desk, "inbox")
    assert inbox.index(str(rings)) < inbox.index(str(taken))
    assert "My lamp flickers" in inbox and "To answer" in inbox
    routing.accept(rings, desk.staff["amy"].id, tenant_id=desk.tenant_id)
    assert str(taken) in page_of(desk, "inbox")


def test_an_offer_has_its_time_and_both_answers(desk: Stage, letters: Letters) -> None:
    offered = letters.offered()
    inbox = page_of(desk, "inbox")
    assert f"/desk/c/{offered}/accept" in inbox and f"/desk/c/{offered}/decline" in inbox
    assert "data-until" in inbox and "Offered to you" in inbox
    assert desk.send(f"c/{offered}/accept").status_code == 200
    assert letters.record(offered).state == "active"
    assert desk.send(f"c/{offered}/accept").json()["code"] == "desk.offer_gone"


def test_declined_it_goes_back_and_its_agent_is_paused(desk: Stage, letters: Letters) -> None:
    offered = letters.offered()
    with desk.transaction():
        offer = routing.offers_of(offered)[0]
    assert desk.send(f"c/{offered}/decline", {"offer": str(offer.id)}).status_code == 200
    assert letters.record(offered).state == "waiting"
    assert desk.state().state == "paused"


def test_one_that_waits_is_taken_once(desk: Stage, letters: Letters) -> None:
    waits = letters.hears().conversation_id
    assert "Take it" in page_of(desk, f"c/{waits}")
    assert desk.send(f"c/{waits}/take").status_code == 200
    assert letters.record(waits).agent_id == desk.staff["amy"].id
    assert desk.send(f"c/{waits}/take", login="ben").json()["code"] == "messaging.taken"


def test_late_is_said_in_words(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    with desk.transaction():
        type(letters.record(taken)).objects.filter(id=taken).update(heard_at=now() - timedelta(hours=5))
    assert "Late" in page_of(desk, "inbox") and "延误" not in page_of(desk, "inbox")


def test_from_when_on_an_answer_is_late_says_the_shop(desk: Stage, letters: Letters) -> None:
    letters.taken()
    for minutes, late in ((1, True), (240, False)):
        with desk.transaction():
            update_tenant(desk.boss, settings={"late_mail_minutes": minutes})
        with frozen(now() + timedelta(minutes=2)):
            assert ("Late" in page_of(desk, "inbox")) is late


def test_no_address_stands_in_full_on_the_desk(desk: Stage, letters: Letters) -> None:
    taken = letters.taken(peer="secret.person@there.example")
    for each in (page_of(desk, "inbox"), page_of(desk, f"c/{taken}")):
        assert "secret.person@" not in each and "s***@there.example" in each


# ---- the thread ----


def test_what_came_is_shown_as_text_and_runs_nothing(desk: Stage, letters: Letters) -> None:
    taken = letters.taken("<script>alert(1)</script>", subject="<b>Hi</b>", peer_name="<i>Eve</i>")
    page = page_of(desk, f"c/{taken}")
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page and "<i>Eve" not in page


def test_who_wrote_and_what_became_of_it(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    assert reply(desk, taken, "It is on its way.").status_code == 200
    letters.hears("Out of office", automatic=True, peer=letters.record(taken).peer)
    assert "Waits to be sent" in page_of(desk, f"c/{taken}")
    message = letters.fails(taken, "failed", "no such mailbox")
    page = page_of(desk, f"c/{taken}")
    assert "Did not arrive: no such mailbox" in page and f"/desk/m/{message}/again" in page
    assert desk.send(f"m/{message}/again").status_code == 200
    assert desk.send(f"m/{message}/again").json()["code"] == "messaging.not_dead"


def test_a_formatted_mail_is_a_page_of_its_own_that_can_do_nothing(desk: Stage, letters: Letters) -> None:
    html = '<p>Hello</p><img class="remote" data-src="https://spy.example/1.png"><img class="inline" data-cid="a@b">'
    files = (File("shot.png", "image/png", PNG, "a@b"),)
    came = letters.hears("Hello", html=html, files=files)
    answer = desk.client().get(f"/desk/m/{came.id}/formatted")
    policy, text = answer["Content-Security-Policy"], answer.content.decode()
    assert "default-src 'none'" in policy and "allow-scripts" not in policy and "https:" not in policy
    assert 'src="https://spy' not in text.replace("data-src", "")
    with desk.transaction():
        picture = Attachment.objects.get(message=came)
    assert f'src="/desk/file/{picture.id}"' in text
    shown = desk.client().get(f"/desk/m/{came.id}/formatted?pictures=1")
    assert (
        'src="https://spy.example/1.png"' in shown.content.decode()
        and "https:" in shown["Content-Security-Policy"]
    )
    assert "frame-src 'self'" in desk.client().get("/desk/")["Content-Security-Policy"]


def test_pictures_are_shown_and_all_else_is_saved(desk: Stage, letters: Letters) -> None:
    files = (File("shot.png", "image/png", PNG), File("run.html", "text/html", b"<script>alert(1)</script>"))
    came = letters.hears("Look", files=files)
    page = page_of(desk, f"c/{came.conversation_id}")
    assert "can run on your computer" in page and "<img src=" in page
    with desk.transaction():
        picture, active = Attachment.objects.filter(message=came).order_by("-name")
    for row, kind, way in (
        (picture, "image/png", "inline"),
        (active, "application/octet-stream", "attachment"),
    ):
        answer = desk.client().get(f"/desk/file/{row.id}")
        assert answer["Content-Type"] == kind and answer["Content-Disposition"].startswith(way)
        assert "sandbox" in answer["Content-Security-Policy"]


def test_nothing_of_the_shop_next_door_is_read(desk: Stage, letters: Letters, other: Stage) -> None:
    files = (File("shot.png", "image/png", PNG),)
    came = letters.hears("Ours", files=files, html="<p>x</p>")
    with desk.transaction():
        row = Attachment.objects.get(message=came)
    client = other.client()
    for path in (f"c/{came.conversation_id}", f"file/{row.id}", f"m/{came.id}/formatted"):
        assert client.get(f"/desk/{path}").status_code == 404
    assert (
        other.send(f"c/{came.conversation_id}/reply", {"text": "x", "message_id": str(uuid4())}).status_code
        == 404
    )
    assert letters.texts(came.conversation_id) == ["Ours"]


def test_a_long_thread_comes_in_pieces(desk: Stage, letters: Letters) -> None:
    first = letters.hears("Message 1", channel="sms", peer="+12025550777")
    with desk.transaction():
        Message.objects.bulk_create(
            [
                Message(conversation_id=first.conversation_id, place=place, line_id=first.line_id, author="customer", text=f"Message {place}", peer=first.peer, at=now())
                for place in range(2, 131)
            ]
        )  # fmt: skip
    page = page_of(desk, f"c/{first.conversation_id}")
    assert ">Message 130<" in page and ">Message 30<" not in page and "before=31" in page
    before = page_of(desk, f"c/{first.conversation_id}/earlier?before=31")
    assert ">Message 30<" in before and ">Message 31<" not in before
    assert desk.client().get(f"/desk/c/{first.conversation_id}/earlier?before=x").status_code == 404


# ---- answering ----


def test_an_answer_is_sent_once_however_often_it_is_sent(desk: Stage, letters: Letters) -> None:
    taken, name = letters.taken(), str(uuid4())
    for _again in range(2):
        assert reply(desk, taken, "On its way.", message_id=name).status_code == 200
    assert letters.texts(taken) == ["Where is my lamp?", "On its way."]
    changed = reply(desk, taken, "On its way, by DHL.", message_id=name)
    assert changed.json()["code"] == "messaging.already_sent"
    assert letters.texts(taken) == ["Where is my lamp?", "On its way."]


def test_who_has_not_read_the_newest_is_asked_first(desk: Stage, letters: Letters) -> None:
    taken = letters.taken(channel="sms", peer="+12025550778")
    letters.hears("Never mind, it came!", channel="sms", peer="+12025550778")
    refused = reply(desk, taken, "We look for it.", seen=1)
    assert refused.json()["code"] == "messaging.heard_meanwhile"
    assert letters.texts(taken) == ["Where is my lamp?", "Never mind, it came!"]
    assert reply(desk, taken, "We look for it.", seen=1, anyway=True).status_code == 200
    assert letters.texts(taken)[-1] == "We look for it."


@pytest.mark.parametrize(
    ("then", "state"), [("set_aside", "pending"), ("finish", "closed"), ("snooze", "pending")]
)
def test_sent_and_let_go(desk: Stage, letters: Letters, then: str, state: str) -> None:
    taken = letters.taken()
    assert reply(desk, taken, "Done.", then=then, until="60").json().get("stays") is None
    row = letters.record(taken)
    assert row.state == state and letters.texts(taken)[-1] == "Done."
    assert (row.wake_at is not None) == (then == "snooze")


def test_put_off_until_a_time_that_is_over_is_refused(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    refused = desk.send(f"c/{taken}/aside", {"until": "2020-01-01T09:00", "seen": 1})
    assert refused.status_code == 422 and "until" in refused.json()["fields"]
    assert desk.send(f"c/{taken}/aside", {"until": "nonsense"}).status_code == 422
    assert letters.record(taken).state == "active"
    assert desk.send(f"c/{taken}/aside", {"until": "tomorrow", "seen": 1}).status_code == 200
    assert (
        desk.send(f"c/{taken}/aside", {"until": "monday", "seen": 1}).status_code == 200
    )  # nobody has it now
    row = letters.record(taken)
    assert row.state == "pending" and row.wake_at is not None and row.wake_at > now() + timedelta(hours=3)


def test_ended_without_a_word_only_where_all_was_read(desk: Stage, letters: Letters) -> None:
    taken = letters.taken(channel="sms", peer="+12025550779")
    letters.hears("One more thing", channel="sms", peer="+12025550779")
    assert desk.send(f"c/{taken}/finish", {"seen": 1}).json()["code"] == "messaging.heard_meanwhile"
    assert letters.record(taken).state == "active"
    assert desk.send(f"c/{taken}/finish", {"seen": 2}).status_code == 200
    assert letters.record(taken).state == "closed"


def test_spam_and_back(desk: Stage, letters: Letters) -> None:
    taken = letters.taken(peer="spam@there.example")
    assert desk.send(f"c/{taken}/spam", {"on": True}).status_code == 200
    assert letters.record(taken).end_reason == "spam"
    assert "No spam" in page_of(desk, f"c/{taken}")
    assert desk.send(f"c/{taken}/spam", {"on": False}).status_code == 200
    with desk.transaction():
        assert not BlockedPeer.objects.filter(peer="spam@there.example").exists()


# ---- what is being written ----


def test_a_draft_survives_and_an_older_save_changes_nothing(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    desk.send(f"c/{taken}/reply/draft", {"text": "Dear Grace, the lamp", "serial": 5})
    assert desk.send(f"c/{taken}/reply/draft", {"text": "Dear", "serial": 3}).json() == {"serial": 5}
    assert "Dear Grace, the lamp</textarea>" in page_of(desk, f"c/{taken}")
    assert "Dear Grace, the lamp" not in page_of(desk, f"c/{taken}", login="ben")
    reply(desk, taken, "Dear Grace, the lamp is on its way.", serial=7)
    desk.send(f"c/{taken}/reply/draft", {"text": "Dear Grace, the lamp", "serial": 6})  # late
    with desk.transaction():
        assert ReplyDraft.objects.get(conversation_id=taken).text == ""


def test_files_go_along_and_a_draft_keeps_them(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    client = desk.client()
    sent = {"file": SimpleUploadedFile("../bill.pdf", b"%PDF-1.7 bill")}
    made = client.post(f"/desk/c/{taken}/reply/files", sent, headers={"accept": "application/json"}).json()[
        "files"
    ]
    again = {"file": SimpleUploadedFile("wrong.txt", b"no")}
    both = client.post(f"/desk/c/{taken}/reply/files", again, headers={"accept": "application/json"}).json()[
        "files"
    ]
    assert [each["name"] for each in both] == ["bill.pdf", "wrong.txt"]
    desk.send(f"c/{taken}/reply/files/drop", {"file": both[1]["id"]})
    assert "bill.pdf" in page_of(desk, f"c/{taken}")
    opened = client.get(f"/desk/c/{taken}/reply/files/{made[0]['id']}")
    assert opened.content == b"%PDF-1.7 bill" and opened["Content-Disposition"].startswith("attachment")
    assert desk.client("ben").get(f"/desk/c/{taken}/reply/files/{made[0]['id']}").status_code == 404
    assert reply(desk, taken, "Here is the bill.").status_code == 200
    with desk.transaction():
        rows = Attachment.objects.filter(message__conversation_id=taken)
        assert [(row.name, row.size) for row in rows] == [("bill.pdf", 13)]
        assert ReplyDraft.objects.get(conversation_id=taken).files == []


def test_an_sms_is_counted_as_networks_count_it(desk: Stage, letters: Letters) -> None:
    assert desk.send("sms-length", {"text": "a" * 161}).json() == {
        "units": 161,
        "parts": 2,
        "room": 306,
        "wide": False,
    }
    taken = letters.taken(channel="sms", peer="+12025550776")
    assert "0 of 160" in page_of(desk, f"c/{taken}")


def test_who_else_is_there_and_writes(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    assert desk.send(f"c/{taken}/here", {"writes": False}, login="ben").json() == {"others": []}
    desk.send(f"c/{taken}/here", {"writes": True}, login="ben")
    (other,) = desk.send(f"c/{taken}/here", {"writes": False}).json()["others"]
    assert other["writes"] is True and other["name"]
    with desk.transaction():
        Presence.objects.filter(staff_id=desk.staff["ben"].id).update(seen_at=now() - timedelta(minutes=1))
    assert desk.send(f"c/{taken}/here", {}).json() == {"others": []}


# ---- colleagues ----


def test_a_comment_tells_whom_it_names(desk: Stage, letters: Letters) -> None:
    taken, ben = letters.taken(), desk.staff["ben"]
    sent = desk.send(f"c/{taken}/comment", {"text": "@Ben can you look?", "named": [str(ben.id)]})
    assert sent.status_code == 200
    assert "You are asked" in page_of(desk, "inbox", login="ben")
    assert "You are asked" not in page_of(desk, "inbox")
    assert "can you look?" in page_of(desk, f"c/{taken}", login="ben")
    assert "You are asked" not in page_of(desk, "inbox", login="ben")
    nobody = desk.send(f"c/{taken}/comment", {"text": "x", "named": [str(uuid4())]})
    assert nobody.status_code == 404
    with desk.transaction():
        assert Mention.objects.filter(conversation_id=taken).count() == 1


def test_tags_are_put_on_and_taken_off(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    with desk.transaction():
        tag = save_tag(desk.boss, TagDraft(f"Angry {taken}"[:30], "生气", "red"))
    for _again in range(2):
        assert desk.send(f"c/{taken}/tag", {"tag": str(tag.id)}).status_code == 200
    assert "Tag put on: Angry" in page_of(desk, f"c/{taken}")
    desk.send(f"c/{taken}/tag", {"tag": str(tag.id), "off": True})
    with desk.transaction():
        assert not Tagging.objects.filter(conversation_id=taken).exists()
    assert letters.path(taken).count("tagged") == 1


def test_who_may_not_write_to_customers_changes_nothing(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    assert desk.client("ware").get(f"/desk/c/{taken}").status_code == 403
    for verb in ("reply", "aside", "finish", "spam", "take", "accept"):
        assert (
            desk.send(f"c/{taken}/{verb}", {"text": "x", "message_id": str(uuid4())}, login="fin").status_code
            == 403
        )
    assert letters.texts(taken) == ["Where is my lamp?"] and letters.record(taken).state == "active"


def test_a_customer_is_chosen_for_somebody_unknown(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    assert "Save and use here" in page_of(desk, f"c/{taken}")
    assert desk.send(f"c/{taken}/customer", {"customer": str(desk.customer(GRACE))}).status_code == 200
    assert "Grace" in page_of(desk, f"c/{taken}")


# ---- writing first ----


def test_written_first_once_by_an_address_that_stays_masked(desk: Stage, letters: Letters) -> None:
    grace = desk.customer(GRACE)
    page = page_of(desk, f"customer/{grace}/write")
    assert "SMS to ****0123" in page and GRACE not in page
    with desk.transaction():
        way = next(each for each in ways_to(grace) if each.channel == "sms")
    body = {"way": way.value, "text": "Your lamp is here.", "key": str(uuid4())}
    first = desk.send(f"customer/{grace}/write/send", body).json()["conversation"]
    assert desk.send(f"customer/{grace}/write/send", body).json()["conversation"] == first
    row = letters.record(UUID(first))
    assert (row.state, row.customer_id, row.peer) == ("pending", grace, GRACE)
    assert row.owner_id == desk.staff["amy"].id and letters.texts(row.id) == ["Your lamp is here."]
    assert first in page_of(desk, "inbox")
    changed = desk.send(f"customer/{grace}/write/send", {**body, "text": "Other"})
    assert changed.json()["code"] == "idempotency.key_reused"
    for wrong in ({"way": "x"}, {"text": ""}):
        refused = desk.send(f"customer/{grace}/write/send", {**body, **wrong, "key": str(uuid4())})
        assert refused.status_code == 422
    assert letters.texts(row.id) == ["Your lamp is here."]


def test_handed_over_to_a_colleague_from_the_desk(desk: Stage, letters: Letters) -> None:
    taken, ben = letters.taken(), desk.staff["ben"].id
    routing.agent_ready(desk.boss, ben)
    assert str(ben) in page_of(desk, f"c/{taken}/hand-over")
    assert desk.send(f"c/{taken}/hand-over/to", {"staff": str(ben)}).status_code == 200
    assert letters.record(taken).agent_id == ben
    assert desk.send(f"c/{taken}/hand-over/to", {"staff": str(ben)}).status_code == 409
    assert "Handed over" in page_of(desk, f"c/{taken}")


def test_every_key_of_the_list_is_taken_by_something(desk: Stage) -> None:
    templates = Path(keys_written.__file__).parent / "jinja2" / "desk"
    marked = "".join(each.read_text(encoding="utf-8") for each in templates.glob("*.html"))
    assert [name for name, _label in keys_written.KEYS if f'data-key="{name}"' not in marked] == []


# ---- two become one ----


def test_another_one_of_the_same_person_is_taken_in_and_let_out_again(desk: Stage, letters: Letters) -> None:
    who = f"{uuid4().hex}@there.example"
    taken, other = letters.taken("My lamp", peer=who), letters.hears("My desk", peer=who).conversation_id
    assert f'data-merge="{other}"' in page_of(desk, f"c/{taken}/merge")
    assert desk.send(f"c/{taken}/merge/in", {"other": str(other)}).status_code == 200
    page = page_of(desk, f"c/{taken}")
    assert "My desk" in page and f'data-unmerge="{other}"' in page
    assert str(other) not in page_of(desk, "inbox")
    assert desk.send(f"c/{taken}/merge/undo", {"other": str(other)}).status_code == 200
    assert "My desk" not in page_of(desk, f"c/{taken}")
    assert "My desk" in page_of(desk, "inbox")
    assert desk.send(f"c/{taken}/merge/undo", {"other": str(other)}).json()["code"] == "messaging.not_merged"
    assert desk.send(f"c/{taken}/merge/in", {}).status_code == 404
