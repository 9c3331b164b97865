"""Two conversations of one person become one: read and answered in one place, nothing lost, not with a colleague, and undone again."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import merging, timers
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Merge, Message
from callcart.contact.messaging.tokens import reply_token
from callcart.contact.routing import public as routing
from callcart.core.database import parameters
from callcart.core.errors import PermissionDenied
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office


@pytest.fixture
def amy(office: Office) -> UUID:
    with tenant_transaction(office.tenant_id):
        staff = [each.staff_id for each in routing.colleagues(None)]
    for each in staff:
        routing.agent_offline(office.floor.boss, each)
    return office.floor.agent()


def two(office: Office, amy: UUID, *, peer: str = "") -> tuple[UUID, UUID]:
    """The one that is amy's, and one that waits, of the same address."""
    who = peer or f"{uuid4().hex}@there.example"
    mine = office.hears("Where is my lamp?", peer=who).conversation_id
    assert routing.accept(mine, amy, tenant_id=office.tenant_id)
    other = office.hears("And my desk?", peer=who, subject="Desk").conversation_id
    return mine, other


def test_the_other_ends_and_is_read_in_this_one(office: Office, amy: UUID) -> None:
    mine, other = two(office, amy)
    actor = office.actor(amy)
    with tenant_transaction(office.tenant_id):
        assert [each.id for each in merging.could_merge(actor, mine)] == [other]
    for _time in range(2):
        merging.merge(actor, other, into=mine)
    row = office.record(other)
    assert (row.state, row.end_reason) == ("closed", "merged")
    assert office.path(other).count("merged.into") == 1
    assert office.path(mine).count("merged.from") == 1
    with tenant_transaction(office.tenant_id):
        assert [each.source_id for each in merging.merged_into(mine)] == [other]
        entry = AuditEntry.objects.get(action="messaging.merge", subject_id=mine)
        assert entry.before["conversation"] == str(other)


def test_what_comes_in_for_it_arrives_in_the_one_it_goes_on_in(office: Office, amy: UUID) -> None:
    mine, other = two(office, amy)
    merging.merge(office.actor(amy), other, into=mine)
    with tenant_transaction(office.tenant_id):
        first = Message.objects.get(conversation_id=other)
        number = Conversation.objects.get(id=other).number
    by_reference = office.hears("More", peer="a@b.example", references=(first.external_id,))
    with tenant_transaction(office.tenant_id):
        mark = reply_token(number)
    by_mark = office.hears("Even more", peer="a@b.example", token=mark)
    assert by_reference.conversation_id == by_mark.conversation_id == mine
    assert office.record(mine).heard_at is not None


def test_an_sms_of_another_number_of_theirs_arrives_there_too(office: Office, amy: UUID) -> None:
    one = office.hears("Hi", channel="sms", peer="+12025550111").conversation_id
    assert routing.accept(one, amy, tenant_id=office.tenant_id)
    two_ = office.hears("Hi", channel="sms", peer="+12025550112").conversation_id
    customer = uuid4()
    with tenant_transaction(office.tenant_id):
        Conversation.objects.filter(id__in=[one, two_]).update(customer_id=customer)
    merging.merge(office.actor(amy), two_, into=one)
    assert office.hears("Again", channel="sms", peer="+12025550112").conversation_id == one


def test_of_two_people_of_two_channels_or_with_a_colleague_nothing_is_merged(
    office: Office, amy: UUID
) -> None:
    mine, other = two(office, amy)
    stranger = office.hears("I am another").conversation_id
    sms = office.hears("Hi", channel="sms", peer="+12025550113").conversation_id
    ben = office.floor.agent()
    for each, error in (
        (stranger, merging.NotOnePerson),
        (sms, merging.NotOnePerson),
        (mine, merging.NotOnePerson),
    ):
        with pytest.raises(error):
            merging.merge(office.actor(amy), each, into=mine)
    if office.record(other).state == "waiting":
        messaging.take(office.actor(ben), other)
    holder = office.record(other).agent_id
    assert holder in (amy, ben)
    with pytest.raises(merging.WithSomebody):
        merging.merge(office.actor(ben if holder == amy else amy), other, into=mine)
    bare = office.actor(amy)
    with pytest.raises(PermissionDenied):
        merging.merge(type(bare)(bare.tenant_id, bare.kind, id=amy), other, into=mine)
    with tenant_transaction(office.tenant_id):
        assert not Merge.objects.filter(target_id=mine).exists()
    assert office.record(other).state != "closed"


def test_undone_it_goes_on_by_itself_with_its_messages(office: Office, amy: UUID) -> None:
    mine, other = two(office, amy)
    actor = office.actor(amy)
    merging.merge(actor, other, into=mine)
    with tenant_transaction(office.tenant_id):
        first = Message.objects.get(conversation_id=other)
    again = merging.undo(actor, other)
    assert office.messages(again) == ["And my desk?"] and office.messages(mine) == ["Where is my lamp?"]
    assert office.record(again).state in ("waiting", "offered") and office.record(again).heard_at is not None
    assert "merge.undone" in office.path(mine) and "merged.into" in office.path(other)
    late = office.hears("Late", peer="a@b.example", references=(first.external_id,))
    assert late.conversation_id == again
    with pytest.raises(merging.NotMerged):
        merging.undo(actor, other)
    with tenant_transaction(office.tenant_id):
        assert merging.merged_into(mine) == []
        assert AuditEntry.objects.filter(action="messaging.merge_undone", subject_id=mine).count() == 1


def test_dead_half_way_the_timers_end_it(office: Office, amy: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = two(office, amy)
    with monkeypatch.context() as patch:
        patch.setattr(merging.routing, "finish", lambda *_args, **_more: None)
        merging.merge(office.actor(amy), other, into=mine)
    assert office.record(other).state != "closed"
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        timers.run_once(connection)
    assert office.record(other).state == "closed"
