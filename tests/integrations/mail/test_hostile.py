"""Mail made to harm whoever reads it in: small ones that grow, and what is shown of them."""

from __future__ import annotations

import time

import pytest

from callcart.integrations.mail.safe_html import Unshowable, make_safe

from .letters import got, html

FONTS = "".join(f'<font color="{number}">' for number in range(150))


@pytest.mark.parametrize(
    "text",
    [
        f"<p>{FONTS}{'<p>x' * 60_000}",
        f"<p>{FONTS}{'</p><p>x' * 40_000}",
        f"<table><tr><td><p>{FONTS}{'<li>x' * 60_000}</table>",
        "".join(f"<p><b title={number}>x" for number in range(20_000)),
    ],
)
def test_what_is_left_open_is_not_opened_again_without_end(text: str) -> None:
    """A quarter of a megabyte would be gigabytes of elements."""
    began = time.monotonic()
    with pytest.raises(Unshowable):
        make_safe(text)
    assert time.monotonic() - began < 3
    found = got(html(text))
    assert found.html == "" and "x" in found.text


def test_a_page_in_one_font_is_shown() -> None:
    """As old mail programs write it: a few elements round the whole of it."""
    text = f'<font face="Arial"><b><i>{"<p>Hello <u>there</u></p><table><tr><td>1</td></tr></table>" * 2000}</i></b></font>'
    assert "Hello" in make_safe(text).html
