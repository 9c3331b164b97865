"""Wrap-up: a draft that lasts, a disposition of two levels, sent by its own agent only."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, WrapUp
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant


def agent(tenant: Tenant, scope: str = "own") -> Actor:
    grants = {"conversations.handle": Grant(), "conversations.view": Grant(scope=scope)}
    return Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4(), name="Amy", grants=grants)


def talk(tenant: Tenant, with_agent: UUID | None, state: str = "wrap_up") -> UUID:
    made = conversations.open_conversation(Actor.system(tenant.id))
    Conversation.objects.filter(id=made.id).update(state=state, agent_id=with_agent)
    return made.id


def tree(tenant: Tenant) -> tuple[UUID, UUID]:
    system = Actor.system(tenant.id)
    top = conversations.save_disposition(system, "order", name="Order", name_zh="订单", key=1)
    leaf = conversations.save_disposition(system, "order.new", name="New order", key=1, parent_id=top.id)
    return top.id, leaf.id


def test_a_draft_is_kept_while_talking_and_read_again(tenant: Tenant) -> None:
    amy = agent(tenant)
    called = talk(tenant, amy.id, "active")
    conversations.save_wrap_up_draft(amy, called, note="wants the blue one")
    conversations.save_wrap_up_draft(amy, called, note="wants the blue one 🧶")
    found = conversations.wrap_up_of(called)
    assert found is not None
    assert (found.note, found.submitted_at) == ("wants the blue one 🧶", None)


def test_sending_needs_the_second_level(tenant: Tenant) -> None:
    amy = agent(tenant)
    called = talk(tenant, amy.id)
    top, leaf = tree(tenant)
    for chosen in (None, top, uuid4()):
        with pytest.raises(Invalid) as refused:
            conversations.submit_wrap_up(amy, called, note="", disposition_id=chosen)
        assert set(refused.value.fields) == {"disposition"}
    assert not WrapUp.objects.filter(submitted_at__isnull=False).exists()
    sent = conversations.submit_wrap_up(amy, called, note="done", disposition_id=leaf)
    assert sent.submitted_at is not None
    assert AuditEntry.objects.filter(action="conversations.wrap_up", subject_id=called).count() == 1


def test_a_late_draft_does_not_change_what_was_sent(tenant: Tenant) -> None:
    amy = agent(tenant)
    called = talk(tenant, amy.id)
    _, leaf = tree(tenant)
    conversations.submit_wrap_up(amy, called, note="sent", disposition_id=leaf)
    conversations.save_wrap_up_draft(amy, called, note="late")
    found = conversations.wrap_up_of(called)
    assert found is not None and found.note == "sent"


def test_anothers_call_is_not_found(tenant: Tenant) -> None:
    amy, ben = agent(tenant), agent(tenant)
    called = talk(tenant, amy.id)
    with pytest.raises(NotFound):
        conversations.save_wrap_up_draft(ben, called, note="mine now")
    assert conversations.wrap_up_of(called) is None


def test_without_the_permission_nothing_is_written(tenant: Tenant) -> None:
    nobody = Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4())
    called = talk(tenant, nobody.id)
    with pytest.raises(PermissionDenied):
        conversations.save_wrap_up_draft(nobody, called, note="x")
    assert not WrapUp.objects.exists()


def test_a_talk_that_goes_on_cannot_be_sent(tenant: Tenant) -> None:
    amy = agent(tenant)
    _, leaf = tree(tenant)
    called = talk(tenant, amy.id, "active")
    with pytest.raises(conversations.WrongState):
        conversations.submit_wrap_up(amy, called, note="x", disposition_id=leaf)


@pytest.mark.parametrize("text", ["n" * 20_001, "x" * 1_000_000])
def test_too_long_a_note_is_refused_at_its_field(tenant: Tenant, text: str) -> None:
    amy = agent(tenant)
    called = talk(tenant, amy.id)
    with pytest.raises(Invalid) as refused:
        conversations.save_wrap_up_draft(amy, called, note=text)
    assert set(refused.value.fields) == {"note"}


def test_ten_thousand_characters_of_every_kind_are_kept(tenant: Tenant) -> None:
    amy = agent(tenant)
    called = talk(tenant, amy.id)
    text = ("<b>مرحبا</b> 🧶 青禾 \x00" * 1000)[:10_000]
    conversations.save_wrap_up_draft(amy, called, note=text)
    found = conversations.wrap_up_of(called)
    assert found is not None and found.note == text.replace("\x00", "").strip()


def test_digits_are_unique_on_a_level_and_free_again_when_retired(tenant: Tenant) -> None:
    system = Actor.system(tenant.id)
    top, leaf = tree(tenant)
    with pytest.raises(Invalid) as refused:
        conversations.save_disposition(system, "other", name="Other", key=1)
    assert set(refused.value.fields) == {"key"}
    conversations.retire_disposition(system, top)
    conversations.save_disposition(system, "other", name="Other", key=1)
    assert [node.code for node in conversations.dispositions("en")] == ["other"]
    with pytest.raises(Invalid):
        conversations.save_disposition(system, "third", name="Third", key=2, parent_id=leaf)
