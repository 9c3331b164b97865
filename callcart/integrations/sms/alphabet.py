"""Texts as bytes of an SMS, by its data coding (SMPP 3.4, 5.2.19; 3GPP TS 23.038 section 4), and back. What cannot be read is shown
as U+FFFD: something of a message is better than nothing of it.
"""

from __future__ import annotations

from callcart.core.sms_length import GSM_BASIC, GSM_ESCAPE, GSM_EXTENDED, is_wide

DEFAULT, LATIN_1, UCS2 = 0x00, 0x03, 0x08
BINARY = frozenset({0x02, 0x04})

_CODES = {c: bytes((at,)) for at, c in enumerate(GSM_BASIC) if at != GSM_ESCAPE} | {
    c: bytes((GSM_ESCAPE, at)) for at, c in GSM_EXTENDED.items()
}
# 0x0F is what gateways of China's carriers call GB 18030 (CMPP's message format 15).
_CODECS = {
    0x01: "ascii", 0x03: "latin-1", 0x05: "shift_jis", 0x06: "iso8859-5", 0x07: "iso8859-8", 0x08: "utf-16-be",
    0x0A: "iso2022_jp", 0x0D: "euc_jis_2004", 0x0E: "euc_kr", 0x0F: "gb18030",
}  # fmt: skip


def encode_gsm(text: str) -> bytes:
    """One septet a byte, as submit_sm has it. Raises KeyError for a character that is not of the alphabet."""
    return b"".join(_CODES[c] for c in text)


def decode_gsm(content: bytes) -> str:
    """An escape that leads nowhere reads as the character without it (TS 23.038, 6.2.1.1)."""
    found, escaped = [], False
    for code in content:
        if code == GSM_ESCAPE and not escaped:
            escaped = True
            continue
        plain = "\N{REPLACEMENT CHARACTER}" if code > 0x7F else " " if code == GSM_ESCAPE else GSM_BASIC[code]
        found.append(GSM_EXTENDED.get(code, plain) if escaped else plain)
        escaped = False
    return "".join(found)


def coding_for(text: str, *, latin: bool) -> int:
    """In which coding a text goes. `latin`: this centre's default alphabet is Latin-1, not GSM's."""
    if is_wide(text):
        return UCS2
    if latin and any(ord(c) > 0xFF for c in text):
        return UCS2  # € and Greek are GSM, and not Latin-1
    return DEFAULT


def encode(text: str, coding: int, *, latin: bool) -> bytes:
    if coding == UCS2:
        return text.encode("utf-16-be", "replace")
    return text.encode("latin-1", "replace") if latin else encode_gsm(text)


def decode(content: bytes, coding: int, *, latin: bool) -> str:
    """What a message says. The bytes of several parts are joined before, so that nothing is cut between them."""
    codec = _codec(coding, latin=latin)
    if codec == "gsm":
        return decode_gsm(content)
    if codec == "utf-16-be":
        content = content.removeprefix(b"\xfe\xff")
        if len(content) % 2:
            content += b"\xfd"  # half a character at the end is one that cannot be read
    text = content.decode(codec, "replace")
    return text.replace("\0", "")


def is_binary(coding: int) -> bool:
    """Whether the content is data and no text: settings of a telephone, a ring tone."""
    if coding in BINARY:
        return True
    return _alphabet(coding) == 1


def _codec(coding: int, *, latin: bool) -> str:
    if coding == DEFAULT:
        return "latin-1" if latin else "gsm"
    if coding in _CODECS:
        return _CODECS[coding]
    return {2: "utf-16-be", 1: "latin-1"}.get(_alphabet(coding), "gsm")


def _alphabet(coding: int) -> int:
    """Of a coding that is a GSM data coding scheme: 0 GSM, 1 data, 2 UCS-2."""
    if coding & 0xF0 == 0xF0:
        return 1 if coding & 0x04 else 0
    if coding & 0xF0 == 0xE0:
        return 2
    return (coding >> 2) & 0x03 if 0x10 <= coding < 0x80 else 0
