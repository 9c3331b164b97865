"""Drafts: who may change them, what a change does to the blocks round it, and two editors at once."""

from __future__ import annotations

from typing import Any

import pytest

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.engage.ivr.models import Flow, FlowVersion, VersionState
from callcart.engage.ivr.public import (
    CodeTaken,
    StaleDraft,
    add_block,
    add_flow,
    begin_with,
    change_block,
    connect,
    discard_draft,
    draft_of,
    ensure_main,
    open_draft,
    publish,
    remove_block,
    rename_flow,
)


def blocks(flow: Flow) -> dict[str, Any]:
    found: dict[str, Any] = FlowVersion.objects.get(flow=flow, state=VersionState.DRAFT).graph["blocks"]
    return found


def test_a_draft_begins_as_what_callers_hear(boss: Actor, main_flow: Flow) -> None:
    draft = open_draft(boss, main_flow.id)
    assert (draft.number, draft.state, draft.based_on) == (2, "draft", 1)
    assert draft.graph == main_flow.versions.get(number=1).graph
    assert open_draft(boss, main_flow.id).id == draft.id
    assert ensure_main(boss) == main_flow


def test_a_block_is_changed_in_part(boss: Actor, main_flow: Flow) -> None:
    draft = open_draft(boss, main_flow.id)
    texts = {"en": "Hello.", "zh-hans": "你好。"}
    values = {"title": "Hello", "words": {"texts": texts}}
    changed = change_block(boss, main_flow.id, "greeting", values, revision=draft.revision)
    assert changed.revision == draft.revision + 1
    assert blocks(main_flow)["greeting"] == {
        "kind": "say", "title": "Hello", "words": {"texts": texts}, "settings": {"opening": False},
        "arrows": {"next": "language"},
    }  # fmt: skip
    audited = AuditEntry.objects.filter(action="ivr.edit").latest("at")
    assert audited.after["greeting"]["title"] == "Hello"
    assert audited.before["greeting"]["title"] == ""


def test_the_same_again_changes_nothing(boss: Actor, main_flow: Flow) -> None:
    draft = open_draft(boss, main_flow.id)
    assert (
        change_block(boss, main_flow.id, "menu", {"title": ""}, revision=draft.revision).revision
        == draft.revision
    )
    assert not AuditEntry.objects.filter(action="ivr.edit").exists()


def test_what_is_wrong_is_said_by_field_and_nothing_is_kept(boss: Actor, main_flow: Flow) -> None:
    draft = open_draft(boss, main_flow.id)
    with pytest.raises(Invalid) as refused:
        change_block(
            boss, main_flow.id, "menu", {"settings": {"tries": 0, "repeats": 7}}, revision=draft.revision
        )
    assert set(refused.value.fields) == {"tries", "repeats"}
    assert blocks(main_flow) == draft.graph["blocks"]


def test_the_second_of_two_editors_is_told(boss: Actor, main_flow: Flow) -> None:
    draft = open_draft(boss, main_flow.id)
    change_block(boss, main_flow.id, "greeting", {"title": "First"}, revision=draft.revision)
    for late in (
        lambda: change_block(boss, main_flow.id, "greeting", {"title": "Second"}, revision=draft.revision),
        lambda: connect(boss, main_flow.id, "greeting", "next", "person", revision=draft.revision),
        lambda: add_block(boss, main_flow.id, "say", revision=draft.revision),
        lambda: remove_block(boss, main_flow.id, "closed", revision=draft.revision),
        lambda: begin_with(boss, main_flow.id, "person", revision=draft.revision),
        lambda: publish(boss, main_flow.id, revision=draft.revision),
        lambda: discard_draft(boss, main_flow.id, revision=draft.revision),
    ):
        with pytest.raises(StaleDraft):
            late()
    assert blocks(main_flow)["greeting"]["title"] == "First"


def test_a_block_put_between_leads_on_to_what_came_next(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    _draft, made = add_block(boss, main_flow.id, "say", revision=revision, after="greeting", way="next")
    assert blocks(main_flow)["greeting"]["arrows"] == {"next": made}
    assert blocks(main_flow)[made]["arrows"] == {"next": "language"}


def test_a_block_taken_away_leaves_its_way_on(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    draft = remove_block(boss, main_flow.id, "greeting", revision=revision)
    assert draft.graph["start"] == "language"
    draft = remove_block(boss, main_flow.id, "no_order", revision=draft.revision)
    assert blocks(main_flow)["order"]["arrows"]["none"] == "person"
    draft = remove_block(boss, main_flow.id, "person", revision=draft.revision)
    assert "0" not in blocks(main_flow)["menu"]["arrows"]


def test_the_beginning_cannot_go_while_nothing_follows(boss: Actor, main_flow: Flow) -> None:
    revision = begin_with(
        boss, main_flow.id, "menu", revision=open_draft(boss, main_flow.id).revision
    ).revision
    with pytest.raises(Invalid):
        remove_block(boss, main_flow.id, "menu", revision=revision)


def test_arrows_lead_to_blocks_that_are_there(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    with pytest.raises(Invalid):
        connect(boss, main_flow.id, "menu", "5", "nowhere", revision=revision)
    with pytest.raises(Invalid):
        connect(boss, main_flow.id, "greeting", "5", "menu", revision=revision)
    draft = connect(boss, main_flow.id, "menu", "5", "goodbye", revision=revision)
    assert blocks(main_flow)["menu"]["arrows"]["5"] == "goodbye"
    connect(boss, main_flow.id, "menu", "5", "", revision=draft.revision)
    assert "5" not in blocks(main_flow)["menu"]["arrows"]


def test_a_branch_that_tells_other_things_apart_keeps_the_way_for_the_rest(
    boss: Actor, main_flow: Flow
) -> None:
    revision = open_draft(boss, main_flow.id).revision
    change_block(boss, main_flow.id, "has_order", {"settings": {"on": "tier"}}, revision=revision)
    assert blocks(main_flow)["has_order"]["arrows"] == {"else": "person"}


def test_a_flow_of_ones_own_begins_as_a_copy(boss: Actor, main_flow: Flow) -> None:
    made = add_flow(boss, code="winter", name="Winter", name_zh="冬季", like=main_flow.id)
    assert blocks(made) == main_flow.versions.get(number=1).graph["blocks"]
    with pytest.raises(CodeTaken):
        add_flow(boss, code="winter", name="Again")
    with pytest.raises(Invalid) as refused:
        add_flow(boss, code="Über", name="")
    assert set(refused.value.fields) == {"code", "name"}
    assert rename_flow(boss, made.id, name="Snow").name == "Snow"


def test_a_draft_thrown_away_takes_a_flow_never_published_with_it(boss: Actor, main_flow: Flow) -> None:
    discard_draft(boss, main_flow.id, revision=open_draft(boss, main_flow.id).revision)
    assert draft_of(boss, main_flow.id) is None
    made = add_flow(boss, code="winter", name="Winter")
    discard_draft(boss, made.id, revision=1)
    assert not Flow.objects.filter(id=made.id).exists()


def test_only_who_may_edit(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    looks = Actor(boss.tenant_id, ActorKind.STAFF, id=new_id(), grants={"ivr.view": Grant()})
    for deny in (
        lambda: open_draft(looks, main_flow.id),
        lambda: add_flow(looks, code="winter", name="Winter"),
        lambda: rename_flow(looks, main_flow.id, name="x"),
        lambda: change_block(looks, main_flow.id, "greeting", {"title": "x"}, revision=revision),
        lambda: connect(looks, main_flow.id, "menu", "5", "goodbye", revision=revision),
        lambda: add_block(looks, main_flow.id, "say", revision=revision),
        lambda: remove_block(looks, main_flow.id, "closed", revision=revision),
        lambda: begin_with(looks, main_flow.id, "menu", revision=revision),
        lambda: discard_draft(looks, main_flow.id, revision=revision),
        lambda: draft_of(Actor(boss.tenant_id, ActorKind.STAFF, id=new_id()), main_flow.id),
    ):
        with pytest.raises(PermissionDenied):
            deny()
    assert FlowVersion.objects.get(state="draft").revision == revision


def test_what_is_not_there_is_not_found(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    with pytest.raises(NotFound):
        change_block(boss, main_flow.id, "gone", {"title": "x"}, revision=revision)
    with pytest.raises(NotFound):
        open_draft(boss, new_id())
