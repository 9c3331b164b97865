"""Scope `own`: colleagues' conversations are not read, not noted, not renamed; nothing tells that they are there."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Note
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import NotFound, PermissionDenied
from callcart.people.tenants.models import Tenant


def agent(tenant: Tenant, **scopes: str) -> Actor:
    """Somebody who handles conversations and sees those of the scope `view`; without it, none."""
    grants = {"conversations.handle": Grant()}
    grants |= {f"conversations.{name}": Grant(scope=scope) for name, scope in scopes.items()}
    return Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4(), name="Amy", grants=grants)


def talk(tenant: Tenant, with_agent: UUID | None, customer: UUID, note: str = "") -> UUID:
    """A talk that is over, wrapped up with a note."""
    made = conversations.open_conversation(Actor.system(tenant.id), customer_id=customer)
    Conversation.objects.filter(id=made.id).update(state="wrap_up", agent_id=with_agent)
    conversations.submit_wrap_up(Actor.system(tenant.id), made.id, note=note, disposition_id=None)
    return made.id


def test_a_timeline_holds_what_its_reader_may_see(tenant: Tenant) -> None:
    amy, ben, customer = agent(tenant, view="own"), agent(tenant, view=""), uuid4()
    mine = talk(tenant, amy.id, customer, "asked for red")
    theirs = talk(tenant, ben.id, customer, "her husband must not know")
    nobodys = talk(tenant, None, customer)
    assert [(each.id, each.note) for each in conversations.timeline(amy, customer)] == [
        (mine, "asked for red")
    ]
    assert {each.id for each in conversations.timeline(ben, customer)} == {mine, theirs, nobodys}


def test_without_the_permission_there_is_no_timeline(tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        conversations.timeline(agent(tenant), uuid4())


@pytest.mark.parametrize(("scopes", "error"), [({"view": "own"}, NotFound), ({}, PermissionDenied)])
def test_anothers_conversation_takes_no_note_and_no_name(
    tenant: Tenant, scopes: dict[str, str], error: type[Exception]
) -> None:
    amy, customer = agent(tenant, **scopes), uuid4()
    theirs = talk(tenant, uuid4(), customer)
    with pytest.raises(error):
        conversations.write_note(amy, theirs, text="hello")
    with pytest.raises(error):
        conversations.set_customer(amy, theirs, uuid4())
    assert not Note.objects.exists()
    assert conversations.get_conversation(theirs).customer_id == customer


def test_a_note_goes_on_ones_own_and_on_a_colleagues_within_reach(tenant: Tenant) -> None:
    for amy, whose in (
        (agent(tenant, view="own"), None),
        (agent(tenant), None),
        (agent(tenant, view=""), uuid4()),
    ):
        note = conversations.write_note(amy, talk(tenant, whose or amy.id, uuid4()), text="called back")
        assert (note.staff_id, note.text) == (amy.id, "called back")
