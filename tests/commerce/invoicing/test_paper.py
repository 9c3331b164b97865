"""The PDF: the same bytes for the same content, every figure on it, sums carried over pages, letters of both languages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pypdfium2
import pytest

from callcart.commerce.invoicing.content import BuyerData, Content, Part, SellerData, sums_by_rate
from callcart.commerce.invoicing.paper import letters
from callcart.commerce.invoicing.paper.draw import draw
from callcart.commerce.invoicing.paper.words import WORDS

SELLER = SellerData(
    name="Harbor Outfitters Ltd", name_zh="海港户外用品有限公司", address="12 Quay Street", address_zh="上海市浦东新区码头路12号",
    tax_number="US 12-3456789", bank="First Harbor Bank", bank_account="0001", phone="", email="books@harbor.example",
    note="Thank you.", note_zh="感谢惠顾。", logo="",
)  # fmt: skip
BUYER = BuyerData(
    "company", "Łukasz Żółć 星河科技", "91310000MA1K3XXX2B", "1 Pine Street", "", "", "", "", True
)


def content(count: int, language: str = "en", name: str = "Trail jacket") -> Content:
    parts = tuple(
        Part(n, "goods", name, "冲锋衣", f"TJ-{n:04d}", 2, 10_00 + n, 0, 18_00 + 2 * n, 2_00, 111_111)
        for n in range(1, count + 1)
    )
    return Content(
        layout=1, kind="invoice", number="INV-2026-000007", issued_on="2026-11-29", order_number="104820045",
        ordered_on="2026-11-27", language=language, currency="USD", country="US", payment_method="prepaid", tax_added=False,
        seller=SELLER, buyer=BUYER, parts=parts, taxes=sums_by_rate(parts),
    )  # fmt: skip


def pages(data: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_bounded() for page in pdf]
    finally:
        pdf.close()


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_drawn_again_it_is_the_same(language: str) -> None:
    made = content(30, language)
    again = Content.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert hashlib.sha256(draw(again)).digest() == hashlib.sha256(draw(made)).digest()
    assert draw(replace(made, number="INV-2026-000008")) != draw(made)


def test_three_hundred_lines_carry_their_sums() -> None:
    made = content(300)
    found = pages(draw(made))
    assert len(found) > 5
    carried = [text.split("Carried forward")[1].split("USD ")[1].split()[0] for text in found[:-1]]
    brought = [text.split("Brought forward")[1].split("USD ")[1].split()[0] for text in found[1:]]
    assert carried == brought and len(set(carried)) == len(carried)
    assert "USD 6,903.00" in found[-1] and made.total == 690_300
    printed = "\n".join(found)
    assert all(printed.count(f"TJ-{n:04d}") == 1 for n in range(1, 301))
    assert all(f"Page {n} of {len(found)}" in text for n, text in enumerate(found, start=1))


@pytest.mark.parametrize("count", range(8, 40, 3))
def test_totals_always_have_their_room(count: int) -> None:
    found = pages(draw(content(count)))
    assert found[-1].count("Total") == 1 and "Gross" in found[-1]
    assert sum(text.count("Gross") for text in found) == 1


def test_both_languages_stand_on_it() -> None:
    english, chinese, both = (pages(draw(content(1, each)))[0] for each in ("en", "zh-hans", "both"))
    assert "Invoice" in english and "账单" not in english and "Trail jacket" in english
    assert "账单" in chinese and "Invoice" not in chinese and "冲锋衣" in chinese
    assert "本单据不是税务发票" in chinese and "fapiao" not in english
    assert "Invoice" in both and "账单" in both and "海港户外用品有限公司" in both
    assert all("91310000MA1K3XXX2B" in text and "USD 20.02" in text for text in (english, chinese, both))


def test_texts_that_are_too_long_end_and_figures_do_not() -> None:
    endless = "Waterproof" * 100
    made = content(1, name=endless)
    made = replace(made, buyer=replace(BUYER, title="海" * 400, address="x" * 4000))
    huge = replace(made.parts[0], unit=99_999_999_999_99, net=99_999_999_999_99, tax=0)
    found = pages(draw(replace(made, parts=(huge,), taxes=sums_by_rate((huge,)))))
    assert len(found) == 1 and "…" in found[0]
    assert found[0].count("99,999,999,999.99") >= 3


def test_letters_no_font_has_keep_their_shape() -> None:
    shown = "".join(piece for _font, piece in letters.runs("Żółć 星河 😀 ب"))
    assert shown == "Zółć 星河 ? ?"
    assert [font for font, _piece in letters.runs("A星")] == [letters.PLAIN, letters.CHINESE]


def test_lines_break_where_they_may() -> None:
    broken = letters.lines("海港户外用品，有限公司。", 9, 55, most=9)
    assert "".join(broken) == "海港户外用品，有限公司。"
    assert not any(line[0] in "，。" for line in broken)
    assert all(letters.width(line, 9) <= 66 for line in broken)


def test_every_word_is_there_in_both_languages() -> None:
    assert all(english and chinese for english, chinese in WORDS.values())


@pytest.mark.parametrize(("language", "heading"), [("en", "2 × Tea set"), ("zh-hans", "2 × 茶具套装")])
def test_what_is_in_a_set_stands_under_its_name(language: str, heading: str) -> None:
    made = content(3, language)
    of_set = {"set_id": "s1", "set_name": "Tea set", "set_name_zh": "茶具套装", "sets": 2}
    parts = (made.parts[0], *(replace(part, **of_set) for part in made.parts[1:]))
    (page,) = pages(draw(Content.from_json(json.loads(json.dumps(replace(made, parts=parts).to_json())))))
    assert page.count(heading) == 1
    assert page.index("TJ-0001") < page.index(heading) < page.index("TJ-0002") < page.index("TJ-0003")
