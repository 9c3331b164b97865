"""What leaves: once, in order, the turn of every tenant, and in doubt rather than twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connections

from callcart.contact.messaging import deliver, jobs
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.fake import FakeChannel, FakeSms
from callcart.contact.messaging.models import Delivery, EarlyReceipt
from callcart.contact.messaging.states import OPEN, TRANSITIONS, DeliveryState
from callcart.contact.messaging.timers import run_once
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.database import parameters, raw
from callcart.core.errors import PermissionDenied
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import system


@pytest.fixture
def office(fresh_office: Office) -> Office:
    return fresh_office


def _out(office: Office) -> list[DeliveryState]:
    """Hand over all that may go now, one by one."""
    done = []
    while claimed := deliver.claim(office.tenant_id):
        done += [deliver.hand_over(each) for each in claimed]
    return done


def _due_now(office: Office) -> None:
    with tenant_transaction(office.tenant_id):
        Delivery.objects.filter(state="waiting").update(next_at="2020-01-01T00:00:00Z")


def test_a_reply_goes_out_once_with_what_it_answers_to(office: Office) -> None:
    first = office.hears("Where?", subject="Parcel", external_id="<1@there.example>")
    amy = office.floor.agent(ready=False)
    sent = office.reply(amy, first.conversation_id, "Tomorrow.")
    assert _out(office) == ["sent"] and _out(office) == []
    (gone,) = FakeChannel.sent
    assert (gone.to, gone.subject, gone.text, gone.key) == (
        first.peer,
        "Re: Parcel",
        "Tomorrow.",
        str(sent.id),
    )
    assert gone.references == ("<1@there.example>",)
    # The answer finds its way back by the mark alone.
    back = office.hears("Thanks", token=gone.token, peer="other@there.example")
    assert back.conversation_id == first.conversation_id
    record = office.record(first.conversation_id)
    assert record.owner_id == amy and record.answered_at is not None


def test_said_twice_by_the_page_is_said_once(office: Office) -> None:
    first = office.hears()
    amy = office.floor.agent(ready=False)
    key = first.id.__class__(int=7)
    one = office.reply(amy, first.conversation_id, "A", message_id=key)
    two = office.reply(amy, first.conversation_id, "A", message_id=key)
    assert one.id == two.id == key and len(_out(office)) == 1


def test_in_order_also_when_the_first_has_to_wait(office: Office) -> None:
    first = office.hears()
    amy = office.floor.agent(ready=False)
    for text in ("1", "2", "3"):
        office.reply(amy, first.conversation_id, text)
    FakeChannel.fail.append(messaging.NotTaken("busy"))
    assert _out(office) == ["waiting"]  # and the others stay behind it
    _due_now(office)
    assert _out(office) == ["sent", "sent", "sent"]
    assert [each.text for each in FakeChannel.sent] == ["1", "2", "3"]


def test_a_refusal_is_final_and_calls_somebody_and_lets_the_next_go(office: Office) -> None:
    first = office.hears()
    amy = office.floor.agent(ready=False)
    one, two = (office.reply(amy, first.conversation_id, text) for text in ("1", "2"))
    assert office.record(first.conversation_id).heard_at is None
    FakeChannel.fail.append(messaging.Refused("no such mailbox"))
    assert _out(office) == ["failed", "sent"]
    assert office.delivery(one).words == "no such mailbox" and office.delivery(two).state == "sent"
    assert office.record(first.conversation_id).heard_at is not None
    assert "message.failed" in office.path(first.conversation_id)
    with tenant_transaction(office.tenant_id):
        messaging.send_again(office.actor(amy), one.id)
        with pytest.raises(messaging.NotDead):
            messaging.send_again(office.actor(amy), one.id)
    assert _out(office) == ["sent"]


def test_tried_again_later_and_later_then_given_up(office: Office) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    for attempt, pause in enumerate(deliver.AGAIN_AFTER_SECONDS):
        FakeChannel.fail.append(messaging.NotTaken("down"))
        assert _out(office) == ["waiting"]
        found = office.delivery(message)
        with tenant_transaction(office.tenant_id):
            ahead = raw.value(
                "SELECT extract(epoch FROM next_at - clock_timestamp()) FROM messaging_delivery"
            )
        assert found.tries == attempt + 1 and pause - 3 < ahead <= pause
        _due_now(office)
    FakeChannel.fail.append(messaging.NotTaken("down"))
    assert _out(office) == ["failed"]


def test_a_process_that_dies_leaves_a_doubt_and_not_a_second_mail(office: Office) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    (claimed,) = deliver.claim(office.tenant_id)  # and then it dies
    with system() as connection:
        assert run_once(connection) == 0
        connection.execute("UPDATE messaging_delivery SET claimed_until = clock_timestamp()")
        run_once(connection)
    assert office.delivery(message).state == "in_doubt" and _out(office) == []
    # It was not dead, only slow: what it says holds.
    assert deliver.hand_over(claimed) == "sent" and office.delivery(message).state == "sent"


def test_an_answer_of_an_attempt_that_was_given_up_changes_nothing(office: Office) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    (late,) = deliver.claim(office.tenant_id)
    with system() as connection:
        connection.execute("UPDATE messaging_delivery SET claimed_until = clock_timestamp()")
        run_once(connection)
    with tenant_transaction(office.tenant_id):
        messaging.send_again(office.actor(office.floor.agent(ready=False)), message.id)
    FakeChannel.fail.append(messaging.NotTaken("down"))
    assert _out(office) == ["waiting"]
    FakeChannel.fail.append(messaging.Refused("never"))
    deliver.hand_over(late)
    assert office.delivery(message).state == "waiting"


def test_silence_after_the_hand_over_is_a_doubt(office: Office) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    FakeChannel.fail.append(messaging.Unknown("no answer"))
    assert _out(office) == ["in_doubt"] and office.delivery(message).words == "no answer"


@pytest.mark.parametrize("early", [False, True])
def test_a_receipt_holds_whenever_it_comes(office: Office, early: bool) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    reference = f"<{message.id}@fake.example>"
    if early:
        sink.receipt(messaging.Receipt(reference, delivered=True))
    _out(office)
    for delivered in (True, True, False):  # doubled, and one that comes too late to be true
        sink.receipt(messaging.Receipt(reference, delivered=delivered, words="" if delivered else "lost"))
    assert office.delivery(message).state == "delivered"
    with tenant_transaction(office.tenant_id):
        assert not EarlyReceipt.objects.exists()


@pytest.mark.parametrize("first", ["ended", "received"])
def test_a_receipt_that_comes_in_the_very_moment_holds(office: Office, first: str) -> None:
    """Each of the two in a transaction that the other cannot see: the second waits for the first."""
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    (claimed,) = deliver.claim(office.tenant_id)
    reference = f"<{message.id}@fake.example>"
    ended = (
        "SELECT messaging_ended(%s, %s, %s, 'sent', %s, '', 0)",
        (office.tenant_id, claimed.id, 1, reference),
    )
    received = (
        "SELECT messaging_received(%s, %s, %s, true, '')",
        (office.tenant_id, office.lines["mail"], reference),
    )
    order = [ended, received] if first == "ended" else [received, ended]
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7105 AND NOT granted"
    with psycopg.connect(**parameters()) as one, system() as watch, ThreadPoolExecutor(1) as hand:
        one.execute(*order[0])
        second = hand.submit(_run_alone, *order[1])
        for _look in range(200):
            if watch.execute(waits).fetchone() == (1,):
                break
            time.sleep(0.02)
        else:
            pytest.fail("the second did not wait for the first")
        one.commit()
        second.result(10)
    assert office.delivery(message).state == "delivered"


def _run_alone(statement: str, arguments: tuple[object, ...]) -> None:
    with psycopg.connect(**parameters()) as connection:
        connection.execute(statement, arguments)


def test_delivered_is_the_last_word_also_over_failed(office: Office) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    _out(office)
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    for delivered, state in ((False, "failed"), (True, "delivered"), (False, "delivered")):
        sink.receipt(messaging.Receipt(f"<{message.id}@fake.example>", delivered=delivered))
        assert office.delivery(message).state == state


def test_a_receipt_that_never_comes_holds_up_nothing_and_sends_nothing_again(office: Office) -> None:
    """It is sent, and is not said to have arrived; what follows leaves, and nobody is called for it."""
    talk, agent = office.hears().conversation_id, office.floor.agent(ready=False)
    message = office.reply(agent, talk, "first")
    _out(office)
    with system() as db:
        db.execute(
            "UPDATE messaging_delivery SET claimed_until = now() - interval '30 days', next_at = now() - interval '30 days',"
            " ended_at = now() - interval '30 days' WHERE message_id = %s",
            (message.id,),
        )
        run_once(db)
    assert _out(office) == []
    assert office.delivery(message).state == "sent"
    following = office.reply(agent, talk, "second")
    assert _out(office) == ["sent"]
    assert [office.delivery(each).state for each in (message, following)] == ["sent", "sent"]


def test_receipts_of_nobodys_messages_are_forgotten(office: Office) -> None:
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    for reference in ("old", "new"):
        sink.receipt(messaging.Receipt(reference, delivered=True))
    with tenant_transaction(office.tenant_id):
        EarlyReceipt.objects.filter(reference="old").update(at=now() - jobs.RECEIPTS_KEPT)
    jobs.forget_receipts()
    with tenant_transaction(office.tenant_id):
        assert list(EarlyReceipt.objects.values_list("reference", flat=True)) == ["new"]


def test_many_hands_send_each_once_and_in_order(office: Office) -> None:
    amy = office.floor.agent(ready=False)
    talks = [office.hears(channel="sms", peer=f"+1202555{2000 + n}").conversation_id for n in range(6)]
    for round_ in range(4):
        for talk in talks:
            office.reply(amy, talk, f"{round_}")

    def work(_hand: int) -> None:
        for _try in range(60):
            for each in deliver.claim(office.tenant_id, most=2):
                deliver.hand_over(each)
        connections.close_all()

    with ThreadPoolExecutor(6) as hands:
        list(hands.map(work, range(6)))
    by_peer: dict[str, list[str]] = {}
    for each in FakeSms.sent:
        by_peer.setdefault(each.to, []).append(each.text)
    assert list(by_peer.values()) == [["0", "1", "2", "3"]] * 6


def test_a_campaign_holds_up_nobody(office: Office, next_door: Office) -> None:
    amy = office.floor.agent(ready=False)
    flood = [office.hears(channel="sms", peer=f"+1202555{3000 + n}").conversation_id for n in range(40)]
    for talk in flood:
        office.reply(amy, talk, "Sale!")
    with tenant_transaction(office.tenant_id):
        Delivery.objects.update(priority=9)
    live = office.reply(amy, office.hears(channel="sms", peer="+12025553999").conversation_id, "Live")
    other = next_door.reply(
        next_door.floor.agent(ready=False), next_door.hears().conversation_id, "Other shop"
    )
    dispatcher = deliver.Dispatcher(messaging.Held())
    with system() as connection:
        begun = dispatcher.once(connection, lambda work, claimed: work(claimed))
    assert begun == 2 * deliver.AT_ONCE - 1
    assert office.delivery(live).state == next_door.delivery(other).state == "sent"
    assert len(FakeSms.sent) == deliver.AT_ONCE


def test_no_hand_is_lost_when_the_database_is_away(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    message = office.reply(office.floor.agent(ready=False), office.hears().conversation_id, "x")
    dispatcher = deliver.Dispatcher(messaging.Held())

    def away(*_arguments: object, **_named: object) -> None:
        raise psycopg.OperationalError("away")

    with system() as connection:
        with monkeypatch.context() as patch:
            patch.setattr(deliver, "claim", away)
            for _time in range(deliver.HANDS + 1):
                with pytest.raises(psycopg.OperationalError):
                    dispatcher.once(connection, lambda work, claimed: work(claimed))
        assert dispatcher.once(connection, lambda work, claimed: work(claimed)) == 1
    assert office.delivery(message).state == "sent"


def test_a_bound_line_sends_only_where_it_is_listened_to(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.reply(
        office.floor.agent(ready=False), office.hears(channel="sms", peer="+12025550123").conversation_id, "x"
    )
    monkeypatch.setattr(FakeSms, "bound", True)
    assert deliver.claim(office.tenant_id) == []
    assert deliver.claim(office.tenant_id, full=[office.lines["sms"]], held=[office.lines["sms"]]) == []
    assert len(deliver.claim(office.tenant_id, held=[office.lines["sms"]])) == 1


def test_what_is_switched_off_keeps_its_mail(office: Office) -> None:
    first = office.hears()
    amy = office.floor.agent(ready=False)
    office.reply(amy, first.conversation_id, "x")
    with tenant_transaction(office.tenant_id):
        messaging.switch_line(office.floor.boss, office.lines["mail"], on=False)
    assert _out(office) == []
    with pytest.raises(messaging.LineOff):
        office.reply(amy, first.conversation_id, "y")
    with tenant_transaction(office.tenant_id):
        messaging.switch_line(office.floor.boss, office.lines["mail"], on=True)
    assert _out(office) == ["sent"]


def test_states_as_said(office: Office) -> None:
    """What functions.sql does is within the table of states."""
    assert set(TRANSITIONS) == set(DeliveryState) and set(OPEN) < set(TRANSITIONS)
    nobody = Actor(office.tenant_id, ActorKind.STAFF, grants={})
    with pytest.raises(PermissionDenied), tenant_transaction(office.tenant_id):
        messaging.dead_deliveries(nobody)
