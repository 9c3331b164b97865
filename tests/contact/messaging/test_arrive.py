"""What comes in is kept once, in the conversation it belongs to, and somebody is called for it, unless a machine wrote."""

from __future__ import annotations

import errno
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from callcart.contact.conversations.models import Conversation, Link
from callcart.contact.messaging import arrive, attach, jobs, queueing
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Arrival, Attachment, Message
from callcart.contact.messaging.timers import run_once
from callcart.contact.messaging.tokens import number_of, reply_token
from callcart.contact.messaging.transport import Heard
from callcart.core import files
from callcart.core.database import raw
from callcart.core.tenancy import acting_for, tenant_transaction
from callcart.people.customers.public import create_customer
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import system


def test_a_mail_waits_in_its_lines_queue(office: Office) -> None:
    message = office.hears("Where is my parcel?", subject="Parcel", peer_name="Ann", quoted="> You wrote")
    assert (message.text, message.quoted) == ("Where is my parcel?", "> You wrote")
    record = office.record(message.conversation_id)
    assert (record.channel, record.state, record.title, record.peer) == (
        "mail", "waiting", "Parcel", message.peer,
    )  # fmt: skip
    assert record.queue_id == office.floor.queues["sales"] and record.heard_at is not None
    assert office.path(record.id) == ["opened", "message.received", "queue.entered"]


def test_the_same_mail_twice_is_one(office: Office) -> None:
    first = office.hears("Once", external_id="<same@there.example>")
    again = office.hears("Once", external_id="<same@there.example>")
    assert again.id == first.id and office.messages(first.conversation_id) == ["Once"]


@pytest.mark.parametrize("way", ["mark", "references"])
def test_an_answer_belongs_to_its_conversation(office: Office, way: str) -> None:
    first = office.hears("One")
    with acting_for(office.tenant_id):
        token = reply_token(office.record(first.conversation_id).number)
    more = {"token": token.upper()} if way == "mark" else {"references": ("<x@y>", first.external_id)}
    # From another address of the same person, as it happens.
    second = office.hears("Two", peer=f"{way}@elsewhere.example", **more)
    assert second.conversation_id == first.conversation_id and second.place == 2


def test_a_mark_of_another_shop_or_a_guess_is_none(office: Office) -> None:
    first = office.hears("One")
    with acting_for(office.tenant_id):
        number = office.record(first.conversation_id).number
    with acting_for(office.tenant_id + 1):
        foreign = reply_token(number)
    for token in (foreign, f"{number}-aaaaaaaa", number, "x" * 500):
        assert office.hears("Two", token=token).conversation_id != first.conversation_id
    with acting_for(office.tenant_id):
        assert number_of(reply_token(number)) == number


def test_sms_of_one_number_are_one_conversation_until_it_ends(office: Office) -> None:
    one = office.hears("Hi", channel="sms", peer="+12025550111")
    two = office.hears("Hello?", channel="sms", peer="+12025550111")
    assert two.conversation_id == one.conversation_id
    office.floor.finish(one.conversation_id)
    three = office.hears("Again", channel="sms", peer="+12025550111")
    assert three.conversation_id != one.conversation_id
    with tenant_transaction(office.tenant_id):
        follows = Link.objects.filter(conversation_id=three.conversation_id)
        assert not follows.exists()  # what has ended is over; a mail that answers an old one is linked to it


def test_two_that_come_in_at_one_moment_are_one_conversation(office: Office) -> None:
    peer, line = "+12025550112", office.line("sms")
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7106 AND NOT granted"
    with system() as watch, ThreadPoolExecutor(1) as hand:
        with tenant_transaction(office.tenant_id):
            first = arrive.receive(line, messaging.Incoming(external_id="m1", peer=peer, text="One"))
            second = hand.submit(_in_a_thread, office, peer)
            for _look in range(500):
                if watch.execute(waits).fetchone() == (1,):
                    break
                time.sleep(0.02)
            else:
                pytest.fail("the second did not wait for the first")
        second.result(10)
    assert first is not None and office.messages(first.conversation_id) == ["One", "Two"]


def _in_a_thread(office: Office, peer: str) -> None:
    office.hears("Two", channel="sms", peer=peer)
    connections.close_all()


def test_an_answer_to_an_ended_mail_begins_one_that_is_linked(office: Office) -> None:
    first = office.hears("One")
    office.floor.finish(first.conversation_id)
    second = office.hears("Two", references=(first.external_id,))
    assert second.conversation_id != first.conversation_id
    with tenant_transaction(office.tenant_id):
        linked = Link.objects.get(conversation_id=second.conversation_id)
    assert (linked.kind, linked.object_id) == ("conversation", first.conversation_id)


def test_who_writes_is_known_where_the_address_is_ones_alone(office: Office) -> None:
    with tenant_transaction(office.tenant_id):
        ann = create_customer(office.floor.boss, name="Ann", email="ann@there.example")
        for name in ("Bo", "Cy"):
            create_customer(office.floor.boss, name=name, email="both@there.example")
    assert office.record(office.hears(peer="ann@there.example").conversation_id).customer_id == ann.id
    assert office.record(office.hears(peer="both@there.example").conversation_id).customer_id is None


def test_a_machine_calls_nobody(office: Office) -> None:
    alone = office.hears("I am on holiday", automatic=True)
    record = office.record(alone.conversation_id)
    assert (record.state, record.end_reason, alone.kind) == ("closed", "automatic", "automatic")
    first = office.hears("One")
    office.hears("I am on holiday", automatic=True, references=(first.external_id,))
    assert office.messages(first.conversation_id) == ["One", "I am on holiday"]


def test_two_machines_that_answer_one_another_are_noticed(office: Office) -> None:
    seen = [office.hears("Ticket 1", peer="robot@there.example") for _time in range(arrive.OFTEN + 2)]
    states = [office.record(each.conversation_id).state for each in seen]
    assert states[: arrive.OFTEN - 1] == ["waiting"] * (arrive.OFTEN - 1) and states[-1] == "closed"


def test_a_bounce_calls_somebody(office: Office) -> None:
    first = office.hears("One")
    agent = office.floor.agent(ready=False)
    mine = office.reply(agent, first.conversation_id, "Two")
    with tenant_transaction(office.tenant_id):
        Message.objects.filter(id=mine.id).update(external_id="<mine@shop.example>")
    bounce = office.hears("No such mailbox", bounce_of="<mine@shop.example>", automatic=True)
    assert bounce.conversation_id == first.conversation_id and bounce.kind == "bounce"
    assert office.record(first.conversation_id).heard_at is not None


def test_what_was_heard_and_never_queued_is_queued_by_the_timers(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(queueing, "enqueue", lambda tenant_id, conversation_id: None)  # died after the commit
        message = office.hears("Lost?")
    assert office.record(message.conversation_id).state == "new"
    monkeypatch.setattr("callcart.contact.messaging.timers.QUEUED_WITHIN", 0)
    with system() as connection:
        run_once(connection)
    assert office.record(message.conversation_id).state == "waiting"


def test_files_are_kept_under_harmless_names_and_true_types(office: Office) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    given = (
        messaging.File("../../etc/passwd", "text/plain", b"root"),
        messaging.File("photo\u202egnp.exe", "image/png", b"MZ\x90"),
        messaging.File("a.html", "image/png", b"<script>alert(1)</script>"),
        messaging.File("cat.txt", "text/plain", png),
    )
    message = office.hears(files=given)
    with tenant_transaction(office.tenant_id):
        kept = list(Attachment.objects.filter(message=message).order_by("id"))
        assert [files.path(each.file_key).read_bytes() for each in kept] == [each.content for each in given]
    assert [(each.name, each.type) for each in kept] == [
        ("passwd", "application/octet-stream"),
        ("photognp.exe", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
        ("cat.txt", "image/png"),
    ]
    assert [messaging.is_active(each.name) for each in kept] == [False, True, True, False]


def test_what_is_too_long_is_cut_and_says_so_and_cards_are_not_kept(office: Office) -> None:
    message = office.hears("x" * (arrive.MOST_TEXT + 1) + "\x00")
    assert len(message.text) == arrive.MOST_TEXT and message.notes == [f"text:{arrive.MOST_TEXT + 1}"]
    assert "4111" not in office.hears("my card 4111 1111 1111 1111 \x00").text


def test_what_came_raw_is_read_by_a_job_or_kept_for_a_person(office: Office) -> None:
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    sink.raw("<raw-1>", b"raw@there.example|Hello|World")
    sink.raw("<raw-1>", b"raw@there.example|Hello|World")
    sink.raw("<raw-2>", b"not a mail")
    with tenant_transaction(office.tenant_id):
        for each in Arrival.objects.filter(external_id__startswith="<raw-"):
            for _time in range(2):  # a job may run twice
                jobs.read_arrival(arrival_id=each.id)
        good = Arrival.objects.get(external_id="<raw-1>")
        assert Message.objects.get(id=good.message_id).text == "World" and good.state == "filed"
        dead = Arrival.objects.get(external_id="<raw-2>")
        assert (dead.state, dead.words) == ("dead", "This is no mail.")
        assert files.path(dead.file_key).read_bytes() == b"not a mail"
        actor = office.actor(office.floor.agent(ready=False))
        assert [each.id for each in messaging.dead_arrivals(actor)] == [dead.id]
        messaging.read_again(actor, dead.id)
        with pytest.raises(messaging.NotDead):
            messaging.read_again(actor, dead.id)


def test_a_sink_that_only_remembers_does_so_once() -> None:
    heard = Heard()
    for _time in range(2):
        heard.raw("1", b"x")
        heard.message(messaging.Incoming(external_id="2", peer="p", text="t"))
    assert (len(heard.raws), len(heard.messages)) == (1, 1)


def test_a_full_disk_under_a_mails_files_delays_the_mail_and_loses_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it came it is kept; what is made of it is undone as a whole and made again when there is room."""
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    sink.raw("<full-1>", b"full@there.example|Photos|See the photos")
    with tenant_transaction(office.tenant_id):
        arrival = Arrival.objects.get(external_id="<full-1>")
        before = (Message.objects.count(), Conversation.objects.count())

        def full(_message: Message, _files: object) -> None:
            raise files.NoRoom

        with monkeypatch.context() as patch:
            patch.setattr(attach, "keep", full)
            jobs.read_arrival(arrival_id=arrival.id)
        arrival.refresh_from_db()
        assert arrival.state == "received"
        assert (Message.objects.count(), Conversation.objects.count()) == before
        again = raw.all(
            "SELECT status, scheduled_at > now() + interval '50 seconds' FROM procrastinate_jobs"
            " WHERE task_name LIKE %s AND (args->>'arrival_id')::bigint = %s ORDER BY id",
            ["%read_arrival", arrival.id],
        )
        assert again[-1] == ("todo", True)
        jobs.read_arrival(arrival_id=arrival.id)
        arrival.refresh_from_db()
        assert (arrival.state, Message.objects.count()) == ("filed", before[0] + 1)


def test_a_full_disk_under_mail_as_it_came_leaves_no_row_and_it_is_given_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = messaging.LineSink(office.tenant_id, office.lines["mail"])
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(files.NoRoom):
            sink.raw("<full-2>", b"full@there.example|Again|and again")
    with tenant_transaction(office.tenant_id):
        assert not Arrival.objects.filter(external_id="<full-2>").exists()
    sink.raw("<full-2>", b"full@there.example|Again|and again")
    with tenant_transaction(office.tenant_id):
        assert Arrival.objects.get(external_id="<full-2>").state == "received"


def _no_space(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "no space")
