"""The channel over a real socket, fault by fault: what was taken, refused, or in doubt, is told apart exactly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import override_settings

from callcart.contact.messaging.transport import Heard, Incoming, NotTaken, Refused, Unknown
from callcart.integrations.sms import doors, session, smpp
from callcart.integrations.sms.pdu import RESPONSE, Address, Command, Pdu, Tag, text_body
from callcart.integrations.sms.session import MOST_WAITING
from callcart.integrations.sms.smpp import SmppChannel
from tests.environment import free_ports
from tests.integrations.sms.centre import QUICK, SLOW, Centre, Listening, centre, until
from tests.integrations.sms.lines import line, outgoing, said
from tests.integrations.tls import certificate


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp, "address_for", lambda host, port: host)


@pytest.fixture
def smsc() -> Iterator[Centre]:
    with centre() as made:
        yield made


def receipt(text: bytes) -> object:
    return said(text, esm_class=0x04)


class TestSending:
    def test_a_message_is_taken(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            assert on.channel.send(on.line, outgoing("Grüße €")) == "id1"
            short = smsc.submits.get(timeout=5)
        assert (short.content, short.data_coding, short.registered_delivery) == (b"Gr~\x1ee \x1b\x65", 0, 1)
        assert (short.source, short.destination) == (
            Address("12025550123", 1, 1),
            Address("12025550100", 1, 1),
        )
        assert [each.system_id for each in smsc.binds] == ["harbor"]
        assert [each.command for each in smsc.others] == [Command.UNBIND]
        assert on.heard.states == ["up"] and on.error is None

    def test_a_long_chinese_one_goes_in_parts(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            assert on.channel.send(on.line, outgoing("好" * 135)) == "id3"
            parts = [smsc.submits.get(timeout=5) for _ in range(3)]
        assert [len(each.content) for each in parts] == [140, 140, 8]
        assert all(each.esm_class == 0x40 and each.data_coding == 8 for each in parts)

    def test_without_a_connection_it_is_not_taken(self, smsc: Centre) -> None:
        channel = SmppChannel(QUICK)
        with pytest.raises(NotTaken, match="not connected"):
            channel.send(line(port=str(smsc.port)), outgoing())

    @pytest.mark.parametrize(
        ("status", "expected", "words"),
        [
            (0x0B, Refused, "ESME_RINVDSTADR"),
            (0x0A, Refused, "ESME_RINVSRCADR"),
            (0x01, Refused, "ESME_RINVMSGLEN"),
            (0x65, Refused, "ESME_RX_P_APPN"),
            (0x08, NotTaken, "ESME_RSYSERR"),
            (0x14, NotTaken, "ESME_RMSGQFUL"),
            (0x58, NotTaken, "ESME_RTHROTTLED"),
            (0x45, NotTaken, "ESME_RSUBMITFAIL"),
            (0x0400, NotTaken, "0x00000400"),
        ],
    )
    def test_a_status(self, smsc: Centre, status: int, expected: type[Exception], words: str) -> None:
        smsc.on_submit = lambda short, number: smsc.refused(status)
        with Listening(smsc.port) as on, pytest.raises(expected, match=words):
            on.channel.send(on.line, outgoing())

    def test_no_answer_leaves_it_in_doubt(self, smsc: Centre) -> None:
        smsc.on_submit = lambda short, number: None
        with Listening(smsc.port) as on, pytest.raises(Unknown, match="did not answer"):
            on.channel.send(on.line, outgoing())

    def test_a_connection_that_breaks_before_the_answer_leaves_it_in_doubt(self, smsc: Centre) -> None:
        def gone(short: object, number: int) -> None:
            smsc.drop()

        smsc.on_submit = gone
        with Listening(smsc.port) as on, pytest.raises(Unknown, match="broke"):
            on.channel.send(on.line, outgoing())

    def test_a_nack_is_a_refusal(self, smsc: Centre) -> None:
        smsc.on_submit = lambda short, number: Pdu(Command.GENERIC_NACK, 0, b"", 0x03)
        with Listening(smsc.port) as on, pytest.raises(Refused, match="ESME_RINVCMDID"):
            on.channel.send(on.line, outgoing())

    def test_answers_in_any_order_reach_their_threads(self, smsc: Centre) -> None:
        held: list[Pdu] = []

        def later(short: object, number: int) -> Pdu | None:
            held.append(smsc.taken(short.content.decode()))  # type: ignore[attr-defined]
            return None

        smsc.on_submit = later
        with Listening(smsc.port, timing=SLOW, window="8") as on, ThreadPoolExecutor(8) as threads:
            sent = {
                text: threads.submit(on.channel.send, on.line, outgoing(text, key=text))
                for text in "abcdefgh"
            }
            until(lambda: len(held) == 8)
            for number, reply in reversed(list(enumerate(held))):
                smsc.write(Pdu(reply.command, number + 2, reply.body).encode())  # the bind was 1
            assert {text: each.result(5) for text, each in sent.items()} == {
                text: text for text in "abcdefgh"
            }

    def test_no_more_are_under_way_than_the_window(self, smsc: Centre) -> None:
        smsc.on_submit = lambda short, number: None
        with Listening(smsc.port, timing=SLOW, window="2") as on, ThreadPoolExecutor(3) as threads:
            sent = [threads.submit(on.channel.send, on.line, outgoing(key=str(n))) for n in range(3)]
            for _ in range(2):
                smsc.submits.get(timeout=5)
            assert smsc.submits.empty()
            smsc.write(Pdu(Command.SUBMIT_SM | RESPONSE, 2, text_body("one")).encode())
            smsc.submits.get(timeout=5)
            for sequence in (3, 4):
                smsc.write(Pdu(Command.SUBMIT_SM | RESPONSE, sequence, text_body("more")).encode())
            assert sorted(each.result(5) for each in sent) == ["more", "more", "one"]

    def test_a_part_that_was_taken_is_not_sent_again(self, smsc: Centre) -> None:
        smsc.on_submit = lambda short, number: (
            smsc.refused(0x08) if number == 2 else smsc.taken(f"id{number}")
        )
        with Listening(smsc.port) as on:
            with pytest.raises(NotTaken):
                on.channel.send(on.line, outgoing("a" * 400))
            assert on.channel.send(on.line, outgoing("a" * 400)) == "id4"
            sent = [smsc.submits.get(timeout=5).content[:6].hex() for _ in range(4)]
        assert [each[-2:] for each in sent] == ["01", "02", "02", "03"]
        assert len({each[:-2] for each in sent}) == 1

    def test_a_text_that_cannot_go_is_refused_without_asking(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            for wrong in (outgoing(""), outgoing("a" * 50_000), outgoing("hi", to="Meadow Post")):
                with pytest.raises(Refused):
                    on.channel.send(on.line, wrong)
        assert smsc.submits.empty()


class TestHearing:
    def test_a_message_is_kept_and_then_acknowledged(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            sequence = smsc.deliver(said(b"Hi"))
            reply = smsc.answered()
        assert (reply.sequence, reply.status) == (sequence, 0)
        assert [(each.text, each.peer) for each in on.heard.messages] == [("Hi", "+12025550100")]

    def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(self, smsc: Centre) -> None:
        class Down(Heard):
            def message(self, incoming: Incoming) -> None:
                raise OSError("no database")

        down = Down()
        with Listening(smsc.port, down) as on:
            smsc.deliver(said(b"Hi"))
            assert smsc.answered().status == 0x64
            until(lambda: on.error)
        assert isinstance(on.error, OSError)
        again = Heard(cursor=down.cursor)
        with Listening(smsc.port, again):
            smsc.deliver(said(b"Hi"))
            assert smsc.answered().status == 0
        assert [each.text for each in again.messages] == ["Hi"]

    def test_an_acknowledgement_that_was_lost(self, smsc: Centre) -> None:
        with Listening(smsc.port, timing=SLOW) as on:
            smsc.deliver(said(b"1"))
            smsc.answered()
            smsc.drop()
            until(lambda: on.heard.states.count("up") == 2)
            smsc.deliver(said(b"1"))
            smsc.answered()
        assert [each.text for each in on.heard.messages] == ["1"]

    def test_what_was_heard_for_sure_is_new_when_it_comes_again(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            smsc.deliver(said(b"1"))
            smsc.answered()
            until(lambda: '"acknowledged":[]' in on.heard.cursor)
            smsc.drop()
            until(lambda: on.heard.states.count("up") == 2)
            smsc.deliver(said(b"1"))
            smsc.answered()
        assert [each.text for each in on.heard.messages] == ["1", "1"]

    def test_more_than_can_lie_waiting_is_put_off(self, smsc: Centre) -> None:
        begun, gate = threading.Event(), threading.Event()

        class Slow(Heard):
            def message(self, incoming: Incoming) -> None:
                begun.set()
                gate.wait(5)
                super().message(incoming)

        with Listening(smsc.port, Slow(), timing=SLOW) as on:
            smsc.deliver(said(b"first"))
            assert begun.wait(5)
            for number in range(MOST_WAITING + 4):
                smsc.deliver(said(str(number).encode()))
            put_off = [smsc.answered() for _ in range(4)]
            gate.set()
            kept = [smsc.answered() for _ in range(MOST_WAITING + 1)]
        assert {each.status for each in put_off} == {0x14} and {each.status for each in kept} == {0}
        assert len(on.heard.messages) == len(kept)

    def test_a_body_that_cannot_be_read_is_kept_raw_and_the_next_is_read(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            smsc.write(Pdu(Command.DELIVER_SM, 77, b"\x01\x02").encode())
            assert smsc.answered().sequence == 77
            smsc.deliver(said(b"Hi"))
            smsc.answered()
            (_name, content) = on.heard.raws[0]
            with pytest.raises(ValueError, match="01 02"):
                on.channel.read(on.line, content)
        assert len(on.heard.messages) == 1

    def test_what_was_never_asked_is_answered_with_a_nack(self, smsc: Centre) -> None:
        with Listening(smsc.port):
            smsc.write(Pdu(0x07, 5, b"").encode() + Pdu(0x102, 6, b"").encode())
            until(lambda: smsc.others)
            assert [(each.command, each.sequence, each.status) for each in smsc.others] == [
                (0x80000000, 5, 3)
            ]


class TestReceipts:
    def test_receipts_reach_the_message(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            smsc.deliver(receipt(b"id:ID1 stat:DELIVRD err:000"))
            smsc.deliver(receipt(b"id:id2 stat:UNDELIV err:011"))
            smsc.deliver(receipt(b"id:id3 stat:ENROUTE"))
            smsc.deliver(
                said(b"", esm_class=4, tlvs={Tag.RECEIPTED_MESSAGE_ID: b"id4\0", Tag.MESSAGE_STATE: b"\x03"})
            )
            smsc.deliver(receipt(b"nothing"))
            assert {smsc.answered().status for _ in range(5)} == {0}
        assert [(each.reference, each.delivered, each.words) for each in on.heard.receipts] == [
            ("id1", True, "DELIVRD"),
            ("id2", False, "UNDELIV, error 011"),
            ("id4", False, "EXPIRED"),
        ]
        assert on.heard.messages == []

    def test_an_id_in_hex_and_its_receipt_in_decimal(self, smsc: Centre) -> None:
        smsc.on_submit = lambda short, number: smsc.taken("00FF")
        with Listening(smsc.port, receipt_ids="hex-decimal") as on:
            reference = on.channel.send(on.line, outgoing())
            smsc.deliver(receipt(b"id:0255 stat:DELIVRD"))
            smsc.answered()
        assert [each.reference for each in on.heard.receipts] == [reference]

    def test_of_several_parts_the_last_decides_and_any_failure(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            good = on.channel.send(on.line, outgoing("a" * 300, key="good"))
            bad = on.channel.send(on.line, outgoing("b" * 300, key="bad"))
            assert (good, bad) == ("id2", "id4")
            for text in (b"id1 stat:DELIVRD", b"id2 stat:DELIVRD", b"id3 stat:UNDELIV", b"id4 stat:DELIVRD"):
                smsc.deliver(receipt(b"id:" + text))
                smsc.answered()
        assert [(each.reference, each.delivered) for each in on.heard.receipts] == [
            ("id2", True),
            ("id4", False),
        ]

    def test_a_part_that_failed_before_the_last_was_taken(self, smsc: Centre) -> None:
        def answer(short: object, number: int) -> Pdu:
            if number == 2:
                smsc.deliver(receipt(b"id:id1 stat:REJECTD"))
                smsc.answered()
            return smsc.taken(f"id{number}")

        with Listening(smsc.port, timing=SLOW) as on:
            # The centre's thread waits for our acknowledgement, so it is answered from another one.
            smsc.on_submit = lambda short, number: None
            with ThreadPoolExecutor(1) as thread:
                sent = thread.submit(on.channel.send, on.line, outgoing("a" * 300))
                for number in (1, 2):
                    smsc.submits.get(timeout=5)
                    reply = answer(None, number)
                    smsc.write(Pdu(reply.command, number + 1, reply.body).encode())
                with pytest.raises(Refused, match="REJECTD"):
                    sent.result(5)
        assert on.heard.receipts == []


class TestTheConnection:
    def test_a_centre_that_is_silent_is_left_and_asked_anew(self, smsc: Centre) -> None:
        smsc.on_enquire = lambda: None
        with Listening(smsc.port) as on:
            until(lambda: len(smsc.binds) >= 2)
        assert on.heard.states[:3] == [
            "up",
            "The connection to the SMS centre broke: it does not answer.",
            "up",
        ]

    def test_a_centre_that_asks_and_does_not_read_fills_no_memory(
        self, smsc: Centre, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(session, "MOST_UNREAD", 20_000)
        with Listening(smsc.port, timing=SLOW) as on:
            smsc.deaf = True
            flood = b"".join(Pdu(Command.ENQUIRE_LINK, number).encode() for number in range(20_000))
            with suppress(OSError):
                for _ in range(50):
                    smsc.write(flood)
            smsc.drop()
            until(lambda: len(on.heard.states) > 1)
        assert "does not read" in on.heard.states[1]

    def test_its_signs_of_life_are_answered(self, smsc: Centre) -> None:
        with Listening(smsc.port):
            smsc.write(Pdu(Command.ENQUIRE_LINK, 4000).encode())
            until(lambda: [each.sequence for each in smsc.others] == [4000])
            assert smsc.others[0].command == Command.ENQUIRE_LINK | RESPONSE

    def test_a_good_bye_is_answered_and_it_comes_back(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            smsc.write(Pdu(Command.UNBIND, 9).encode())
            until(lambda: len(smsc.binds) == 2 and on.heard.states[-1] == "up")
        assert on.heard.states[1] == "The connection to the SMS centre broke: it said good-bye."

    def test_bytes_that_are_no_smpp_end_the_connection(self, smsc: Centre) -> None:
        with Listening(smsc.port) as on:
            smsc.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            until(lambda: len(smsc.binds) == 2)
        assert "a PDU of 1213486160 bytes" in on.heard.states[1]

    @pytest.mark.parametrize("status", [0x0E, 0x0D])
    def test_a_wrong_password_is_said(self, status: int) -> None:
        with centre(bind_status=status) as smsc, Listening(smsc.port) as on:
            assert "does not accept the system id or the password" in on.heard.states[0]
            assert on.channel.check(on.line) == on.heard.states[0]
            with pytest.raises(NotTaken):
                on.channel.send(on.line, outgoing())

    def test_nobody_there(self) -> None:
        with Listening(free_ports(1)[0]) as on:
            assert on.heard.states[0].startswith("The SMS centre 127.0.0.1 cannot be reached:")
            until(lambda: len(on.heard.states) > 1)

    def test_connected_while_it_was_away(self) -> None:
        with centre() as first:
            port = first.port
            with Listening(port) as on:
                first.close()
                until(lambda: len(on.heard.states) > 1)
                with pytest.raises(NotTaken):
                    on.channel.send(on.line, outgoing())

    def test_check(self, smsc: Centre) -> None:
        channel = SmppChannel(QUICK)
        assert channel.check(line(port=str(smsc.port))) == ""
        assert smsc.kinds == [Command.BIND_TRANSMITTER]  # so that no message is given to it
        assert "Port" in channel.check(line(port="seventy"))
        assert "Password" in channel.check(line(password=""))
        with centre(bind_status=0x05) as taken:
            assert channel.check(line(port=str(taken.port))) == ""
        with centre(bind_status=0x08) as ill:
            assert "ESME_RSYSERR" in channel.check(line(port=str(ill.port)))

    def test_wrong_settings_are_said_and_it_waits(self) -> None:
        with Listening(0) as on:
            assert on.heard.states[0].startswith("Port: Write a whole number")

    def test_over_tls(self, tmp_path: Path) -> None:
        server, client = certificate(tmp_path)
        with centre(context=server) as smsc:
            with Listening(smsc.port, context=client, tls="yes") as on:
                assert on.channel.send(on.line, outgoing()) == "id1"
                smsc.deliver(said(b"Hi"))
                smsc.answered()
            assert [each.text for each in on.heard.messages] == ["Hi"]
            stranger = SmppChannel(QUICK).check(line(port=str(smsc.port), tls="yes"))
            assert "certificate" in stranger and len(smsc.binds) == 1


class TestDoors:
    @pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "localhost"])
    def test_a_line_does_not_lead_into_our_own_network(self, host: str) -> None:
        with pytest.raises(doors.Shut):
            doors.address_for(host, 5432)

    def test_but_to_the_demo(self) -> None:
        from callcart.config import config

        assert doors.address_for("localhost", config().smpp_port) == "127.0.0.1"


def test_it_is_a_channel() -> None:
    from callcart.contact.messaging.transport import channel_of

    with override_settings(CALLCART_CHANNELS={"smpp": "callcart.integrations.sms.smpp.SmppChannel"}):
        found = channel_of("smpp")
    assert (found.channel, found.listens, found.address("+1 202 555 0100")) == ("sms", True, "+12025550100")
    with pytest.raises(ValueError):
        found.address("hello")
