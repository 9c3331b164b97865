"""A conversation's states: the table in Python and the function in the database are the same, and tell the same."""

from __future__ import annotations

import itertools
from uuid import uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.open import move
from callcart.contact.conversations.states import ConversationState, may_move
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import NotFound
from callcart.core.models import Event
from callcart.people.tenants.models import Tenant


@pytest.fixture
def actor(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id)


def test_both_tables_of_moves_are_the_same(db: None) -> None:
    for before, after in itertools.product(ConversationState, repeat=2):
        said = raw.value("SELECT conversations_may_move(%s, %s)", (before, after))
        assert said is may_move(before, after), (before, after)


def test_opening_twice_with_one_id_is_opening_once(actor: Actor) -> None:
    chosen = uuid4()
    first = conversations.open_conversation(actor, conversation_id=chosen, caller_e164="+12025550123")
    again = conversations.open_conversation(actor, conversation_id=chosen, caller_e164="+12025550199")
    assert (first.id, again.caller_e164) == (again.id, "+12025550123")
    assert Event.objects.filter(kind="conversation.state", subject_id=chosen).count() == 1


@pytest.mark.parametrize("sent", ["", "anonymous", "\x00\x07<sip:x>", "+1 202 555", "a" * 5000, "‮1234"])
def test_whatever_a_network_sends_as_a_number_is_kept_and_cut(actor: Actor, sent: str) -> None:
    made = conversations.open_conversation(actor, caller_raw=sent)
    kept = Conversation.objects.get(id=made.id).caller_raw
    assert len(kept) <= 80
    assert kept.isprintable()


def test_a_refused_move_changes_nothing(actor: Actor) -> None:
    made = conversations.open_conversation(actor)
    steps = Step.objects.count()
    with pytest.raises(conversations.WrongState):
        move(actor, made.id, ConversationState.WRAP_UP, kind="x")
    made.refresh_from_db()
    assert (made.state, Step.objects.count()) == ("new", steps)


def test_closing_keeps_the_first_reason(actor: Actor) -> None:
    made = conversations.open_conversation(actor)
    conversations.enter_menu(actor, made.id)
    assert conversations.close_conversation(actor, made.id, reason="hung_up_in_menu")
    assert not conversations.close_conversation(actor, made.id, reason="failed")
    made.refresh_from_db()
    assert (made.state, made.end_reason) == ("closed", "hung_up_in_menu")
    assert made.ended_at is not None and made.ended_at == made.closed_at


def test_one_that_does_not_exist_is_not_found(actor: Actor) -> None:
    with pytest.raises(NotFound):
        move(actor, uuid4(), ConversationState.IVR, kind="x")
    with pytest.raises(NotFound):
        conversations.get_conversation(uuid4(), actor)


def test_the_path_tells_who_and_what_in_order(actor: Actor) -> None:
    made = conversations.open_conversation(actor)
    conversations.enter_menu(actor, made.id)
    conversations.set_language(made.id, "zh-hans")
    conversations.set_language(made.id, "zh-hans")
    order = uuid4()
    conversations.link(made.id, "order", order)
    conversations.link(made.id, "order", order)
    kinds = [step.kind for step in conversations.path_of(made.id)]
    assert kinds == ["opened", "menu.entered", "language.set", "linked"]
    assert [found.id for found in conversations.linked_to("order", order)] == [made.id]


def test_the_timeline_pages_by_time(actor: Actor) -> None:
    customer = uuid4()
    made = [conversations.open_conversation(actor, customer_id=customer) for _ in range(5)]
    first = conversations.timeline(actor, customer, limit=2)
    rest = conversations.timeline(actor, customer, before=first[-1].at)
    assert [entry.id for entry in [*first, *rest]] == [row.id for row in reversed(made)]
