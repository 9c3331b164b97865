"""Mails as they come, well-formed and otherwise, and what is read in them."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.core import clock
from callcart.integrations.mail.reading import external_id, read

from .letters import HEAD, LINE, got, html, mail, parts, wire

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_plain_mail() -> None:
    with clock.frozen(NOW):
        found = got(
            mail(
                "Where is my order?\n",
                head="References: <s1@shop.example> <s2@shop.example>\nIn-Reply-To: <s2@shop.example>\n",
            )
        )
    assert (found.external_id, found.peer, found.peer_name) == (
        "<a1@example.com>",
        "ada@example.com",
        "Ada Byron",
    )
    assert (found.text, found.quoted, found.html, found.subject) == ("Where is my order?", "", "", "My order")
    assert found.sent_at == datetime(2026, 11, 29, 10, tzinfo=UTC)
    assert found.references == ("<s2@shop.example>", "<s1@shop.example>")  # newest first
    assert (found.token, found.others, found.files, found.notes) == ("", (), (), ())
    assert (found.automatic, found.bounce_of, found.language) == (False, "", "")


def test_gb18030_under_the_label_gb2312() -> None:
    head = "Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n"
    found = got(mail("镕先生：您好，我要退货。\n", head=head, charset="gb18030"))
    assert (found.text, found.language) == ("镕先生：您好，我要退货。", "zh-hans")


def test_html_that_names_its_charset_itself() -> None:
    content = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head>镕先生，茶叶堃</html>'
    assert got(mail(content, head="Content-Type: text/html\n", charset="gb18030")).text == "镕先生，茶叶堃"


def test_the_name_of_a_sender_in_raw_gb18030() -> None:
    raw = (
        b"From: "
        + "王小明".encode("gb18030")
        + b" <wang@qq.com>\r\nSubject: "
        + "退货".encode("gb18030")
        + b"\r\n\r\nx"
    )
    found = got(raw)
    assert (found.peer, found.peer_name, found.subject) == ("wang@qq.com", "王小明", "退货")


@pytest.mark.parametrize(
    ("sender", "peer", "name"),
    [
        ('"Wang, Ming" <Wang@QQ.com>', "wang@qq.com", "Wang, Ming"),
        ("=?gb2312?B?zfXQocP3?= <wang@qq.com>", "wang@qq.com", "王小明"),
        ("wang@qq.com (Wang)", "wang@qq.com", ""),
        ("王 <用户@例子.中国>", "用户@xn--fsqu00a.xn--fiqs8s", "王"),
        ('"unclosed <a@example.com>', "a@example.com", "unclosed"),
        ("<<a@example.com>>", "a@example.com", ""),
        ('"help@shop.example" <evil@example.com>', "evil@example.com", "help@shop.example"),
        ("\u202egnp.exe <a@example.com>", "a@example.com", "gnp.exe"),
    ],
)
def test_senders(sender: str, peer: str, name: str) -> None:
    found = got(wire(f"From: {sender}") + b"x")
    assert (found.peer, found.peer_name) == (peer, name)


def test_two_senders_are_noted_and_the_first_is_answered() -> None:
    found = got(wire("From: a@example.com\nFrom: b@example.com") + b"x")
    assert (found.peer, found.notes) == ("a@example.com", ("It names more than one sender.",))


def test_no_sender_is_said_in_words() -> None:
    with pytest.raises(ValueError, match="does not say who sent it"):
        read(LINE, wire("Subject: x") + b"hello")
    assert read(LINE, b"\r\n\r\n") is None
    assert got(wire("Sender: a@example.com") + b"x").peer == "a@example.com"


def test_an_answer_goes_where_the_sender_wants_it() -> None:
    found = got(mail(head="Reply-To: Bob <bob@example.org>\n"))
    assert (found.peer, found.peer_name) == ("bob@example.org", "Bob")
    assert found.notes == ("It was sent from ada@example.com and asks for answers to this address.",)
    assert got(mail(head="Reply-To: help@shop.example\n")).peer == "ada@example.com"  # not to ourselves


@pytest.mark.parametrize(
    "date",
    [
        "",
        "Date: nonsense\n",
        "Date: Fri, 31 Feb 2026 99:99:99 +9999\n",
        "Date: Mon, 30 Nov 2099 10:00:00 +0000\n",
        "Date: " + "9" * 5000 + "\n",
    ],
)
def test_a_date_that_cannot_be_is_none(date: str) -> None:
    with clock.frozen(NOW):
        assert got(wire(f"From: a@example.com\n{date}Subject: x") + b"x").sent_at is None


@pytest.mark.parametrize(
    ("head", "token"),
    [
        ("To: help+10427-abcdefgh@in.shop.example\n", "10427-abcdefgh"),
        ("Delivered-To: HELP+10427-ABCDEFGH@shop.example\n", "10427-abcdefgh"),
        ("Cc: x@example.com, help+10427-abcdefgh@in.shop.example\n", "10427-abcdefgh"),
        ("To: other+10427-abcdefgh@in.shop.example\n", ""),
        ("To: help+10427-abcdefgh@evil.example\n", ""),
    ],
)
def test_our_mark_in_an_address(head: str, token: str) -> None:
    found = got(wire(f"From: a@example.com\n{head}") + b"x")
    assert found.token == token
    assert "help+10427-abcdefgh@in.shop.example" not in found.others


def test_our_mark_in_the_subject_is_found_and_taken_off() -> None:
    found = got(wire("From: a@example.com\nSubject: Re: My order [#10427-ABCdefgh]") + b"x")
    assert (found.token, found.subject) == ("10427-abcdefgh", "Re: My order")


def test_five_hundred_recipients() -> None:
    crowd = ",\n ".join(f'"Person {number}" <p{number}@example.com>' for number in range(500))
    found = got(wire(f"From: a@example.com\nTo: {crowd}\nCc: help@shop.example") + b"x")
    assert len(found.others) == 50 and found.others[0] == "p0@example.com"
    assert found.notes == ("It went to 500 other addresses; the first 50 are kept.",)


# Message-IDs, and what stands in for them


def test_copies_of_a_mail_without_a_message_id_are_the_same_one() -> None:
    plain = wire("From: a@example.com\nSubject: x") + b"text"
    copy = b"Received: from elsewhere\r\n by us\r\nX-Spam: no\r\n" + plain
    assert external_id(plain) == external_id(copy) and external_id(plain).startswith("sha256:")
    assert external_id(plain) != external_id(plain + b"!")
    assert got(plain).external_id == external_id(plain)


@pytest.mark.parametrize("named", ["<>", "x", "<a b@c>", "<" + "x" * 600 + "@y>", "<a@b>\nMessage-ID: <c@d>"])
def test_a_message_id_that_is_none_is_not_used(named: str) -> None:
    assert external_id(wire(f"From: a@example.com\nMessage-ID: {named}") + b"x").startswith("sha256:")


# Bodies and files


def test_text_and_html_and_a_file() -> None:
    inner = 'Content-Type: multipart/alternative; boundary="i"\n\n--i\nContent-Type: text/plain\n\nthe words\n--i\nContent-Type: text/html\n\n<p>the <b>words</b></p>\n--i--'
    found = got(
        parts(
            inner, 'Content-Type: application/pdf; name="bill.pdf"\nContent-Transfer-Encoding: base64\n\nUERG'
        )
    )
    assert (found.text, found.html) == ("the words", "<p>the <b>words</b></p>")
    assert [(file.name, file.type, file.content) for file in found.files] == [
        ("bill.pdf", "application/pdf", b"PDF")
    ]


def test_html_only_is_read_as_text_too() -> None:
    found = got(html("<h1>Hello</h1><p>My  order<br>is <b>late</b></p><ul><li>one<li>two</ul>"))
    assert found.text == "Hello\n\nMy order\nis late\n\n- one\n- two"


def test_text_between_files_stays_in_order() -> None:
    found = got(
        parts(
            "Content-Type: text/plain\n\none",
            "Content-Type: image/png; name=a.png\n\nx",
            "Content-Type: text/plain\n\ntwo",
        )
    )
    assert (found.text, [file.name for file in found.files]) == ("one\n\ntwo", ["a.png"])


def test_flowed_lines_are_whole_again() -> None:
    assert (
        got(mail("a long \nline\n", head="Content-Type: text/plain; format=flowed\n")).text == "a long line"
    )


def test_an_inline_picture_is_found_by_its_cid() -> None:
    found = got(
        parts(
            'Content-Type: text/html\n\n<p>see <img src="cid:pic@x"></p>',
            "Content-Type: image/png\nContent-ID: <pic@x>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\nUE5H",
            kind="related",
        )
    )
    assert found.html == '<p>see <img class="inline" data-cid="pic@x"></p>'
    assert [(file.cid, file.name, file.content) for file in found.files] == [("pic@x", "picture.png", b"PNG")]


def test_a_picture_in_the_html_itself_becomes_a_file() -> None:
    found = got(html('<img src="data:image/png;base64,UE5H" onerror=x>'))
    assert found.html == '<img class="inline" data-cid="data-1@inline">'
    assert [(file.cid, file.type, file.content) for file in found.files] == [
        ("data-1@inline", "image/png", b"PNG")
    ]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\Windows\\\\evil.exe"', "evil.exe"),
        ('filename="bill\u202efdp.exe"', "billfdp.exe"),
        ('filename="a\tb.txt"', "a_b.txt"),
        ("filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf", "发票.pdf"),
        ("filename*0*=gb2312''%B7%A2; filename*1*=%C6%B1; filename*2=.pdf", "发票.pdf"),
        (f'filename="=?gbk?B?{b64encode("发票.pdf".encode("gbk")).decode()}?="', "发票.pdf"),
        ("filename*=nonsense''a%FFb.txt", "aÿb.txt"),
        ('filename=""', "file"),
        ('filename="..."', "file"),
        ("filename*x*=;;;=\"'", "file"),
        (f'filename="{"x" * 300}.pdf"', "x" * 138 + "….pdf"),
    ],
)
def test_names_of_files(said: str, name: str) -> None:
    found = got(
        parts(f"Content-Type: application/octet-stream\nContent-Disposition: attachment; {said}\n\nx")
    )
    assert [file.name for file in found.files] == [name]
    assert PurePosixPath(found.files[0].name).name == found.files[0].name


def test_files_of_one_name_are_told_apart() -> None:
    part = 'Content-Type: image/png; name="a.png"\n\nx'
    assert [file.name for file in got(parts(part, part, part)).files] == ["a.png", "a (2).png", "a (3).png"]


def test_too_many_files_are_bounded_and_said() -> None:
    found = got(parts(*["Content-Type: image/png; name=a.png\n\nx"] * 60))
    assert len(found.files) == 50
    assert found.notes == ("Only the first 50 files are here; 10 were left out.",)


@pytest.mark.parametrize(
    ("part", "name", "note"),
    [
        ("Content-Type: application/ms-tnef; name=winmail.dat\n\nx", "winmail.dat", "winmail.dat is in a format of Outlook's own; what is in it cannot be seen here."),
        ("Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx", "smime.p7m", "It is encrypted or signed with S/MIME and cannot be read here."),
        ("Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR", "invitation.ics", "It holds an invitation: invitation.ics"),
        ("Content-Type: message/external-body; access-type=URL\n\nx", "file", "Only a piece of this mail came; the rest lies elsewhere."),
    ],
)  # fmt: skip
def test_what_is_not_opened_is_named(part: str, name: str, note: str) -> None:
    found = got(parts("Content-Type: text/plain\n\nhi", part))
    assert (found.text, [file.name for file in found.files], found.notes) == ("hi", [name], (note,))


def test_signed_and_encrypted_mail() -> None:
    signed = got(
        parts(
            "Content-Type: text/plain\n\nhi",
            "Content-Type: application/pgp-signature; name=s.asc\n\nx",
            kind="signed",
        )
    )
    assert (signed.text, signed.files, signed.notes) == (
        "hi",
        (),
        ("It is signed; the signature was not checked.",),
    )
    sealed = got(
        parts(
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream; name=m.asc\n\nx",
            kind="encrypted",
        )
    )
    assert (sealed.text, [file.name for file in sealed.files]) == ("", ["m.asc"])
    assert sealed.notes == ("It is encrypted and cannot be read here.",)
    assert got(mail("-----BEGIN PGP MESSAGE-----\nx\n")).notes == (
        "It is encrypted and cannot be read here.",
    )


def test_a_mail_in_a_mail_is_a_file() -> None:
    found = got(
        parts(
            "Content-Type: text/plain\n\nsee",
            "Content-Type: message/rfc822\n\nFrom: x@y.zz\nSubject: Old one\n\nold words",
        )
    )
    assert (found.text, [file.name for file in found.files]) == ("see", ["Old one.eml"])
    assert b"old words" in found.files[0].content


# Broken on the way


def test_a_boundary_that_is_not_the_one_used() -> None:
    body = "--real\nContent-Type: text/plain\n\nhello\n--real\nContent-Type: image/png; name=a.png\n\nx\n--real--\n"
    found = got(mail(body, head='Content-Type: multipart/mixed; boundary="wrong"\n'))
    assert (found.text, [file.name for file in found.files]) == ("hello", ["a.png"])
    assert got(mail(body, head="Content-Type: multipart/mixed\n")).text == "hello"


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (
            "Content-Type: multipart/mixed; boundary=b\n",
            "--b\nContent-Type: text/plain\n\nnever closed\n",
            "never closed",
        ),
        ("Content-Type: multipart/mixed; boundary=b\n", "no parts at all\n", "no parts at all"),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n", "aGVsbG8\n!!!\n", "hello"),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n", "a=ZZb=\nc=\n", "a=ZZbc"),
        ("Content-Transfer-Encoding: nonsense\n", "as it is\n", "as it is"),
        ('Content-Transfer-Encoding: "base64" ; x=y \n', "aGVsbG8=\n", "hello"),
        ("Content-Transfer-Encoding: base64\n", "aGVs\nbG8=\n\n--\nappended by a server\n", "hello"),
        ("Content-Type: ;;;=\n", "as it is\n", "as it is"),
        ('Content-Type: text/plain; charset="\n', "as it is\n", "as it is"),
        (
            "Subject: twice\nSubject: again\nContent-Type: text/plain\nContent-Type: text/html\n",
            "as it is\n",
            "as it is",
        ),
        (" folded from nothing\n", "as it is\n", "as it is"),
    ],
)
def test_broken_mime_is_read_as_far_as_it_goes(head: str, body: str, text: str) -> None:
    assert got(wire(f"From: a@example.com\n{head}") + body.replace("\n", "\r\n").encode()).text == text


def test_no_line_between_head_and_body() -> None:
    assert got(b"From: a@example.com\r\nSubject: x\r\nhello there\r\n").text == "hello there"


def test_a_ladder_of_parts_ends_somewhere() -> None:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(2000))
    content = (
        b"From: a@example.com\r\n"
        + head.encode()
        + b"Content-Type: text/plain\r\n\r\nhello\r\n"
        + b"x\r\n" * 20_000
    )
    began = time.process_time()
    found = got(content)
    assert time.process_time() - began < 5
    assert found.notes == ("This mail is nested too deep; what lies deeper is among its files.",)
    assert len(found.files) == 1 and b"hello" in found.files[0].content


def test_endless_parts_and_headers_end_somewhere() -> None:
    many = got(
        wire("From: a@example.com\nContent-Type: multipart/mixed; boundary=b") + b"--b\r\n\r\nx\r\n" * 50_000
    )
    assert "This mail has more parts than can be shown; only the first of them are here." in many.notes
    long = got(b"From: a@example.com\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\nhello")
    assert "This mail has more parts than can be shown; only the first of them are here." in long.notes
    began = time.process_time()
    got(
        b"From: "
        + b"(" * 500_000
        + b"a@example.com\r\nFrom: b@example.com\r\nTo: "
        + b'"<' * 200_000
        + b"\r\nContent-Type: multipart/x; "
        + b'a="1";' * 100_000
        + b"\r\n\r\nhello"
    )
    assert time.process_time() - began < 5


def test_text_without_end_is_bounded() -> None:
    found = got(mail("word " * 400_000))
    assert len(found.text) + len(found.quoted) <= 1_000_000
    assert found.notes == ("The text is very long; the rest of it was left out.",)


@pytest.mark.parametrize(
    ("head", "note"),
    [
        ("X-Spam-Flag: YES\n", "The mail server holds it for junk."),
        ("X-Spam-Status: Yes, score=9\n", "The mail server holds it for junk."),
        ("X-Forefront-Antispam-Report: CIP:1;SCL:9;SFV:SPM\n", "The mail server holds it for junk."),
        (
            "Authentication-Results: mx; spf=pass; dmarc=fail\n",
            "The mail server could not confirm that it comes from this sender.",
        ),
    ],
)
def test_what_the_server_thinks_of_it(head: str, note: str) -> None:
    assert got(mail(head=head)).notes == (note,)
    assert (
        got(
            mail(
                head="Authentication-Results: mx; spf=fail; dmarc=pass\nAuthentication-Results: old; dmarc=fail\n"
            )
        ).notes
        == ()
    )
    assert got(mail(head="X-Spam-Flag: NO\nAuthentication-Results: mx; dmarc=pass\n")).notes == ()


@pytest.mark.parametrize(
    "content",
    [
        html("a<b>a</b>" * 20_000),
        html("x<br>" * 30_000),
        mail("a \n" * 200_000, head="Content-Type: text/plain; format=flowed\n"),
        wire("From: mailer-daemon@example.com\nSubject: failure notice") + b"\n" * 200_000,
        wire("From: a@example.com\nReferences: " + "<a@" * 50_000) + b"x",
        mail("QUJD" * 2_000_000, head="Content-Transfer-Encoding: base64\n"),
    ],
    ids=["inline", "breaks", "flowed", "newlines", "references", "base64"],
)
def test_nothing_takes_more_than_its_length(content: bytes) -> None:
    began = time.process_time()
    got(content)
    assert time.process_time() - began < 5


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_no_bytes_break_it(noise: bytes) -> None:
    for content in (
        noise,
        HEAD.encode() + noise,
        mail(head='Content-Type: multipart/mixed; boundary="b"\n') + b"--b\r\n" + noise,
    ):
        try:
            found = read(LINE, content)
        except ValueError:
            continue
        if found is not None:
            assert found.peer and "\x00" not in found.text + found.html + found.subject
            (found.text + found.html + found.subject).encode()
