"""Our PDUs against an independent implementation of SMPP 3.4, and against whatever bytes come."""

from __future__ import annotations

from contextlib import suppress

import smpp34
from hypothesis import given
from hypothesis import strategies as st

from callcart.integrations.sms.pdu import (
    Address,
    BadBody,
    Bind,
    Command,
    NoPdu,
    Pdu,
    Short,
    Stream,
    decode_bind,
    decode_data,
    decode_short,
    encode_bind,
    encode_short,
)

byte = st.integers(0, 255)
word = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
addresses = st.builds(Address, word, st.integers(0, 6), st.integers(0, 18))
shorts = st.builds(
    Short,
    source=addresses,
    destination=addresses,
    content=st.binary(max_size=254),
    esm_class=byte,
    data_coding=byte,
    registered_delivery=byte,
    service_type=word.map(lambda text: text[:5]),
    protocol_id=byte,
    tlvs=st.dictionaries(st.integers(0x1400, 0x3FFF), st.binary(max_size=60), max_size=4),
)


@given(shorts)
def test_a_message_reads_back_and_the_other_implementation_reads_the_same(short: Short) -> None:
    body = encode_short(short)
    assert decode_short(body) == short
    theirs = smpp34.decode(Pdu(Command.DELIVER_SM, 7, body).encode())
    assert isinstance(theirs, smpp34.DeliverSm)
    assert (theirs.source_addr, theirs.source_addr_ton, theirs.destination_addr) == (
        short.source.text,
        short.source.ton,
        short.destination.text,
    )
    assert (theirs.short_message, theirs.esm_class, theirs.data_coding) == (
        short.content,
        short.esm_class,
        short.data_coding,
    )
    assert {each.tag: each.value for each in theirs.tlvs} == short.tlvs


@given(shorts)
def test_we_read_what_the_other_implementation_writes(short: Short) -> None:
    theirs = smpp34.SubmitSm(
        short.source.text,
        short.destination.text,
        short.content,
        source_addr_ton=short.source.ton,
        source_addr_npi=short.source.npi,
        dest_addr_ton=short.destination.ton,
        dest_addr_npi=short.destination.npi,
        service_type=short.service_type,
        esm_class=short.esm_class,
        protocol_id=short.protocol_id,
        registered_delivery=short.registered_delivery,
        data_coding=short.data_coding,
        tlvs=[smpp34.Tlv(tag, value) for tag, value in short.tlvs.items()],
        sequence_number=9,
    )
    (pdu,) = Stream().feed(theirs.encode())
    assert (pdu.command, pdu.sequence) == (Command.SUBMIT_SM, 9)
    assert decode_short(pdu.body) == short


@given(st.lists(shorts, max_size=5), st.lists(st.integers(1, 90)))
def test_pdus_come_whole_however_the_bytes_are_cut(several: list[Short], cuts: list[int]) -> None:
    sent = [Pdu(Command.DELIVER_SM, number, encode_short(each)) for number, each in enumerate(several, 1)]
    data, stream, found = b"".join(each.encode() for each in sent), Stream(), []
    for cut in [*cuts, len(data)]:
        found += stream.feed(data[:cut])
        data = data[cut:]
    assert found == sent


@given(st.binary(max_size=300))
def test_bytes_that_mean_nothing_are_refused_and_nothing_else_happens(data: bytes) -> None:
    for decode in (decode_short, decode_data, decode_bind):
        with suppress(BadBody):
            decode(data)
    with suppress(NoPdu):
        list(Stream().feed(data))


@given(shorts, st.data())
def test_a_message_that_ends_too_soon_is_unreadable(short: Short, data: st.DataObject) -> None:
    body = encode_short(Short(**{**_fields(short), "tlvs": {}}))
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    try:
        decode_short(cut)
    except BadBody:
        return
    raise AssertionError("read")


def test_a_length_of_two_gigabytes_is_refused_at_once() -> None:
    for length in (b"\x7f\xff\xff\xff", b"\x00\x00\x00\x0f"):
        try:
            list(Stream().feed(length + b"\0" * 12))
        except NoPdu:
            continue
        raise AssertionError("taken")


def test_a_bind_reads_back() -> None:
    bind = Bind("harbor", "secret", "VMA", ton=1, npi=1, address_range="^1202")
    assert decode_bind(encode_bind(bind)) == bind


def _fields(short: Short) -> dict[str, object]:
    return {name: getattr(short, name) for name in Short.__dataclass_fields__}
