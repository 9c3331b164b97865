"""Labels lie: what was written is read all the same, and nothing in it can make it fail."""

from __future__ import annotations

from base64 import b64encode
from quopri import encodestring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.integrations.mail.charsets import codec_of, decode, header

GOODS = "你好，我要退货。订单号：10427"


@pytest.mark.parametrize(
    ("text", "written_in", "label"),
    [
        (GOODS, "gb18030", "gb2312"),
        ("朱镕基、堃、㐂、𠮷", "gb18030", "gb2312"),  # none of them is in GB2312
        (GOODS, "utf-8", "gb2312"),
        (GOODS, "utf-8", "us-ascii"),
        (GOODS, "utf-8", "iso-8859-1"),
        (GOODS, "utf-8", ""),
        (GOODS, "gb18030", ""),
        (GOODS, "gb18030", "utf-8"),
        (GOODS, "gb18030", "x-unknown"),
        (GOODS, "hz", "hz-gb-2312"),
        (GOODS, "utf-7", "utf-7"),
        (GOODS, "utf-16", "utf-16"),
        ("訂單還沒收到，請幫我查", "big5", "big5"),
        ("“Grüße”—naïve €", "cp1252", "iso-8859-1"),
        ("Grüße aus Köln, né à Orléans", "latin-1", "us-ascii"),
        ("ご注文ありがとう", "iso2022_jp", "iso-2022-jp"),
        ("Где мой заказ?", "koi8-r", "koi8-r"),
        ("한국어 주문", "cp949", "ks_c_5601-1987"),
    ],
)
def test_what_was_written_is_read(text: str, written_in: str, label: str) -> None:
    assert decode(text.encode(written_in), label) == text


def test_a_character_cut_off_at_the_end_costs_only_itself() -> None:
    assert decode(GOODS.encode()[:-1] + "货".encode()[:2], "utf-8") == GOODS[:-1]
    assert decode("你好".encode("gb18030") + b"\xc4", "gb2312") == "你好"


def test_what_a_database_cannot_hold_is_left_out() -> None:
    assert decode(b"a\x00b\x1b[31mc\r\nd\re", "utf-8") == "ab[31mc\nd\ne"
    assert "\ud800" not in decode("a\ud800b".encode("utf-16", "surrogatepass"), "utf-16")


@pytest.mark.parametrize(
    "label",
    ["unicode_escape", "idna", "punycode", "zlib", "rot13", "base64", "undefined", "x" * 500, "\x00", "文"],
)
def test_what_is_no_charset_is_not_used(label: str) -> None:
    assert codec_of(label) == ""
    assert decode(b"plain \\u0041", label) == "plain \\u0041"


def base64_word(content: bytes, charset: str = "utf-8") -> str:
    return f"=?{charset}?B?{b64encode(content).decode()}?="


def test_encoded_words_broken_within_a_character() -> None:
    raw = "退货申请".encode()
    assert header(f"{base64_word(raw[:4])}\r\n {base64_word(raw[4:])}") == "退货申请"
    gb = "退货申请".encode("gb18030")
    assert header(f"{base64_word(gb[:3], 'gb2312')} {base64_word(gb[3:], 'GB2312')}") == "退货申请"


def test_encoded_words_broken_within_the_base64() -> None:
    text = b64encode("退货申请单".encode()).decode()
    assert header(f"=?utf-8?B?{text[:5]}?= =?utf-8?B?{text[5:]}?=") == "退货申请单"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("=?UTF-8?Q?caf=C3=A9_cr=C3=A8me?=", "café crème"),
        ("=?UTF-8*en?Q?hi?= there", "hi there"),
        ("=?utf-8?B?5rWL6K+V", "测试"),  # never closed
        ("Re: =?utf-8?B?5rWL?= and =?utf-8?B?6K+V?=", "Re: 测 and 试"),
        ("=?gb2312?Q?=C4=E3_=BA=C3?=", "你 好"),
        ("=?nonsense?B?5rWL6K+V?=", "测试"),
        ("=?utf-8?B?!!!!?=", ""),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("one\r\n two\r\n\tthree", "one two three"),
        ("a\x00b\x07", "ab"),
        ("退货".encode("gb18030").decode("ascii", "surrogateescape"), "退货"),
        ("退货".encode().decode("ascii", "surrogateescape"), "退货"),
    ],
)
def test_headers(raw: str, read: str) -> None:
    assert header(raw) == read


@settings(max_examples=60)
@given(
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40),
    st.integers(1, 30),
)
def test_any_text_in_words_of_any_size_comes_back(text: str, size: int) -> None:
    raw = text.encode()
    words = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert header("\r\n ".join(base64_word(word) for word in words)) == text


@settings(max_examples=60)
@given(
    st.binary(max_size=200),
    st.sampled_from(["", "utf-8", "gb2312", "utf-7", "hz", "utf-16", "big5", "iso-2022-jp", "nonsense"]),
)
def test_nothing_makes_it_fail(content: bytes, label: str) -> None:
    text = decode(content, label)
    text.encode("utf-8")
    assert "\x00" not in text
    header(content.decode("ascii", "surrogateescape"))
    header(encodestring(content).decode("ascii", "replace"))
