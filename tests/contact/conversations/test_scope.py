"""Scopes `own` and `team`: others' conversations are not read, not noted, not renamed; nothing tells that they are there."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Note
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.errors import NotFound, PermissionDenied
from callcart.people.staff.public import Staff, create_role, create_staff, create_team, merged_grants
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


# ---- scope `team` ----


@pytest.fixture
def team(tenant: Tenant) -> tuple[Actor, UUID, UUID]:
    """A team leader who sees his team's; a colleague of it; somebody of no team."""
    boss = Actor.system(tenant.id)
    staff = [
        create_staff(
            boss, email=f"{name}@harbor.example", name=name, password="a long enough sentence", role_ids=[]
        )
        for name in ("Lee", "Mia", "Otto")
    ]
    Staff.objects.filter(id__in=[each.id for each in staff[:2]]).update(
        team=create_team(boss, name="Evening")
    )
    grants = {"conversations.view": Grant(scope="team"), "conversations.handle": Grant()}
    leader = Actor(tenant.id, ActorKind.STAFF, staff[0].id, name="Lee", grants=grants)
    return leader, staff[1].id, staff[2].id


def test_who_sees_those_of_the_team_sees_no_others(tenant: Tenant, team: tuple[Actor, UUID, UUID]) -> None:
    leader, mate, stranger = team
    customer = uuid4()
    mine, theirs = talk(tenant, leader.id, customer), talk(tenant, mate, customer, "asked for red")
    others, nobodys = talk(tenant, stranger, customer), talk(tenant, None, customer)
    assert {each.id for each in conversations.timeline(leader, customer)} == {mine, theirs}
    assert set(conversations.visible(leader).values_list("id", flat=True)) == {mine, theirs}
    assert conversations.agents_within_reach(leader) == {leader.id, mate}
    assert conversations.write_note(leader, theirs, text="seen").staff_id == leader.id
    for each in (others, nobodys):
        with pytest.raises(NotFound):
            conversations.get_conversation(each, leader)
        with pytest.raises(NotFound):
            conversations.write_note(leader, each, text="hello")
        assert not conversations.is_within_reach(leader, each)
    assert Note.objects.filter(conversation_id__in=[others, nobodys]).count() == 0


def test_what_one_of_the_team_has_answered_or_owns_is_the_teams(
    tenant: Tenant, team: tuple[Actor, UUID, UUID]
) -> None:
    leader, mate, stranger = team
    passed_on, owned, dealt_with = (talk(tenant, stranger, uuid4()) for _each in range(3))
    conversations.add_step(passed_on, "answered", staff_id=mate)
    Conversation.objects.filter(id__in=[owned, dealt_with]).update(owner_id=mate, closed_at=None)
    Conversation.objects.filter(id=dealt_with).update(closed_at=now())
    assert conversations.get_conversation(passed_on, leader).id == passed_on
    assert conversations.is_within_reach(leader, owned)
    assert not conversations.is_within_reach(leader, dealt_with)


def test_a_leader_who_leaves_the_team_sees_his_own_only(
    tenant: Tenant, team: tuple[Actor, UUID, UUID]
) -> None:
    leader, mate, _stranger = team
    theirs = talk(tenant, mate, uuid4())
    assert conversations.is_within_reach(leader, theirs)
    Staff.objects.filter(id=leader.id).update(team=None)
    assert not conversations.is_within_reach(leader, theirs)


def test_an_administrator_can_give_it(tenant: Tenant) -> None:
    boss = Actor.system(tenant.id)
    role = create_role(boss, name="Team leader", wanted={"conversations.view": {"scope": "team"}})
    assert merged_grants([role.grants])["conversations.view"] == Grant(scope="team")
