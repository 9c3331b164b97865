"""Strangers: who writes himself into a conversation of somebody else is nobody's customer for that, mail in our name that comes back does
not drown the floor, and what two do at one moment loses nobody.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import arrive, life, merging, queueing
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Delivery, Merge, Message
from callcart.contact.messaging.states import DeliveryState
from callcart.contact.messaging.timers import run_once
from callcart.contact.routing import public as routing
from callcart.contact.routing.setup import update_queue
from callcart.core.actor import Grant
from callcart.core.errors import Conflict, NotFound
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import system


@pytest.mark.parametrize("same", [True, False])
def test_who_answers_an_old_mail_is_its_customer_only_by_its_address(office: Office, same: bool) -> None:
    first, customer = office.hears("One"), uuid4()
    with tenant_transaction(office.tenant_id):
        Conversation.objects.filter(id=first.conversation_id).update(customer_id=customer)
    office.floor.finish(first.conversation_id)
    peer = first.peer if same else "friend.of.a.friend@elsewhere.example"
    later = office.record(
        office.hears("Send it to me", peer=peer, references=(first.external_id,)).conversation_id
    )
    assert later.id != first.conversation_id and later.peer == peer
    assert later.customer_id == (customer if same else None)


def test_mail_in_our_name_that_comes_back_by_the_thousand_calls_only_for_a_few(office: Office) -> None:
    seen = [
        office.hears("No such mailbox", peer=f"mailer-daemon@m{n}.example", bounce_of=f"<{n}@forged.example>", automatic=True)
        for n in range(arrive.BOUNCES_AN_HOUR + 3)
    ]  # fmt: skip
    states = [office.record(each.conversation_id).state for each in seen]
    assert states == ["waiting"] * arrive.BOUNCES_AN_HOUR + ["closed"] * 3
    first = office.hears("One")
    mine = office.reply(office.floor.agent(ready=False), first.conversation_id, "Two")
    with tenant_transaction(office.tenant_id):
        Message.objects.filter(id=mine.id).update(external_id="<truly-ours@shop.example>")
    office.hears("No such mailbox", bounce_of="<truly-ours@shop.example>", automatic=True)
    assert office.record(first.conversation_id).heard_at is not None, "what we sent is looked at always"


def test_two_that_are_merged_into_each_other_at_one_moment_do_not_both_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = f"{uuid4().hex}@there.example"
    one, two = (office.hears(text, peer=peer).conversation_id for text in ("Lamp", "Desk"))
    agents = [office.floor.agent(ready=False) for _each in range(2)]
    with monkeypatch.context() as patch:  # the end of the first comes after its commit: the second is quicker
        patch.setattr(merging.routing, "finish", lambda *_args, **_more: None)
        merging.merge(office.actor(agents[0]), one, into=two)
    with pytest.raises(merging.HasEnded):
        merging.merge(office.actor(agents[1]), two, into=one)
    with system() as link:
        run_once(link)
    assert [office.record(each).state == "closed" for each in (one, two)] == [True, False]
    with tenant_transaction(office.tenant_id):
        assert list(Merge.objects.filter(source_id__in=[one, two]).values_list("source_id", flat=True)) == [
            one
        ]


def test_how_often_an_address_wrote_is_found_by_an_index(office: Office) -> None:
    with tenant_transaction(office.tenant_id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT count(*) FROM (SELECT 1 FROM messaging_message WHERE line_id = %s AND peer = 'a@b.example'"
            " AND author = 'customer' AND at > now() - interval '15 minutes' LIMIT 21) x",
            [office.lines["mail"]],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "messaging_message_of_peer" in plan, plan


def test_what_comes_for_a_queue_that_is_switched_off_waits_in_the_most_general_one(
    fresh_office: Office,
) -> None:
    office = fresh_office
    with tenant_transaction(office.tenant_id):
        general = min(
            (each for each in routing.queues() if each.id != office.floor.queues["sales"]),
            key=lambda each: (each.priority, each.code),
        )
        update_queue(office.floor.boss, office.floor.queues["sales"], is_active=False)
    mail = office.hears("Anybody there?")
    row = office.record(mail.conversation_id)
    assert (row.state, row.queue_id) == ("waiting", general.id)


def test_a_shop_without_any_queue_holds_up_nobody(
    fresh_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = fresh_office
    with tenant_transaction(office.tenant_id):
        for each in routing.queues():
            update_queue(office.floor.boss, each.id, is_active=False)
    office.hears("Anybody there?")
    asked: list[UUID] = []
    monkeypatch.setattr(queueing, "enqueue", lambda _tenant, conversation: asked.append(conversation))
    monkeypatch.setattr("callcart.contact.messaging.timers.QUEUED_WITHIN", 0)
    with system() as link:
        assert run_once(link) == 0
    assert asked == []


def test_only_within_reach_is_a_message_sent_again(office: Office) -> None:
    amy, ben = (office.floor.agent(ready=False) for _each in range(2))
    talk = office.hears("One").conversation_id
    messaging.take(office.actor(amy), talk)
    mine = office.reply(amy, talk, "Two")
    with tenant_transaction(office.tenant_id):
        Delivery.objects.filter(message=mine).update(state=DeliveryState.FAILED)
    own = {"conversations.view": Grant(scope="own")}
    nosy = office.actor(ben, **own)
    nosy = type(nosy)(
        nosy.tenant_id,
        nosy.kind,
        id=ben,
        grants={k: v for k, v in nosy.grants.items() if k != "messaging.dead"},
    )
    with tenant_transaction(office.tenant_id), pytest.raises(NotFound):
        messaging.send_again(nosy, mine.id)
    assert office.delivery(mine).state == "failed"
    with tenant_transaction(office.tenant_id):
        messaging.send_again(office.actor(amy, **own), mine.id)
    assert office.delivery(mine).state == "waiting"


def _in_a_thread(run: object) -> object:
    try:
        return run()  # type: ignore[operator]
    except Conflict as error:
        return error
    finally:
        connections.close_all()


def test_merged_into_each_other_by_two_hands(office: Office) -> None:
    peer = f"{uuid4().hex}@there.example"
    one, two = (office.hears(text, peer=peer).conversation_id for text in ("Lamp", "Desk"))
    amy, ben = (office.actor(office.floor.agent(ready=False)) for _each in range(2))
    with ThreadPoolExecutor(2) as hands:
        ends = [
            hands.submit(_in_a_thread, lambda: merging.merge(amy, one, into=two)),
            hands.submit(_in_a_thread, lambda: merging.merge(ben, two, into=one)),
        ]
        refused = [each.result(20) for each in ends]
    assert sum(isinstance(each, Conflict) for each in refused) == 1, refused
    assert sorted(office.record(each).state == "closed" for each in (one, two)) == [False, True]


@pytest.mark.parametrize("moment", ["before it is written", "before it ends"])
def test_a_word_that_comes_as_the_conversation_is_ended_is_not_passed_over(
    office: Office, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    first = office.hears("Where is it?")
    amy = office.floor.agent(ready=False)
    messaging.take(office.actor(amy), first.conversation_id)
    mine = office.reply(amy, first.conversation_id, "On its way.")

    def writes(*_args: object, **_more: object) -> None:
        office.hears("And my invoice?", peer=first.peer, references=(first.external_id,))

    if moment == "before it is written":  # after the desk has looked, as when a survey is sent first
        writes()
        with pytest.raises(messaging.HeardMeanwhile):
            messaging.finish(office.actor(amy), first.conversation_id, seen=mine.place)
        assert office.record(first.conversation_id).state == "active"
        assert office.record(first.conversation_id).heard_at is not None
        return
    end = life.routing.finish
    monkeypatch.setattr(life.routing, "finish", lambda *args, **more: (writes(), end(*args, **more))[1])
    messaging.finish(office.actor(amy), first.conversation_id, seen=mine.place)
    monkeypatch.undo()
    assert office.record(first.conversation_id).state == "closed"
    assert office.messages(first.conversation_id) == ["Where is it?", "On its way."]
    with tenant_transaction(office.tenant_id):
        late = Message.objects.get(text="And my invoice?", peer=first.peer)
    again = office.record(late.conversation_id)
    assert again.id != first.conversation_id and again.heard_at is not None
    assert (again.state, again.owner_id) in (("waiting", amy), ("offered", amy))
