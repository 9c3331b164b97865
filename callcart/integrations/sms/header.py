"""Which part of a longer message a short one is: by the header before the text (UDH, 3GPP TS 23.040 section 9.2.3.24) or by
optional parameters (SMPP 3.4, sar_*). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcart.integrations.sms.pdu import Short, Tag

HAS_HEADER = 0x40  # of esm_class


@dataclass(frozen=True, slots=True)
class Place:
    """Part `number` (from 1) of `total`; `reference` is the same for all parts of one message."""

    reference: str
    total: int
    number: int


def header_for(place: Place) -> bytes:
    """The header of a part, with a reference of one byte: every telephone knows that one."""
    return bytes((5, 0, 3, int(place.reference) & 0xFF, place.total, place.number))


def parameters_for(place: Place) -> dict[int, bytes]:
    """The same as optional parameters; the centre makes the header of them."""
    return {
        int(Tag.SAR_REFERENCE): int(place.reference).to_bytes(2, "big"),
        int(Tag.SAR_TOTAL): bytes((place.total,)),
        int(Tag.SAR_SEGMENT): bytes((place.number,)),
    }


def read(short: Short) -> tuple[Place | None, bytes]:
    """The place of a part, None for a whole message, and the text's bytes without the header. A header that makes no sense is left
    in front of the text, where a person sees that something is there."""
    content = short.payload
    if short.esm_class & HAS_HEADER and content:
        end = content[0] + 1
        if end > len(content):
            return None, content
        return _of_header(content[1:end]), content[end:]
    return _of_parameters(short), content


def _of_header(header: bytes) -> Place | None:
    """The first element that says it; others (ports, pictures, national alphabets) are passed over."""
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if kind == 0x00 and len(value) == 3:
            return _place(f"8:{value[0]}", value[1], value[2])
        if kind == 0x08 and len(value) == 4:
            return _place(f"16:{value[0] << 8 | value[1]}", value[2], value[3])
        at += 2 + length
    return None


def _of_parameters(short: Short) -> Place | None:
    found = [short.tlvs.get(tag, b"") for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_SEGMENT)]
    if not all(found):
        return None
    reference, total, number = (int.from_bytes(value[:8], "big") for value in found)
    return _place(f"sar:{reference}", total, number)


def _place(reference: str, total: int, number: int) -> Place | None:
    """None where there is one part only, or the numbers contradict each other."""
    return Place(reference, total, number) if 1 < total <= 255 and 1 <= number <= total else None
