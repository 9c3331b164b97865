"""New words parted from what they answer, as the mail programs of our customers write it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.integrations.mail.quotes import split

from .letters import got, html

GMAIL = "On Mon, Nov 30, 2026 at 10:00 AM Harbor Goods <help@shop.example> wrote:"
OUTLOOK = "From: Harbor Goods <help@shop.example>\nSent: Monday, November 30, 2026 10:00 AM\nTo: Ada\nSubject: RE: Order"
QQ = '------------------ 原始邮件 ------------------\n发件人: "客服" <help@shop.example>;\n发送时间: 2026年11月30日(星期一) 上午10:00\n收件人: "王"<wang@qq.com>;\n主题: 订单'


@pytest.mark.parametrize(
    "above_the_quote",
    [
        f"{GMAIL}\n\n> old\n> words",
        "On Mon, Nov 30, 2026 at 10:00 AM Harbor Goods <help@shop.example>\nwrote:\n\n> old",
        f"{GMAIL}\n\nold words without marks",
        "On 30. Nov 2026, at 10:00, Harbor <help@shop.example> wrote:\n> old",
        "张三 <a@b.com> 于2026年11月30日周一 10:00写道：\n\n> 旧的",
        "在 2026-11-30 10:00:00，\"客服\" <help@shop.example> 写道：\n\n旧的",
        "At 2026-11-30 10:00:00, \"help\" <help@shop.example> wrote:\n>old",
        "2026年11月30日 10:00，客服 <help@shop.example> 写道：\n\n> 旧的",
        "Am Mo., 30. Nov. 2026 um 10:00 Uhr schrieb Harbor <help@shop.example>:\n\n> alt",
        "Le lun. 30 nov. 2026 à 10:00, Harbor <help@shop.example> a écrit :\n\n> vieux",
        f"________________________________\n{OUTLOOK}\n\nold",
        f"-----Original Message-----\n{OUTLOOK}\n\nold",
        f"{OUTLOOK}\n\nold",
        QQ + "\n\n旧的",
        "发件人： 客服\n发送时间： 2026-11-30 10:00\n收件人： 王\n主题： Re: 订单\n\n旧的",
        "---- 回复的原邮件 ----\n| 发件人 | 客服<help@shop.example> |\n| 日期 | 2026年11月30日 10:00 |\n| 收件人 | 王 |\n| 主题 | 订单 |\n旧的",
        "---- Replied Message ----\n| From | Harbor<help@shop.example> |\nold",
        "-----邮件原件-----\n旧的",
        "> old\n> words",
    ],
)  # fmt: skip
def test_answered_above(above_the_quote: str) -> None:
    assert split(f"Still waiting!\n第二行\n\n{above_the_quote}\n") == (
        "Still waiting!\n第二行",
        above_the_quote,
    )


def test_answered_below() -> None:
    assert split(f"{GMAIL}\n> old\n> words\n\nNew words.\n") == ("New words.", f"{GMAIL}\n> old\n> words")
    assert split("> old\n\nNew words.") == ("New words.", "> old")


def test_answered_in_between_is_left_as_it_is() -> None:
    text = "> When?\nToday.\n> Where?\nAt home."
    assert split(text) == (text, "")
    assert split(f"Hello\n{GMAIL}\n{text}") == (f"Hello\n{GMAIL}\n{text}", "")


def test_what_is_forwarded_was_sent_to_be_read() -> None:
    for title in (
        "---------- Forwarded message ---------",
        "---------- 转发的邮件 ---------",
        "Begin forwarded message:",
    ):
        text = f"Please see.\n\n{title}\n{OUTLOOK}\n\nbroken cup"
        assert split(text) == (text, "")


@pytest.mark.parametrize(
    "text",
    [
        "On it, thanks.\nI wrote: hello",
        "From: me to you\nwith love",
        "At last he wrote:\nyes",
        "1 > 0",
        "",
        "----\nmenu\n----",
        GMAIL,
    ],
)
def test_what_only_looks_like_a_quote(text: str) -> None:
    assert split(text) == (text, "")


@pytest.mark.parametrize(
    "signature",
    ["-- \nAda Byron\n+44 20 7946 0000", "--\nAda", "Sent from my iPhone", "Get Outlook for iOS<https://aka.ms/x>", "发自我的iPhone", "发自我的华为手机", "来自QQ邮箱手机版", "从我的 Android 手机发送", "发送自 Windows 10 版邮件应用"],
)  # fmt: skip
def test_signatures_go_with_the_rest(signature: str) -> None:
    assert split(f"Thanks\n\n{signature}\n") == ("Thanks", signature)
    assert split(f"Thanks\n\n{signature}\n\n{GMAIL}\n> old") == ("Thanks", f"{signature}\n\n{GMAIL}\n> old")
    assert split(signature) == (signature, "")  # nothing else was written


def test_a_quote_alone_is_shown() -> None:
    assert split("> only\n> this") == ("> only\n> this", "")
    assert split(f"\n{OUTLOOK}\n\nold") == (f"{OUTLOOK}\n\nold", "")


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                "> q",
                "word",
                "",
                GMAIL,
                "-- ",
                "From: x",
                "To: y",
                "Subject: z",
                "_____",
                "Sent from my iPhone",
            ]
        ),
        max_size=15,
    )
)
def test_no_word_is_lost(lines: list[str]) -> None:
    new, rest = split("\n".join(lines))
    assert sorted(f"{new}\n{rest}".split()) == sorted("\n".join(lines).split())
    assert bool(new.strip()) == bool("".join(lines).strip())


def test_hostile_texts_take_no_long_time() -> None:
    began = time.process_time()
    for text in (
        "On " * 60_000,
        "> a\nb\n" * 30_000,
        "On 2026-1\n" * 20_000,
        "From: x\n" * 20_000,
        "-" * 200_000,
        "Sent from " + "a " * 90_000,
    ):
        split(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "quote",
    [
        f'<div class="gmail_quote"><div>{GMAIL.replace("<", "&lt;")}</div><blockquote>old</blockquote></div>',
        '<blockquote type="cite">old</blockquote>',
        '<div>On 30 Nov 2026, at 10:00, Harbor &lt;help@shop.example&gt; wrote:</div><blockquote type="cite">old</blockquote>',
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Harbor<br><b>Sent:</b> Monday<br><b>To:</b> Ada<br><b>Subject:</b> Order</div><div>old</div>',
        '<div style="border-top:solid #E1E1E1 1.0pt"><p><b>发件人:</b> 客服 <br><b>发送时间:</b> 周一<br><b>收件人:</b> 王<br><b>主题:</b> 订单</p></div><p>old</p>',
        "<div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>old</div>",
        '<div>At 2026-11-30 10:00:00, "help" &lt;help@shop.example&gt; wrote:</div><blockquote id="isReplyContent">old</blockquote>',
        '<div class="yahoo_quoted">old</div>',
    ],
)
def test_answered_above_in_html(quote: str) -> None:
    found = got(html(f"<html><body><div><p>Still waiting!</p>{quote}</div></body></html>"))
    assert found.text == "Still waiting!" and found.quoted.endswith("old")
    shown, _mark, folded = found.html.partition('<div class="quoted">')
    assert "Still waiting!" in shown and "old" not in shown and "old" in folded
    assert found.html.count("<div") == found.html.count("</div>")


def test_answered_below_or_forwarded_in_html() -> None:
    below = got(html('<blockquote type="cite">old</blockquote><p>New words.</p>'))
    assert (below.text, below.html) == (
        "old\n\nNew words.",
        '<blockquote class="quoted">old</blockquote><p>New words.</p>',
    )
    forwarded = got(
        html('<p>See</p><div class="gmail_quote">---------- Forwarded message ---------<br>broken cup</div>')
    )
    assert "broken cup" in forwarded.text and forwarded.quoted == ""
