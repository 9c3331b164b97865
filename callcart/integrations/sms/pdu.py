"""SMPP 3.4 on the wire (the specification of 12 October 1999, issue 1.2): bytes to PDUs and back. Pure; knows both sides, ours and
the SMS centre's, and carries optional parameters it has never heard of. Why it is our own: docs/decisions/0008.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct(">IIII")
MOST_BYTES = 80 * 1024  # message_payload holds 64 kB at most
RESPONSE = 0x80000000
VERSION = 0x34


class Command(IntEnum):
    """What a PDU asks for; with `RESPONSE` added, its answer."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    QUERY_SM = 0x03
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    GENERIC_NACK = 0x80000000


class Tag(IntEnum):
    """Optional parameters that mean something to us (5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_SEGMENT = 0x020F
    NETWORK_ERROR = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class NoPdu(ValueError):
    """These bytes are no PDU: where it goes on cannot be known, the connection is of no use any more."""


class BadBody(ValueError):
    """A PDU whose body is not what its command says it is; the next one can be read."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU: what it wants, how it went (answers only), which answer belongs to which question, and what it says."""

    command: int
    sequence: int
    body: bytes = b""
    status: int = 0

    def encode(self) -> bytes:
        return HEADER.pack(16 + len(self.body), self.command, self.status, self.sequence) + self.body

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)


class Stream:
    """Puts PDUs together from the bytes as they come."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Pdu]:
        """The PDUs that are whole now. Raises NoPdu."""
        self._held += data
        while len(self._held) >= 16:
            length, command, status, sequence = HEADER.unpack_from(self._held)
            if not 16 <= length <= MOST_BYTES:
                raise NoPdu(f"a PDU of {length} bytes")
            if len(self._held) < length:
                return
            body = bytes(self._held[16:length])
            del self._held[:length]
            yield Pdu(command, sequence, body, status)


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name with its type: `ton` 0 unknown, 1 international, 2 national, 3 of the network (short codes), 5 a name;
    `npi` 1 is the telephone plan (E.164)."""

    text: str
    ton: int = 0
    npi: int = 0


@dataclass(frozen=True, slots=True)
class Short:
    """What submit_sm, deliver_sm and data_sm say. `tlvs` by tag; of one that comes twice the first counts."""

    source: Address
    destination: Address
    content: bytes = b""
    esm_class: int = 0
    data_coding: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    replace: int = 0
    default_message: int = 0
    tlvs: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        """The message, wherever it stands (5.3.2.32: in one of the two places)."""
        return self.content or self.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")


@dataclass(frozen=True, slots=True)
class Bind:
    """Who wants to be connected."""

    system_id: str
    password: str = ""
    system_type: str = ""
    version: int = VERSION
    ton: int = 0
    npi: int = 0
    address_range: str = ""


class _Reader:
    """Reads one body from its beginning. Raises BadBody where it ends too soon."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def byte(self) -> int:
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._body):
            raise BadBody("it ends too soon")
        found, self._at = self._body[self._at : end], end
        return found

    def text(self) -> str:
        """A C-octet string; centres write names in Latin-1 where the specification has ASCII."""
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise BadBody("a text without its end")
        found, self._at = self._body[self._at : end], end + 1
        return found.decode("latin-1")

    def address(self) -> Address:
        ton, npi = self.byte(), self.byte()
        return Address(self.text(), ton, npi)

    def tlvs(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        while self._at < len(self._body):
            tag, length = struct.unpack(">HH", self.take(4))
            found.setdefault(tag, self.take(length))
        return found


def _text(value: str) -> bytes:
    if "\0" in value:
        raise ValueError("a text of SMPP holds no NUL")
    return value.encode("latin-1") + b"\0"


def _address(value: Address) -> bytes:
    return bytes((value.ton, value.npi)) + _text(value.text)


def _tlvs(values: Mapping[int, bytes]) -> bytes:
    return b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in values.items())


def encode_bind(bind: Bind) -> bytes:
    return (
        _text(bind.system_id)
        + _text(bind.password)
        + _text(bind.system_type)
        + bytes((bind.version, bind.ton, bind.npi))
        + _text(bind.address_range)
    )


def decode_bind(body: bytes) -> Bind:
    reader = _Reader(body)
    name, password, kind = reader.text(), reader.text(), reader.text()
    return Bind(name, password, kind, reader.byte(), reader.byte(), reader.byte(), reader.text())


def encode_short(short: Short) -> bytes:
    """The body of a submit_sm or deliver_sm (4.4.1, 4.6.1). Raises ValueError for more than 255 bytes of `content`."""
    return (
        _text(short.service_type)
        + _address(short.source)
        + _address(short.destination)
        + bytes((short.esm_class, short.protocol_id, short.priority))
        + _text(short.schedule)
        + _text(short.validity)
        + bytes((short.registered_delivery, short.replace, short.data_coding, short.default_message))
        + bytes((len(short.content),))
        + short.content
        + _tlvs(short.tlvs)
    )


def decode_short(body: bytes) -> Short:
    """The other way. Raises BadBody."""
    reader = _Reader(body)
    service_type, source, destination = reader.text(), reader.address(), reader.address()
    esm_class, protocol_id, priority = reader.byte(), reader.byte(), reader.byte()
    schedule, validity = reader.text(), reader.text()
    registered, replace, coding, default = reader.byte(), reader.byte(), reader.byte(), reader.byte()
    content = reader.take(reader.byte())
    return Short(
        source=source, destination=destination, content=content, esm_class=esm_class, data_coding=coding,
        registered_delivery=registered, service_type=service_type, protocol_id=protocol_id, priority=priority,
        schedule=schedule, validity=validity, replace=replace, default_message=default, tlvs=reader.tlvs(),
    )  # fmt: skip


def decode_data(body: bytes) -> Short:
    """The body of a data_sm (4.7.1), by which some centres deliver. Raises BadBody."""
    reader = _Reader(body)
    service_type, source, destination = reader.text(), reader.address(), reader.address()
    esm_class, registered, coding = reader.byte(), reader.byte(), reader.byte()
    return Short(
        source=source, destination=destination, esm_class=esm_class, data_coding=coding,
        registered_delivery=registered, service_type=service_type, tlvs=reader.tlvs(),
    )  # fmt: skip


def text_body(text: str = "") -> bytes:
    """The body of an answer that holds one text: the centre's name, or a message's id."""
    return _text(text)


def read_text(body: bytes) -> str:
    """The text at the beginning of an answer's body; empty where there is none, as in a refusal. Some centres forget its end."""
    return body.partition(b"\0")[0].decode("latin-1")
