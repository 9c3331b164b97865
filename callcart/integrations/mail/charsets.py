"""Bytes of a mail as text, whatever their label says: labels are wrong, missing, unknown, or name an older and smaller set than was
used (GB2312 that is GB18030, ISO-8859-1 that is Windows-1252). Never raises, and gives nothing a database cannot hold.

Only codecs on a list are used: Python's others (`unicode_escape`, `idna`, `zlib`) are no charsets, and some take a mail's author's
word for how much work they do.
"""

from __future__ import annotations

import binascii
import codecs
import re

from charset_normalizer import from_bytes

_BY_LABEL = {
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gb_2312": "gb18030", "euc-cn": "gb18030", "x-gbk": "gb18030", "gbk": "gb18030",
    "cp936": "gb18030", "ms936": "gb18030", "windows-936": "gb18030", "hz-gb-2312": "hz", "x-euc-tw": "big5hkscs",
    "big5": "big5hkscs", "cp950": "big5hkscs", "x-big5": "big5hkscs", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "us-ascii": "ascii", "ansi_x3.4-1968": "ascii", "iso-8859-9": "cp1254", "iso-8859-8-i": "iso8859-8", "utf8": "utf-8",
    "utf8mb4": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "mac-roman", "macintosh": "mac-roman",
}  # fmt: skip
_KNOWN = re.compile(
    r"ascii|utf-(7|8|16|16-le|16-be|32|32-le|32-be)|gb18030|hz|big5hkscs|euc_jp|iso2022_(jp|jp_1|jp_2|jp_3|kr)|cp932|cp949|euc_kr|"
    r"johab|iso8859-\d{1,2}|cp125\d|cp(437|850|852|855|857|860|861|862|863|865|866|874)|koi8-[rtu]|mac-(roman|cyrillic)|tis-620"
)
_NOT_BY_BYTE = re.compile(r"utf-7|utf-16.*|utf-32.*|hz|iso2022_.*")
_MULTIBYTE = frozenset({"gb18030", "big5hkscs", "euc_jp", "cp932", "cp949", "euc_kr", "johab"})
_HAN = re.compile("[\u3400-\u9fff]")
_GUESSED_FROM = 20_000  # bytes that the statistics look at
# C0 and C1 but for tab and newline, and halves of surrogate pairs.
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def decode(content: bytes, label: str = "") -> str:
    """The text of a body. Newlines are `\\n`."""
    return tidy(_decoded(content, label))


def tidy(text: str) -> str:
    """The text without what cannot be kept, its lines ended by `\\n`."""
    return _UNKEPT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def codec_of(label: str) -> str:
    """The codec for a charset's label; empty for one that is none."""
    plain = label.strip().strip("'\"").lower()[:40]
    name = _BY_LABEL.get(plain, plain)
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError, UnicodeError):
        return ""
    found = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932"}.get(
        found, found
    )
    return found if _KNOWN.fullmatch(found) else ""


def _decoded(content: bytes, label: str) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(name, "replace").removeprefix("\ufeff")
    codec = codec_of(label)
    if codec and _NOT_BY_BYTE.fullmatch(codec):
        return content.decode(codec, "replace")
    if content.isascii():
        return content.decode("ascii")
    said = _strict(content, codec) if codec else None
    utf8 = said if codec == "utf-8" else _strict(content, "utf-8")
    if utf8 is not None and (said is None or codec not in _MULTIBYTE or not _is_plain(said, codec)):
        return utf8  # hardly anything else is well-formed UTF-8 by chance
    return said if said is not None else _guessed(content, codec)


def _strict(content: bytes, codec: str) -> str | None:
    """The text where every byte fits; a character that was cut off at the very end is left out."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(content, final=False)
    except (UnicodeError, LookupError):
        return None


def _is_plain(text: str, codec: str) -> bool:
    """Whether text of a two-byte set is made of its everyday characters; UTF-8 read as GB18030 is not."""
    if codec != "gb18030":
        return True
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _guessed(content: bytes, codec: str) -> str:
    chinese = _strict(content, "gb18030")
    if chinese is not None and _is_plain(chinese, "gb18030"):
        return chinese
    if codec in _MULTIBYTE or codec == "utf-8":
        text = content.decode(codec, "replace")
        if text.count("\ufffd") * 20 <= len(text):  # a few bytes were lost on the way
            return text
    best = from_bytes(content[:_GUESSED_FROM]).best() if len(content) >= 32 else None
    found = codec_of(best.encoding) if best is not None else ""
    if found:
        return content.decode(found, "replace")
    if chinese is not None and 2 * len(_HAN.findall(chinese)) >= 0.8 * sum(byte > 127 for byte in content):
        return chinese
    return content.decode("cp1252", "replace")


_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\r\n]*)(?:\?=|\Z)")
_LONGEST_HEADER = 60_000


def header(raw: str) -> str:
    """A header as it is read: unfolded, encoded words decoded (RFC 2047), also those that were broken within a character, left open
    or never encoded at all."""
    return tidy(_words(unfolded(raw))).replace("\n", " ").strip()


def unfolded(raw: str) -> str:
    """A header on one line; bytes that should not be in it are decoded."""
    text = re.sub(r"\r?\n[ \t]?", " ", raw[:_LONGEST_HEADER])
    if not text.isascii():
        text = _decoded(text.encode("utf-8", "surrogateescape"), "")
    return text


def _words(text: str) -> str:
    """Neighbours of one charset are decoded together: a character may begin in one word and end in the next."""
    parts: list[str] = []
    run = _Run()
    at = 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        if between.strip() or not run.takes(found[1]):
            parts.append(run.text())
            run = _Run(found[1])
            parts.append(between if between.strip() or not at else "")
        run.add(found[2].lower(), found[3])
        at = found.end()
    parts += [run.text(), text[at:]]
    return "".join(parts)


class _Run:
    """Encoded words that stand next to each other."""

    def __init__(self, charset: str = "") -> None:
        self._charset = charset
        self._bytes = b""
        self._base64 = ""  # not at an end yet: some programs cut the base64 and not the text

    def takes(self, charset: str) -> bool:
        return self._charset.lower() == charset.lower()

    def add(self, encoding: str, text: str) -> None:
        if encoding == "b":
            self._base64 += re.sub(r"[^A-Za-z0-9+/=]", "", text)
            if len(self._base64) % 4 == 0 or self._base64.endswith("="):
                self._end_base64()
            return
        self._end_base64()
        self._bytes += binascii.a2b_qp(text.replace(" ", "_").encode("latin-1", "replace"), header=True)

    def text(self) -> str:
        self._end_base64()
        return _decoded(self._bytes, self._charset)

    def _end_base64(self) -> None:
        plain = self._base64.rstrip("=")
        self._base64 = ""
        plain = plain.replace("=", "")
        if len(plain) % 4 == 1:  # six bits are no byte
            plain = plain[:-1]
        self._bytes += binascii.a2b_base64(plain + "=" * (-len(plain) % 4))
