"""What is published holds from the next call on; a call keeps the version it began with, over a restart too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from callcart.contact.routing.public import update_queue
from callcart.contact.voice.flow import (
    Answered,
    Ask,
    CallFacts,
    EndCall,
    Input,
    Key,
    Say,
    Silence,
    Started,
    ToQueue,
)
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.engage.ivr.flow import Menu
from callcart.engage.ivr.models import Flow, FlowNumber, FlowVersion
from callcart.engage.ivr.public import (
    FlowBroken,
    FlowInUse,
    add_flow,
    change_block,
    choose_flow,
    connect,
    differences,
    flow_view,
    graph_in,
    list_flows,
    open_draft,
    publish,
    remove_flow,
    roll_back,
    version_of,
)
from callcart.people.tenants.public import add_service_number

NUMBER = "+12025550199"


class Call:
    """One call through the Flow of calls; what it asks is answered by the Flow itself, as the voice process does it."""

    def __init__(self, menu: Menu, tenant_id: int, dialled: str = "") -> None:
        self.menu = menu
        self.facts = CallFacts(tenant_id, UUID(int=1), "en", service_number=dialled)
        self.state: dict[str, Any] = {}
        self.said: list[str] = []
        self.end: Any = None
        self.give(Started())

    def give(self, given: Input) -> Call:
        reaction = self.menu.react(self.facts, self.state, given)
        self.state = reaction.state
        self.said = [
            each.text for action in reaction.actions if isinstance(action, Say) for each in action.utterances
        ]
        last = reaction.actions[-1] if reaction.actions else None
        self.end = last if isinstance(last, ToQueue | EndCall) else None
        if isinstance(last, Ask):
            value = self.menu.look_up(self.facts, last.question, last.about)
            return self.give(Answered(last.question, value, failed=value in (None, False)))
        return self


def republish(boss: Actor, flow: Flow, text: str) -> FlowVersion:
    """Another greeting, published."""
    revision = open_draft(boss, flow.id).revision
    words = {"texts": {"en": text, "zh-hans": text}}
    draft = change_block(boss, flow.id, "greeting", {"words": words}, revision=revision)
    return publish(boss, flow.id, revision=draft.revision)


def test_without_anything_published_callers_hear_what_ships(boss: Actor) -> None:
    call = Call(Menu(), boss.tenant_id)
    assert call.said[0].startswith("Thank you for calling")
    assert call.state["version"] == ""


def test_the_next_call_hears_what_was_published_and_the_one_before_its_own(
    boss: Actor, main_flow: Flow
) -> None:
    menu = Menu()
    before = Call(menu, boss.tenant_id)
    version = republish(boss, main_flow, "Happy winter.")
    assert Call(menu, boss.tenant_id).said[0] == "Happy winter."
    assert before.state["version"] == str(main_flow.versions.get(number=1).id)
    assert before.give(Key("1")).end == ToQueue("en")
    assert (version.number, version.state) == (2, "published")
    assert main_flow.versions.get(number=1).state == "retired"
    assert Event.objects.filter(kind="ivr.published").latest("id").data == {"number": 2}
    assert AuditEntry.objects.filter(action="ivr.publish").latest("at").after == {"number": 2, "based_on": 1}


def test_a_call_goes_on_in_its_version_after_a_restart_of_the_process(boss: Actor, main_flow: Flow) -> None:
    call = Call(Menu(), boss.tenant_id)
    version = call.state["version"]
    republish(boss, main_flow, "Happy winter.")
    call.menu = Menu()  # another process, which knows nothing
    call.give(Silence())
    assert (call.state["version"], call.state["at"]) == (version, "language")
    assert call.said == ["For English, press one.", "中文服务请按二。"]
    assert call.give(Key("1")).end == ToQueue("en")


def test_a_call_whose_version_is_gone_after_a_restart_comes_to_a_person(boss: Actor, main_flow: Flow) -> None:
    call = Call(Menu(), boss.tenant_id)
    FlowVersion.objects.all().delete()
    call.menu = Menu()
    assert call.give(Silence()).end == ToQueue("en")


def test_a_published_graph_that_cannot_be_read_is_not_walked(boss: Actor, main_flow: Flow) -> None:
    main_flow.versions.update(graph={"blocks": {"x": {"kind": "of tomorrow"}}})
    call = Call(Menu(), boss.tenant_id)
    assert call.said[0].startswith("Thank you for calling")


def test_a_number_leads_to_its_own_flow(boss: Actor, main_flow: Flow) -> None:
    add_service_number(boss, NUMBER, name="Winter sale")
    winter = add_flow(boss, code="winter", name="Winter", like=main_flow.id)
    with pytest.raises(Invalid):
        choose_flow(boss, NUMBER, winter.id)
    republish(boss, winter, "Winter sale.")
    choose_flow(boss, NUMBER, winter.id)
    menu = Menu()
    assert Call(menu, boss.tenant_id, NUMBER).said[0] == "Winter sale."
    assert Call(menu, boss.tenant_id, "+12025550100").said[0].startswith("Thank you")
    rows = {row.flow.code: [number.number for number in row.numbers] for row in list_flows(boss)}
    assert NUMBER in rows["winter"] and NUMBER not in rows["main"]
    with pytest.raises(FlowInUse):
        remove_flow(boss, winter.id)
    choose_flow(boss, NUMBER, None)
    assert Call(menu, boss.tenant_id, NUMBER).said[0].startswith("Thank you")
    remove_flow(boss, winter.id)
    assert not FlowNumber.objects.exists()
    with pytest.raises(Invalid):
        remove_flow(boss, main_flow.id)
    with pytest.raises(NotFound):
        choose_flow(boss, "+12025559999", None)


def test_a_broken_draft_is_refused_and_callers_hear_the_version_before(boss: Actor, main_flow: Flow) -> None:
    draft = connect(
        boss, main_flow.id, "menu", "silence", "", revision=open_draft(boss, main_flow.id).revision
    )
    with pytest.raises(FlowBroken) as refused:
        publish(boss, main_flow.id, revision=draft.revision)
    assert [(each.block, each.name) for each in refused.value.findings] == [("menu", "silence")]
    assert (
        refused.value.message
        == "There is 1 error to put right first. Callers go on hearing the version before."
    )
    assert flow_view(boss, main_flow.id).published == main_flow.versions.get(number=1)


def test_rolling_back_is_a_new_version_with_the_old_blocks(boss: Actor, main_flow: Flow) -> None:
    republish(boss, main_flow, "Happy winter.")
    draft = open_draft(boss, main_flow.id)
    made = roll_back(boss, main_flow.id, 1)
    assert (made.number, made.state, made.based_on) == (3, "published", 1)
    assert Call(Menu(), boss.tenant_id).said[0].startswith("Thank you")
    draft.refresh_from_db()
    assert (draft.number, draft.state) == (4, "draft")
    assert [(each.number, each.state) for each in flow_view(boss, main_flow.id).versions] == [
        (4, "draft"), (3, "published"), (2, "retired"), (1, "retired"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        roll_back(boss, main_flow.id, 3)


def test_one_does_not_roll_back_to_a_queue_that_is_gone(boss: Actor, main_flow: Flow, queue_id: str) -> None:
    revision = open_draft(boss, main_flow.id).revision
    draft = change_block(boss, main_flow.id, "person", {"settings": {"queue": queue_id}}, revision=revision)
    publish(boss, main_flow.id, revision=draft.revision)
    assert Call(Menu(), boss.tenant_id).give(Key("1")).end == ToQueue("en", queue_id)
    republish(boss, main_flow, "Happy winter.")
    update_queue(boss, UUID(queue_id), is_active=False)
    with pytest.raises(FlowBroken):
        roll_back(boss, main_flow.id, 2)


def test_only_who_may_publish(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    edits = Actor(
        boss.tenant_id, ActorKind.STAFF, id=new_id(), grants={"ivr.view": Grant(), "ivr.edit": Grant()}
    )
    for deny in (
        lambda: publish(edits, main_flow.id, revision=revision),
        lambda: roll_back(edits, main_flow.id, 1),
        lambda: choose_flow(edits, NUMBER, None),
        lambda: remove_flow(edits, main_flow.id),
    ):
        with pytest.raises(PermissionDenied):
            deny()
    assert [each.number for each in FlowVersion.objects.filter(state="published")] == [1]


def test_two_versions_are_compared_in_words(boss: Actor, main_flow: Flow) -> None:
    revision = open_draft(boss, main_flow.id).revision
    draft = connect(boss, main_flow.id, "menu", "5", "goodbye", revision=revision)
    change_block(boss, main_flow.id, "menu", {"settings": {"tries": 2}}, revision=draft.revision)
    republish(boss, main_flow, "Happy winter.")
    before, after = (graph_in(version_of(boss, main_flow.id, number)) for number in (1, 2))
    assert differences(before, after) == [
        "“Greeting” says in English: Happy winter.",
        "“Greeting” says in Chinese: Happy winter.",
        "“Menu”: “Wrong tries until it leads on” is now 2.",
        "From “Menu”, “Key 5” leads to “Goodbye”.",
    ]
    assert differences(before, before) == []


def test_a_queue_that_goes_later_is_told_in_the_list(boss: Actor, main_flow: Flow, queue_id: str) -> None:
    revision = open_draft(boss, main_flow.id).revision
    draft = change_block(boss, main_flow.id, "person", {"settings": {"queue": queue_id}}, revision=revision)
    publish(boss, main_flow.id, revision=draft.revision)
    assert [row.errors for row in list_flows(boss)] == [0]
    update_queue(boss, UUID(queue_id), is_active=False)
    assert [row.errors for row in list_flows(boss)] == [1]
