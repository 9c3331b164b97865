"""Canned replies and macros: found at the desk, filled from the order, edited in the office."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations.models import Tagging
from callcart.contact.conversations.tags import TagDraft, save_tag
from callcart.core.errors import Invalid, PermissionDenied
from callcart.engage.canned import public as canned
from callcart.people.staff.public import resolve_session
from tests.web.desk.letters import Letters
from tests.web.desk.stage import GRACE, Stage


def made(desk: Stage, code: str, text: str = "Hello {{customer.name}}", **more: Any) -> UUID:
    with desk.transaction():
        draft = canned.ReplyDraft(code, more.pop("name", code.title()), text=text, **more)
        return canned.save_reply(desk.boss, draft).id


def found(desk: Stage, conversation_id: UUID, typed: str, **who: Any) -> list[dict[str, Any]]:
    answer = desk.client(**who).get("/desk/canned", {"conversation": str(conversation_id), "q": typed})
    assert answer.status_code == 200
    replies: list[dict[str, Any]] = answer.json()["replies"]
    return replies


def test_filled_from_the_customer_and_the_order(desk: Stage, letters: Letters) -> None:
    order = desk.order()
    taken = letters.taken(channel="sms", peer=GRACE)
    made(
        desk,
        "zlost",
        "Dear {{customer.name}}, {{order.number}} over {{order.total}}: {{parcel.tracking}} {{agent.name}}",
    )
    (reply,) = found(desk, taken, "zlo")
    assert reply["text"].startswith(f"Dear Grace Whitfield, {order.number} over $43.05: ")
    assert reply["missing"] == ["{{parcel.tracking}}"]


def test_in_the_customers_language_and_on_its_channels_only(desk: Stage, letters: Letters) -> None:
    made(desk, "hours", "We open at nine.", text_zh="我们九点开门。")
    made(desk, "hours-mail", "Long", channels=["mail"])
    made(desk, "hours-off", "Gone", is_active=False)
    chinese = letters.taken("你好", channel="sms", peer="+8613800000044", language="zh-hans")
    with desk.transaction():
        type(letters.record(chinese)).objects.filter(id=chinese).update(language="zh-hans")
    assert [each["text"] for each in found(desk, chinese, "hours")] == ["我们九点开门。"]
    assert found(desk, chinese, "nothing like it") == []


def test_an_answer_with_an_open_field_is_not_sent(desk: Stage, letters: Letters) -> None:
    taken = letters.taken()
    body = {"text": "Your parcel {{parcel.tracking}}", "message_id": str(uuid4()), "seen": 1, "then": ""}
    refused = desk.send(f"c/{taken}/reply", body)
    assert refused.status_code == 422 and "parcel.tracking" in refused.json()["fields"]["text"]
    assert letters.texts(taken) == ["Where is my lamp?"]


def test_a_macro_answers_tags_and_ends(desk: Stage, letters: Letters) -> None:
    with desk.transaction():
        tag = save_tag(desk.boss, TagDraft("Solved"))
    macro = made(desk, "solved", "Glad it works.", tag_id=tag.id, then="finish")
    taken = letters.taken()
    (reply,) = found(desk, taken, "solved")
    assert reply["then"] == "finish" and "tag Solved" in reply["about"]
    body = {
        "text": "Glad it works.",
        "message_id": str(uuid4()),
        "seen": 1,
        "then": "finish",
        "macro": str(macro),
    }
    assert desk.send(f"c/{taken}/reply", body).status_code == 200
    assert letters.record(taken).state == "closed"
    with desk.transaction():
        assert Tagging.objects.filter(conversation_id=taken, tag=tag).count() == 1


def test_edited_in_the_office_and_every_wrong_field_is_named(desk: Stage, letters: Letters) -> None:
    boss = desk.client("super")
    form = {"code": "/bad code!", "name": "", "text": "{{order.colour}}", "then": "explode", "is_active": "1"}
    refused = boss.post("/office/replies/new", form)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert (
        "typed after /" in page
        and "order.colour" in page
        and "Please fill this in" in page
        and "values offered" in page
    )
    good = {
        "code": "cheers",
        "name": "Thanks",
        "text": "Thank you!",
        "then": "",
        "is_active": "1",
        "channels": ["sms"],
    }
    assert boss.post("/office/replies/new", good).status_code == 303
    assert "already" in boss.post("/office/replies/new", good).content.decode()
    with desk.transaction():
        row = canned.CannedReply.objects.get(code="cheers")
    assert row.channels == ["sms"]
    changed = {**good, "text": "Thanks!", "version": "1"}
    assert boss.post(f"/office/replies/{row.id}", changed).status_code == 303
    stale = boss.post(f"/office/replies/{row.id}", {**changed, "text": "Mine"})
    assert stale.status_code == 409 and "Mine" in stale.content.decode()
    assert "/cheers" in boss.get("/office/replies").content.decode()
    assert desk.client("amy").get("/office/replies").status_code == 403


def test_tags_are_edited_in_the_office(desk: Stage) -> None:
    boss = desk.client("super")
    assert boss.post("/office/tags/new", {"name": "", "tone": "pink"}).status_code == 422
    form = {"name": "Refund wanted", "name_zh": "要退款", "tone": "amber", "is_active": "1"}
    assert boss.post("/office/tags/new", form).status_code == 303
    assert boss.post("/office/tags/new", form).status_code == 422
    assert "Refund wanted" in boss.get("/office/tags").content.decode()
    assert desk.client("amy").get("/office/tags").status_code == 403


def test_who_may_not_edit_changes_nothing(desk: Stage) -> None:
    client = desk.client("amy")
    with desk.transaction():
        actor = resolve_session(client.cookies["staff"].value)
        assert actor is not None
        with pytest.raises(PermissionDenied):
            canned.save_reply(actor, canned.ReplyDraft("sneak", "Sneak", text="x"))
        with pytest.raises(PermissionDenied):
            save_tag(actor, TagDraft("Sneak"))
        with pytest.raises(Invalid):
            canned.save_reply(desk.boss, canned.ReplyDraft("x", "X", text="y", tag_id=uuid4()))
        assert not canned.CannedReply.objects.filter(code__in=("sneak", "x")).exists()


def test_the_shop_next_door_has_its_own(desk: Stage, letters: Letters, other: Stage) -> None:
    mine = made(desk, "ours", "Ours")
    assert other.client("super").get(f"/office/replies/{mine}").status_code == 404
    assert "/ours" not in other.client("super").get("/office/replies").content.decode()
