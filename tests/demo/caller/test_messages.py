"""The caller's languages: SIP, SDP, RTP, key events, µ-law."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.demo.caller import rtp, sdp, sip, sound
from callcart.demo.caller.dialog import Dialog, Identity

ANSWER = (
    b"SIP/2.0 200 OK\r\n"
    b"v: SIP/2.0/UDP 127.0.0.9:7000;rport=7000;branch=z9hG4bKone\r\n"
    b"Record-Route: <sip:10.0.0.1;lr>\r\nRecord-Route: <sip:10.0.0.2;lr>\r\n"
    b"From: \"Ann\" <sip:+12025550123@127.0.0.9>;tag=ours\r\n"
    b"t: <sip:+12025550100@127.0.0.1>;tag=theirs\r\n"
    b"i: abc@127.0.0.9\r\nCSeq: 1 INVITE\r\nm: <sip:127.0.0.1:5060>\r\n"
    b"Subject: folded\r\n  line\r\nContent-Length: 0\r\n\r\n"
)  # fmt: skip


def test_compact_and_folded_headers_are_read() -> None:
    message = sip.parse(ANSWER)
    assert (message.status, message.reason, message.cseq) == (200, "OK", (1, "INVITE"))
    assert sip.branch_of(message) == "z9hG4bKone"
    assert sip.tag_of(message.get("to")) == "theirs"
    assert sip.uri_of(message.get("contact")) == "sip:127.0.0.1:5060"
    assert message.get("subject") == "folded line"


def test_what_is_written_is_read_back() -> None:
    dialog = Dialog(
        Identity("+12025550100", "+12025550123", 'A "B"'), ("127.0.0.1", 5060), ("127.0.0.9", 7000)
    )
    invite = dialog.invite(sdp.describe("127.0.0.9", 8000))
    again = sip.parse(invite.to_bytes())
    assert again == invite
    assert again.get("from").startswith('"A B" <sip:+12025550123@127.0.0.9>;tag=')
    assert sdp.parse(again.body) == sdp.Media("127.0.0.9", 8000)


def test_requests_of_an_answered_call_take_its_route_backwards() -> None:
    dialog = Dialog(Identity("+12025550100", "+12025550123"), ("127.0.0.1", 5060), ("127.0.0.9", 7000))
    invite = dialog.invite("")
    dialog.answered(sip.parse(ANSWER))
    ack, bye = dialog.acknowledge(), dialog.request("BYE")
    assert ack.uri == bye.uri == "sip:127.0.0.1:5060"
    assert bye.all("route") == ["<sip:10.0.0.2;lr>", "<sip:10.0.0.1;lr>"]
    assert (ack.cseq, bye.cseq) == ((1, "ACK"), (2, "BYE"))
    assert sip.branch_of(ack) != sip.branch_of(invite)
    assert sip.branch_of(dialog.cancel()) == sip.branch_of(invite)
    assert dialog.cancel().uri == invite.uri


def test_a_hidden_number_is_nowhere_in_the_call() -> None:
    dialog = Dialog(Identity("+12025550100"), ("127.0.0.1", 5060), ("127.0.0.9", 7000))
    invite = dialog.invite("")
    assert "anonymous@anonymous.invalid" in invite.get("from")
    assert invite.get("privacy") == "id"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_readers(data: bytes) -> None:
    with contextlib.suppress(sip.NotSip):
        sip.parse(data)
    rtp.parse(data)
    with contextlib.suppress(sdp.NoSound):
        sdp.parse(data.decode("latin-1"))


@pytest.mark.parametrize(
    ("lines", "direction", "answer", "listens"),
    [
        ("a=sendonly", "sendonly", "recvonly", False),
        ("a=inactive", "inactive", "inactive", False),
        ("a=recvonly", "recvonly", "sendonly", True),
        ("", "sendrecv", "sendrecv", True),
    ],
)
def test_a_hold_is_understood(lines: str, direction: str, answer: str, listens: bool) -> None:
    media = sdp.parse(f"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8 0 101\r\n{lines}\r\n")
    assert (media.direction, media.answer, media.listens) == (direction, answer, listens)


def test_sound_that_we_cannot_take_is_refused() -> None:
    with pytest.raises(sdp.NoSound):
        sdp.parse("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 9\r\n")
    with pytest.raises(sdp.NoSound):
        sdp.parse("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n")


def test_a_packet_with_everything_in_it_is_stripped_to_its_payload() -> None:
    # two contributors, an extension of one word, two bytes of padding
    data = (
        bytes([0xB2, 0x80, 0, 7]) + bytes(8) + bytes(8) + bytes([1, 1, 0, 1]) + bytes(4) + b"sound" + b"\0\2"
    )
    packet = rtp.parse(data)
    assert packet is not None
    assert (packet.kind, packet.sequence, packet.marker, packet.payload) == (0, 7, True, b"sound")


@pytest.mark.parametrize("key", rtp.KEYS)
def test_a_key_is_sent_so_that_it_ends(key: str) -> None:
    payloads = list(rtp.key_payloads(key))
    assert [rtp.read_key(each) for each in payloads] == [(key, False)] * 8 + [(key, True)] * 3
    assert [int.from_bytes(each[2:4]) for each in payloads] == [160 * n for n in range(1, 9)] + [1280] * 3


def test_every_byte_of_mu_law_comes_back() -> None:
    every = bytes(range(256))
    back = sound.encode(sound.decode(every))
    assert [a for a, b in zip(every, back, strict=True) if a != b] == [0x7F]  # minus zero is zero
    assert sound.decode(b"\x00\x80\xff")[0] == -32124
    assert list(sound.decode(b"\x80\xff")) == [32124, 0]


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50))
def test_mu_law_is_near(samples: list[int]) -> None:
    for before, after in zip(samples, sound.decode(sound.encode(samples)), strict=True):
        assert abs(after - max(min(before, 32124), -32124)) <= max(8, abs(before) / 16 + 8)


def test_a_tone_is_found_and_told_from_another() -> None:
    heard = sound.decode(sound.encode(sound.tone(1000, seconds=1)))
    assert sound.share_of_tone(heard, 1000) > 0.95
    assert sound.share_of_tone(heard, 440) < 0.05
    assert sound.share_of_tone([0] * 8000, 1000) == 0
    assert 6000 < sound.loudness(heard) < 6700
