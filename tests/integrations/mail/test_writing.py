"""What leaves, read back by the standard library's parser and by our own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.contact.messaging.transport import File, Outgoing
from callcart.core import clock
from callcart.integrations.mail.writing import Written, message_id_of, write

from .letters import LINE, got

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LONG = "王小明" * 25 + ", 总经理"


def written(reply_domain: str = "in.shop.example", from_name: str = "清河茶铺", **values: Any) -> Written:
    outgoing = Outgoing(
        **{"key": "0199-abc", "to": "ada@example.com", "text": "您好\n\n.一行\n", "subject": "订单", **values}
    )
    with clock.frozen(NOW):
        return write(outgoing, sender=LINE.address, from_name=from_name, reply_domain=reply_domain)


def parsed(mail: Written) -> EmailMessage:
    return message_from_bytes(mail.content, policy=policy.default)  # type: ignore[return-value]


def test_a_reply_in_its_thread() -> None:
    mail = written(
        token="10427-abcdefgh",
        to_name="Ada",
        references=("<m1@example.com>", "m2@example.com", "no id"),
        copies=("Bob@Example.com",),
    )
    assert (mail.message_id, mail.sender, mail.recipients) == (
        "<0199-abc@shop.example>",
        "help@shop.example",
        ("ada@example.com", "bob@example.com"),
    )
    message = parsed(mail)
    assert message["From"] == "清河茶铺 <help@shop.example>" and message["To"] == "Ada <ada@example.com>"
    assert message["Subject"] == "订单 [#10427-abcdefgh]"
    assert message["Reply-To"] == "清河茶铺 <help+10427-abcdefgh@in.shop.example>"
    assert message["In-Reply-To"] == "<m2@example.com>" and str(message["References"]).split() == [
        "<m1@example.com>",
        "<m2@example.com>",
    ]
    assert message["Cc"] == "bob@example.com" and message["Date"] == "Mon, 30 Nov 2026 12:00:00 +0000"
    assert message["Auto-Submitted"] is None
    assert message.get_content().replace("\r\n", "\n") == "您好\n\n.一行\n"


def test_the_answer_to_it_is_known_again() -> None:
    message = parsed(written(token="10427-abcdefgh"))
    answer = f"From: ada@example.com\r\nTo: {message['Reply-To'].addresses[0].addr_spec}\r\nIn-Reply-To: {message['Message-ID']}\r\n\r\nok".encode()
    assert (got(answer).token, got(answer).references) == ("10427-abcdefgh", ("<0199-abc@shop.example>",))


def test_an_answer_to_all_does_not_come_back_to_us() -> None:
    copies = (
        "help@shop.example",
        "HELP+10427-abcdefgh@shop.example",
        "ada@example.com",
        "bob@example.com",
        "helper@shop.example",
    )
    assert written(copies=copies).recipients == ("ada@example.com", "bob@example.com", "helper@shop.example")


def test_without_a_domain_for_answers_the_subject_alone_carries_the_mark() -> None:
    message = parsed(written(reply_domain="", token="10427-abcdefgh", subject="Re: x [#10427-abcdefgh]"))
    assert message["Reply-To"] is None and message["Subject"] == "Re: x [#10427-abcdefgh]"


def test_what_a_machine_wrote_says_so() -> None:
    message = parsed(written(automatic=True))
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-replied", "All")


def test_the_same_key_is_the_same_message() -> None:
    assert written() == written() and written(key="other").message_id != written().message_id
    strange = message_id_of("a>\r\nBcc: x@y.zz <b", "help@shop.example")
    assert re.fullmatch(r"<[0-9a-f]{64}@shop\.example>", strange)


def test_text_html_pictures_and_files() -> None:
    files = (
        File("圖 片.png", "image/png", b"PNG", cid="p@x"),
        File("发票" * 60 + ".pdf", "application/pdf", bytes(range(256)) * 10),
        File('a"b\r\nBcc: x.txt', "text/plain; charset=x", b"\n.\n"),
        File("mail.eml", "message/rfc822", b"From: x"),
    )
    mail = written(html='<p>您好 <img src="cid:p@x"></p>', files=files)
    message = parsed(mail)
    (alternative, *attached) = message.iter_parts()
    _plain, related = alternative.iter_parts()  # type: ignore[attr-defined]
    html, picture = related.iter_parts()
    assert (
        message.get_content_type() == "multipart/mixed"
        and html.get_content().strip() == '<p>您好 <img src="cid:p@x"></p>'
    )
    assert (picture["Content-ID"], picture.get_filename(), picture.get_content()) == (
        "<p@x>",
        "圖 片.png",
        b"PNG",
    )
    found = [
        (each.get_filename(), each.get_content_type(), each.get_payload(decode=True)) for each in attached
    ]
    assert [name for name, _kind, _content in found] == ["发票" * 60 + ".pdf", "a_b Bcc_ x.txt", "mail.eml"]
    assert [kind for _name, kind, _content in found] == [
        "application/pdf",
        "application/octet-stream",
        "application/octet-stream",
    ]
    assert [content for _name, _kind, content in found] == [file.content for file in files[1:]]
    back = got(mail.content.replace(b"help@shop.example", b"x@shop.example"))
    assert [file.content for file in back.files] == [file.content for file in files]
    assert [file.name for file in back.files] == [
        "圖 片.png",
        "发票" * 60 + ".pdf",
        "a_b Bcc_ x.txt",
        "mail.eml",
    ]


def test_nothing_is_wider_than_a_line_may_be() -> None:
    mail = written(subject="订单" * 200, to_name=LONG, from_name=LONG, text="x" * 3000 + "\n" + "文" * 2000, files=(File("名" * 150, "a/b", b"x" * 1000),),
                   references=tuple(f"<{'m' * 60}{n}@example.com>" for n in range(60)))  # fmt: skip
    assert max(map(len, mail.content.split(b"\r\n"))) <= 140
    assert mail.content.replace(b"\r\n", b"").count(b"\n") == 0 and mail.content.isascii()
    message = parsed(mail)
    assert got(mail.content).peer_name == LONG
    assert len(str(message["References"]).split()) == 30 and str(message["References"]).startswith(
        f"<{'m' * 60}0@"
    )


@pytest.mark.parametrize(
    "address",
    [
        "a@b@c",
        "x\r\nBcc: y@z.zz",
        "a b@c.de",
        "<a@b.cc>\n",
        "",
        "ada@",
        "@x.de",
        "a@-x.de",
        "a,b@c.de",
        "a@x..de",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    if address.strip() == "<a@b.cc>":
        assert written(to=address).recipients == ("a@b.cc",)
        return
    with pytest.raises(ValueError, match="not a mail address"):
        written(to=address)
    with pytest.raises(ValueError, match="not a mail address"):
        written(copies=(address,))


def test_addresses_in_other_letters() -> None:
    plain, wide = written(to="ada@例子.中国"), written(to="用户@例子.中国")
    assert (plain.recipients, plain.wide) == (("ada@xn--fsqu00a.xn--fiqs8s",), False)
    assert (wide.recipients, wide.wide) == (("用户@xn--fsqu00a.xn--fiqs8s",), True)
    assert "To: 用户@xn--fsqu00a.xn--fiqs8s\r\n".encode() in wide.content


HEADERS = {b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to", b"content-language", b"mime-version", b"content-type", b"content-transfer-encoding"}  # fmt: skip


@settings(max_examples=60)
@given(
    st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.text(max_size=30), st.text(max_size=40),
    st.lists(st.text(max_size=30), max_size=3),
)  # fmt: skip
def test_no_text_becomes_a_header(
    subject: str, name: str, text: str, token: str, key: str, references: list[str]
) -> None:
    evil = "\r\nBcc: all@example.com\r\n\r\n<script>"
    mail = written(subject=subject + evil, to_name=name + evil, text=text + evil, token=token + evil, key=key + evil, references=tuple(references) + (evil,),
                   files=(File(name + evil, subject, b"x", cid=evil),), from_name=subject + evil)  # fmt: skip
    head = mail.content.split(b"\r\n\r\n", 1)[0]
    lines = re.sub(rb"\r\n[ \t]", b" ", head).split(b"\r\n")
    assert {line.partition(b":")[0].lower() for line in lines} <= HEADERS
    assert len({line.partition(b":")[0].lower() for line in lines}) == len(lines)
    for part in message_from_bytes(mail.content).walk():
        assert {each.lower().encode() for each in part} <= HEADERS | {
            b"content-disposition",
            b"content-id",
        }
    assert mail.recipients == ("ada@example.com",)


@settings(max_examples=60)
@given(
    st.text(
        st.characters(categories=["L", "N", "P", "S"], exclude_characters="\ufeff"), min_size=1, max_size=60
    )
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    found = got(
        written(text=f"{text}\n..\n{text}", subject=f"a {text} b", from_name="X").content.replace(
            b"help@shop", b"other@shop"
        )
    )
    assert (found.text + found.quoted).replace("\n", "").count(text) >= 1
    assert found.subject == f"a {text} b"
