"""Parts out and in: whatever the text, the order, the repetitions and the restarts, one message comes together and nothing is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.contact.messaging.transport import Heard
from callcart.core import clock
from callcart.core.sms_length import sms_length
from callcart.integrations.sms.half_read import MOST_BYTES, MOST_GROUPS, PARTS_WAIT, HalfRead
from callcart.integrations.sms.header import Place, header_for, read
from callcart.integrations.sms.inbound import Inbound
from callcart.integrations.sms.messages import Reading, language_of
from callcart.integrations.sms.pdu import Address, Command, Pdu, Short, Tag
from callcart.integrations.sms.submit import TooLong, parts_of
from tests.integrations.sms.lines import CUSTOMER, account, came, line, mirrored, outgoing, said

US = Reading("US")
texts = st.text(
    alphabet=st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"),
    min_size=1,
    max_size=500,
) | st.text("ab€{😀好", min_size=1, max_size=500)


def inbound(heard: Heard, reading: Reading = US) -> Inbound:
    return Inbound(line(heard.cursor), heard, reading)


def take(heard: Heard, *shorts: Short) -> None:
    """Each is delivered to a process that was started a moment before."""
    for short in shorts:
        assert inbound(heard).take(came(short)) == 0


def parts(text: str, *, key: str = "k", **values: str) -> list[Short]:
    return [mirrored(each.short) for each in parts_of(outgoing(text, key=key), account(**values))]


@settings(max_examples=60)
@given(
    texts.filter(str.strip),
    st.sampled_from(("header", "parameters", "payload")),
    st.sampled_from(("gsm", "latin-1")),
    st.randoms(),
)
def test_a_message_comes_together_whatever_the_order_and_restarts(text, long, latin, random) -> None:
    sent = parts(text, long=long, alphabet=latin)
    heard, reading = Heard(), Reading("US", latin=latin == "latin-1")
    random.shuffle(sent)
    for short in sent:
        inbound(heard, reading).take(came(short))
    (message,) = heard.messages
    assert (message.text, message.peer, message.notes) == (text, CUSTOMER, ())
    assert HalfRead(heard.cursor).groups == []


@given(texts.filter(str.strip))
def test_parts_are_as_many_as_were_counted_and_each_fits(text: str) -> None:
    sent = parts(text)
    assert len(sent) == sms_length(text).parts
    for short in sent:
        content = read(short)[1]
        septets = short.data_coding == 0
        most = (160 if septets else 140) if len(sent) == 1 else (153 if septets else 134)
        assert len(content) <= most and len(short.content) <= 160


def test_nothing_is_acknowledged_before_it_is_kept() -> None:
    """The database fails at each write in turn: what was not kept is not acknowledged, comes again, and is one message."""

    class Failing(Heard):
        left = 0

        def _write(self) -> None:
            if self.left == 0:
                raise OSError("the database is gone")
            self.left -= 1

        def at(self, cursor: str) -> None:
            self._write()
            super().at(cursor)

        def message(self, incoming) -> None:
            self._write()
            super().message(incoming)

    text = "好" * 150
    for good in range(8):
        heard = Failing()
        heard.left = good
        for short in parts(text):
            while True:
                try:
                    Inbound(line(heard.cursor), heard, US).take(came(short))
                    break
                except OSError:
                    heard.left = 100  # it is back, and the centre delivers again
        assert [each.text for each in heard.messages] == [text]


def test_killed_between_the_last_part_and_its_message_gives_the_message_at_the_next_start() -> None:
    class Killed(Heard):
        def message(self, incoming) -> None:
            raise KeyboardInterrupt

    heard = Killed()
    first, second = parts("好" * 100)
    take(heard, first)
    with pytest.raises(KeyboardInterrupt):
        take(heard, second)
    again = Heard(cursor=heard.cursor)
    inbound(again).give_out()
    take(again, second)
    assert [each.text for each in again.messages] == ["好" * 100]


def test_parts_of_two_people_and_two_messages_are_not_mixed() -> None:
    heard = Heard()
    one, other = parts("a" * 200, key="1"), parts("b" * 200, key="2")
    from dataclasses import replace

    third = [replace(each, source=Address("12025550101", 1, 1)) for each in one]
    take(heard, one[1], third[0], other[1], other[0], third[1], one[0])
    assert sorted((each.peer[-1], each.text) for each in heard.messages) == [
        ("0", "a" * 200),
        ("0", "b" * 200),
        ("1", "a" * 200),
    ]


def test_a_part_that_comes_twice_is_one() -> None:
    heard = Heard()
    first, second = parts("a" * 200)
    take(heard, first, first, second, second, first)
    assert [each.text for each in heard.messages] == ["a" * 200]


def test_a_part_that_comes_again_begins_nothing_even_on_a_sound_connection() -> None:
    """What is left over of it would be taken for a part of the next message with its reference."""
    heard = Heard()
    once = inbound(heard)
    first, second = parts("a" * 200)
    for short in (first, first, second, second, first):
        once.take(came(short))
        once.state.heard(once.state.mark())
    assert [each.text for each in heard.messages] == ["a" * 200]
    assert all(each.spare for each in once.state.groups) and once.state.unheard == 0
    new = parts("c" * 153 + "d" * 20)  # with the same reference, as it comes round
    for short in new:
        once.take(came(short))
    assert [each.text for each in heard.messages] == ["a" * 200, "c" * 153 + "d" * 20]


def test_a_new_message_that_says_the_same_in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    once = inbound(heard)
    first, other = parts("1" + "a" * 152 + "b" * 20), parts("2" + "a" * 152 + "b" * 20)
    for short in (*first, *other):
        once.take(came(short))
    assert [each.text[0] for each in heard.messages] == ["1", "2"]
    third = parts("3" + "a" * 152 + "b" * 20)
    for short in reversed(third):  # the part that is known comes first, and is taken for the old one at first
        once.take(came(short))
    assert len(heard.messages) == 2
    later = clock.now() + timedelta(seconds=PARTS_WAIT + 1)
    monkeypatch.setattr("callcart.integrations.sms.inbound.now", lambda: later)
    once.give_out()
    assert [(each.text, each.notes) for each in heard.messages[2:]] == [("3" + "a" * 152 + "b" * 20, ())]


def test_a_reference_that_comes_round_begins_a_new_message() -> None:
    """The first half of one message was never followed by its second: it is not completed by another's."""
    heard = Heard()
    old, new = parts("old" * 60, key="same"), parts("new" * 60, key="same")
    take(heard, old[0], new[0], new[1])
    inbound(heard).give_out()  # it says once more what is kept once
    assert [each.text for each in heard.messages] == ["new" * 60]
    assert [len(each.parts) for each in HalfRead(heard.cursor).groups if not each.is_whole] == [1]


def test_what_is_there_is_given_out_when_the_rest_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    sent = parts("a" * 153 + "b" * 153 + "c" * 153 + "d" * 20)
    take(heard, sent[0], sent[3])
    inbound(heard).give_out()
    assert heard.messages == []
    later = clock.now() + timedelta(seconds=PARTS_WAIT + 1)
    monkeypatch.setattr("callcart.integrations.sms.inbound.now", lambda: later)
    waiting = inbound(heard)
    waiting.give_out()
    waiting.keep()
    (message,) = heard.messages
    assert message.text == "a" * 153 + "…" + "d" * 20
    assert message.notes == ("Of 4 parts of this SMS, part 2, 3 did not arrive.",)
    assert HalfRead(heard.cursor).groups == []


def test_too_many_halves_give_out_the_oldest() -> None:
    heard = Heard()
    once = inbound(heard)
    for number in range(MOST_GROUPS + 3):
        source = Address(f"1202555{number:04}", 1, 1)
        once.take(came(said(header_for(Place("7", 2, 1)) + b"half", esm_class=0x40, source=source)))
    assert [each.peer for each in heard.messages] == ["+12025550000", "+12025550001", "+12025550002"]
    assert len(once.state.groups) == MOST_GROUPS


def test_too_many_bytes_give_out_the_oldest() -> None:
    heard = Heard()
    once = inbound(heard)
    for number in range(5):
        payload = header_for(Place(str(number), 2, 1)) + b"a" * 20_000
        once.take(came(said(b"", esm_class=0x40, tlvs={int(Tag.MESSAGE_PAYLOAD): payload})))
    assert [len(each.text) for each in heard.messages] == [20_001, 20_001]
    assert sum(each.size for each in once.state.groups) <= MOST_BYTES


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\x05\x00\x03\x07\x02\x03hi", "hi"),  # part 3 of 2
        (b"\x05\x00\x03\x07\x00\x00hi", "hi"),
        (b"\x05\x00\x03\x07\x01\x01hi", "hi"),  # one part of one
        (b"\x06\x05\x04\x0b\x84\x23\xf0hi", "hi"),  # ports
        (b"\x02\x24\x00hi", "hi"),
        (b"\x03\x00\x03\x07hi", "hi"),  # an element that is longer than its header
        (b"\x00hi", "hi"),
        (b"\x7fhi", "àhi"),  # a header longer than all: left to see
        (b"", ""),
    ],
)  # fmt: skip
def test_headers_that_make_no_sense(content: bytes, text: str) -> None:
    heard = Heard()
    take(heard, said(content, esm_class=0x40))
    assert [each.text for each in heard.messages] == [text]


def test_a_header_of_two_bytes_of_reference_and_one_among_others() -> None:
    heard = Heard()
    ports = b"\x0b\x05\x04\x00\x50\x00\x50\x00\x03\x09\x02"
    take(heard, said(b"\x06\x08\x04\x01\x09\x02\x02B", esm_class=0x40))
    take(heard, said(ports + b"\x02b", esm_class=0x40), said(ports + b"\x01a", esm_class=0x40))
    take(heard, said(b"\x06\x08\x04\x01\x09\x02\x01A", esm_class=0x40))
    assert [each.text for each in heard.messages] == ["ab", "AB"]


def test_a_character_cut_between_two_parts_is_read() -> None:
    heard = Heard()
    whole = "好😀".encode("utf-16-be")
    take(heard, said(header_for(Place("1", 2, 2)) + whole[4:], esm_class=0x40, data_coding=8))
    take(heard, said(header_for(Place("1", 2, 1)) + whole[:4], esm_class=0x40, data_coding=8))
    assert [each.text for each in heard.messages] == ["好😀"]


def test_a_message_in_the_payload_and_one_by_data_sm() -> None:
    heard = Heard()
    long = "好" * 300
    take(heard, said(b"", data_coding=8, tlvs={int(Tag.MESSAGE_PAYLOAD): long.encode("utf-16-be")}))
    body = b"\0\x01\x0112025550100\0\x01\x0112025550123\0\x00\x00\x00" + b"\x04\x24\x00\x02hi"
    assert inbound(heard).take(Pdu(Command.DATA_SM, 1, body)) == 0
    assert [each.text for each in heard.messages] == [long, "hi"]


def test_what_cannot_be_read_is_kept_raw() -> None:
    heard = Heard()
    assert inbound(heard).take(Pdu(Command.DELIVER_SM, 1, b"\0\x01")) == 0
    assert [content for _name, content in heard.raws] == [b"\0\x01"]


def test_a_name_is_not_answered_and_data_is_a_file() -> None:
    heard = Heard()
    take(heard, said(b"Your parcel is here", source=Address("Meadow Post", 5, 0)))
    take(heard, said(b"\x01\x02", data_coding=4))
    post, data = heard.messages
    assert (post.peer, post.automatic, post.notes[0][:30]) == (
        "Meadow Post",
        True,
        "It came from a service and not",
    )
    assert (data.text, data.files[0].content, data.automatic) == ("", b"\x01\x02", False)


def test_the_language_of_a_text() -> None:
    assert [language_of(text) for text in ("退订", "我要ABC-12号", "Thank you! 谢谢", "Hi", "", "124")] == [
        "zh-hans",
        "zh-hans",
        "",
        "",
        "",
        "",
    ]


class TestAgain:
    """A delivery that comes again has no name: it is known by what it says, where it may come again."""

    def test_the_same_words_twice_on_a_sound_connection_are_two_messages(self) -> None:
        heard = Heard()
        once = inbound(heard)
        once.take(came(said(b"1")))
        once.take(came(said(b"1"), 2))
        assert [each.text for each in heard.messages] == ["1", "1"]

    def test_what_was_acknowledged_as_the_connection_broke_is_one(self) -> None:
        heard = Heard()
        once = inbound(heard)
        once.take(came(said(b"1")))
        once.state.connection_lost()
        once.take(came(said(b"1"), 1))
        once.take(came(said(b"1"), 2))  # and then he writes it once more
        assert [each.text for each in heard.messages] == ["1", "1"]

    def test_what_the_centre_has_heard_is_forgotten(self) -> None:
        heard = Heard()
        once = inbound(heard)
        once.take(came(said(b"1")))
        once.state.heard(once.state.mark())
        once.state.connection_lost()
        once.take(came(said(b"1")))
        assert len(heard.messages) == 2

    def test_what_was_acknowledged_before_a_kill_is_one(self) -> None:
        heard = Heard()
        take(heard, said(b"1"), said(b"1"))
        assert len(heard.messages) == 1

    def test_a_late_acknowledgement(self) -> None:
        heard = Heard()
        once = inbound(heard)
        once.take(came(said(b"1")))
        once.answered_late()
        once.take(came(said(b"1"), 2))
        assert len(heard.messages) == 1

    def test_an_hour_later_it_is_new(self, monkeypatch: pytest.MonkeyPatch) -> None:
        heard = Heard()
        take(heard, said(b"1"))
        later: datetime = clock.now() + timedelta(seconds=3601)
        monkeypatch.setattr("callcart.integrations.sms.inbound.now", lambda: later)
        take(heard, said(b"1"))
        assert len(heard.messages) == 2


@pytest.mark.parametrize(
    "cursor", ["{", "[]", "7", '{"groups":[[1]]}', '{"acknowledged":[["a"]]}', "null", "x"]
)
def test_a_cursor_that_is_none_of_ours_is_an_empty_one(cursor: str) -> None:
    state = HalfRead(cursor)
    assert (state.groups, state.unheard) == ([], 0)


class TestOut:
    def test_the_same_message_goes_the_same_way_again(self) -> None:
        assert parts("a" * 400, key="x") == parts("a" * 400, key="x")

    def test_receipts_are_asked_for_the_last_part_and_for_failures(self) -> None:
        assert [each.registered_delivery for each in parts("a" * 400)] == [2, 2, 1]
        assert [each.registered_delivery for each in parts("a")] == [1]

    def test_a_name_as_sender(self) -> None:
        (part,) = parts_of(outgoing("hi"), account(sender="Harbor"))
        assert (part.short.source, part.short.destination) == (
            Address("Harbor", 5, 0),
            Address("12025550100", 1, 1),
        )

    @pytest.mark.parametrize(
        "values", [{"text": ""}, {"text": " \n"}, {"to": "Harbor"}, {"to": "+1"}, {"to": ""}]
    )
    def test_what_cannot_be_sent(self, values: dict[str, str]) -> None:
        with pytest.raises(ValueError):
            parts_of(outgoing(**{"text": "hi"} | values), account())

    def test_more_than_can_be_counted(self) -> None:
        assert len(parts("a" * 153 * 255)) == 255
        with pytest.raises(TooLong):
            parts_of(outgoing("a" * (153 * 255 + 1)), account())
