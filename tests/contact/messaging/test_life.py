"""What an agent does with a written conversation: answers, takes, sets aside, ends; and what time does with it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from callcart.contact.conversations.public import WrongState
from callcart.contact.messaging import deliver, life
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.fake import FakeSms
from callcart.contact.messaging.models import Message
from callcart.contact.messaging.timers import run_once
from callcart.contact.routing.models import Agent, Ticket
from callcart.contact.routing.public import NoRoom, agent_offline
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.tenancy import tenant_transaction
from callcart.engage.notices.reach import of_customer
from callcart.people.customers.public import create_customer, get_customer
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import system


def _load(office: Office, staff_id: UUID) -> int:
    with tenant_transaction(office.tenant_id):
        return int(Agent.objects.get(staff_id=staff_id).load_mail)


def _mine(office: Office, **hears: object) -> tuple[UUID, UUID]:
    """An agent with one mail of his own."""
    amy = office.floor.agent(ready=False)
    message = office.hears(**hears)  # type: ignore[arg-type]
    messaging.take(office.actor(amy), message.conversation_id)
    return amy, message.conversation_id


def test_one_that_waits_is_taken_by_one_alone(office: Office) -> None:
    talk = office.hears().conversation_id
    amy, ben = office.floor.agent(ready=False), office.floor.agent(ready=False)
    messaging.take(office.actor(amy), talk)
    with pytest.raises(messaging.SomebodyWasQuicker):
        messaging.take(office.actor(ben), talk)
    assert (office.record(talk).state, office.record(talk).owner_id, _load(office, amy)) == ("active", amy, 1)
    assert office.path(talk)[-2:] == ["taken", "answered"]


def test_nobody_takes_more_than_he_can_have(office: Office) -> None:
    amy = office.floor.agent(ready=False)
    for _time in range(5):
        messaging.take(office.actor(amy), office.hears().conversation_id)
    one_more = office.hears().conversation_id
    with pytest.raises(NoRoom):
        messaging.take(office.actor(amy), one_more)
    assert office.record(one_more).state == "waiting" and _load(office, amy) == 5


def test_set_aside_it_is_with_nobody_and_comes_back_to_its_owner(office: Office) -> None:
    amy, talk = _mine(office)
    ben = office.floor.agent()  # somebody else is free
    office.reply(amy, talk, "Which size?")
    messaging.set_aside(office.actor(amy), talk)
    assert (office.record(talk).state, _load(office, amy)) == ("pending", 0)
    with tenant_transaction(office.tenant_id):
        assert not Ticket.objects.filter(conversation_id=talk).exists()
    office.floor.ready(amy)
    office.hears("Size 9", references=(_first_id(office, talk),))
    record = office.record(talk)
    assert (record.state, record.agent_id) == ("offered", amy)
    for each in (amy, ben):  # the file's other tests want nobody at work
        agent_offline(office.floor.boss, each)


def _first_id(office: Office, talk: UUID) -> str:
    with tenant_transaction(office.tenant_id):
        return str(Message.objects.filter(conversation_id=talk).order_by("place")[0].external_id)


def test_a_word_that_came_meanwhile_is_not_set_aside_unread(office: Office) -> None:
    amy, talk = _mine(office)
    office.hears("One more thing", references=(_first_id(office, talk),))
    with pytest.raises(messaging.HeardMeanwhile):
        messaging.set_aside(office.actor(amy), talk, seen=1)
    assert office.record(talk).state == "active"
    messaging.set_aside(office.actor(amy), talk, seen=2)
    assert office.record(talk).state == "pending"


def test_only_ones_own_is_set_aside_and_only_until_a_time_to_come(office: Office) -> None:
    amy, talk = _mine(office)
    ben = office.floor.agent(ready=False)
    with pytest.raises(WrongState):
        messaging.set_aside(office.actor(ben), talk)
    for wrong in (now() - timedelta(seconds=1), now() + timedelta(days=400)):
        with pytest.raises(Invalid):
            messaging.set_aside(office.actor(amy), talk, until=wrong)
    assert office.record(talk).state == "active"


def test_what_sleeps_wakes_in_the_queue(office: Office) -> None:
    amy, talk = _mine(office)
    messaging.set_aside(office.actor(amy), talk, until=now() + timedelta(hours=1))
    with system() as connection:
        run_once(connection)
        assert office.record(talk).state == "pending"
        connection.execute(
            "UPDATE conversations_conversation SET wake_at = clock_timestamp() WHERE id = %s", [talk]
        )
        run_once(connection)
    record = office.record(talk)
    assert (record.state, record.wake_at) == ("waiting", None) and "woken" in office.path(talk)


def test_what_nobody_goes_on_with_is_closed(office: Office) -> None:
    amy, talk = _mine(office)
    messaging.set_aside(office.actor(amy), talk)
    record = office.record(talk)
    assert record.forget_at is not None and record.forget_at > now() + life.FORGET_AFTER["mail"] - timedelta(
        minutes=1
    )
    with system() as connection:
        connection.execute(
            "UPDATE conversations_conversation SET forget_at = clock_timestamp() WHERE id = %s", [talk]
        )
        run_once(connection)
    assert (office.record(talk).state, office.record(talk).end_reason) == ("closed", "forgotten")


def test_ended_it_is_ended_and_is_not_written_in(office: Office) -> None:
    amy, talk = _mine(office)
    messaging.finish(office.actor(amy), talk)
    messaging.finish(office.actor(amy), talk)
    assert (office.record(talk).state, office.record(talk).end_reason, _load(office, amy)) == (
        "closed",
        "completed",
        0,
    )
    with pytest.raises(WrongState):
        office.reply(amy, talk, "One more thing")
    assert len(office.messages(talk)) == 1


def test_spam_is_ended_and_calls_nobody_again(office: Office) -> None:
    amy, talk = _mine(office, peer="spam@there.example")
    messaging.mark_spam(office.actor(amy), talk)
    assert office.record(talk).end_reason == "spam"
    again = office.hears(peer="spam@there.example")
    assert (office.record(again.conversation_id).state, office.record(again.conversation_id).end_reason) == (
        "closed",
        "spam",
    )
    with tenant_transaction(office.tenant_id):
        messaging.not_spam(office.actor(amy), "mail", "spam@there.example")
    assert office.record(office.hears(peer="spam@there.example").conversation_id).state == "waiting"


def test_writing_first_waits_for_the_customer(office: Office) -> None:
    amy = office.floor.agent(ready=False)
    words = messaging.Words("Your lamp is here.", subject="Lamp")
    with tenant_transaction(office.tenant_id):
        message = messaging.write_first(
            office.actor(amy), office.lines["mail"], words, to=" Ann@There.example "
        )
    record = office.record(message.conversation_id)
    assert (record.state, record.direction, record.owner_id, record.peer) == (
        "pending",
        "outbound",
        amy,
        "ann@there.example",
    )
    for wrong in ("", "nobody", "a" * 400 + "@x"):
        with pytest.raises(Invalid) as refused, tenant_transaction(office.tenant_id):
            messaging.write_first(office.actor(amy), office.lines["mail"], words, to=wrong)
        assert set(refused.value.fields) == {"to"}


def test_what_may_not_be_written_is_not(office: Office) -> None:
    amy, talk = _mine(office)
    for text in ("", "   ", "x" * 50_001, "a\x00b"):
        with pytest.raises(Invalid):
            office.reply(amy, talk, text)
    nobody = Actor(office.tenant_id, ActorKind.STAFF, id=amy, grants={"conversations.view": Grant()})
    with pytest.raises(PermissionDenied), tenant_transaction(office.tenant_id):
        messaging.reply(nobody, talk, messaging.Words("x"))
    stranger = office.actor(office.floor.agent(ready=False), **{"conversations.view": Grant(scope="own")})
    with pytest.raises(NotFound), tenant_transaction(office.tenant_id):
        messaging.reply(stranger, talk, messaging.Words("x"))
    assert len(office.messages(talk)) == 1


def test_who_says_stop_is_sent_nothing_more_until_start(office: Office) -> None:
    amy = office.floor.agent(ready=False)
    with tenant_transaction(office.tenant_id):
        ann = create_customer(office.floor.boss, name="Ann", phone="+12025550177", consent={"sms": True})
    talk = office.hears("Hello", channel="sms", peer="+12025550177").conversation_id
    waiting = office.reply(amy, talk, "On its way")
    heard_before = office.record(talk).heard_at
    office.hears(" Stop! ", channel="sms", peer="+12025550177")
    assert office.record(talk).heard_at == heard_before and office.path(talk)[-1] == "stopped"
    with pytest.raises(messaging.SaidStop):
        office.reply(amy, talk, "One more thing")
    (claimed,) = [
        each for each in deliver.claim(office.tenant_id, most=50) if each.id == office.delivery(waiting).id
    ]
    assert deliver.hand_over(claimed) == "failed" and FakeSms.sent == []
    with tenant_transaction(office.tenant_id):
        assert get_customer(ann.id).consent["sms"]["given"] is False
        assert messaging.has_stopped("sms", "+12025550177")
        assert of_customer(ann.id).addresses == {}  # type: ignore[union-attr]
    office.hears("START", channel="sms", peer="+12025550177")
    assert office.reply(amy, talk, "Welcome back").text == "Welcome back"
    with tenant_transaction(office.tenant_id):
        assert get_customer(ann.id).consent["sms"]["given"] is True


def test_a_stop_out_of_the_blue_calls_nobody_but_cancel_may_mean_an_order(office: Office) -> None:
    stop = office.hears("STOP", channel="sms", peer="+12025550178")
    assert office.record(stop.conversation_id).state == "closed"
    cancel = office.hears("cancel", channel="sms", peer="+12025550179")
    assert office.record(cancel.conversation_id).state == "waiting"
    with tenant_transaction(office.tenant_id):
        assert messaging.has_stopped("sms", "+12025550179")
    by_mail = office.hears("stop")
    assert office.record(by_mail.conversation_id).state == "waiting"


def test_the_inbox_shows_what_is_due_first(office: Office) -> None:
    amy, talk = _mine(office)
    waits = office.hears("Second").conversation_id
    office.reply(amy, talk, "Answered")
    with tenant_transaction(office.tenant_id):
        rows = messaging.inbox(office.actor(amy))
    ids = [each.id for each in rows]
    assert ids.index(waits) < ids.index(talk) and ids[-1] == talk
    mine = next(each for each in rows if each.id == talk)
    assert (mine.state, mine.due, mine.snippet) == ("active", None, "Answered")
