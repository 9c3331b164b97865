"""Waybill templates, what is refused, what is drawn, and that the codes on it read back as what they are."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.drawing import draw
from callcart.commerce.fulfilment.lettering import LEADING, fit, width
from callcart.commerce.fulfilment.models import Template, TemplateVersion
from callcart.commerce.fulfilment.public import TemplateDraft, read_layout, standard
from callcart.commerce.fulfilment.templates import layouts_for
from callcart.commerce.shipping.public import Carrier
from callcart.core.errors import Invalid, PermissionDenied
from tests.commerce.fulfilment.codes import read_code128, read_qr
from tests.commerce.fulfilment.conftest import Dock

CODE = {"kind": "code128", "x": 5, "y": 5, "w": 60, "h": 15, "field": "waybill.number"}


def wrong(*elements: Any, width: Any = 100, height: Any = 150) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read_layout(width, height, list(elements))
    return caught.value.fields


def picture(layout: fulfilment.Layout, **values: str) -> Image.Image:
    """The page as the printer has it, at 12 dots a millimetre."""
    out = io.BytesIO()
    canvas = Canvas(out)
    draw(canvas, layout, values)
    canvas.save()
    page = pypdfium2.PdfDocument(io.BytesIO(out.getvalue()))[0]
    return page.render(scale=12 * 25.4 / 72).to_pil().convert("L")


@pytest.mark.parametrize("text", ["1000042", "SF1029384756012", "AB-9 z", "00"])
def test_code_128_reads_back_as_what_it_says(db: None, text: str) -> None:
    found = picture(read_layout(100, 60, [{**CODE, "w": 80}]), **{"waybill.number": text})
    strip = found.crop((60, 60, 60 + 80 * 12, 70))
    assert read_code128(strip) == text


@pytest.mark.parametrize("text", ["1000042", "https://example.com/t/1000042?x=1", "运单 1000042"])
def test_qr_reads_back_as_what_it_says(db: None, text: str) -> None:
    element = {"kind": "qr", "x": 10, "y": 10, "w": 40, "h": 40, "field": "waybill.number"}
    found = picture(read_layout(60, 60, [element]), **{"waybill.number": text})
    assert read_qr(found.crop((120, 120, 600, 600))) == text


def test_every_page_size_has_a_standard_waybill_that_can_be_scanned(db: None) -> None:
    for _name, wide, high in fulfilment.PAGES:
        body, problems = fulfilment.preview(standard(wide, high), language="zh")
        page = pypdfium2.PdfDocument(io.BytesIO(body))[0]
        assert page.get_size() == pytest.approx((wide * 72 / 25.4, high * 72 / 25.4), abs=0.1)
        assert problems == [], (wide, high)
        text = page.get_textpage().get_text_bounded()
        assert "欧阳晓明" in text and "SF1029384756012" in text.replace(" ", "").replace("\xa0", "")


def test_latin_letters_are_put_into_the_file(db: None) -> None:
    body, _problems = fulfilment.preview(standard(), language="en")
    assert b"/FontFile2" in body and b"BitstreamVera" in body
    assert b"STSong-Light" not in body
    assert b"STSong-Light" in fulfilment.preview(standard(), language="zh")[0]


@pytest.mark.parametrize("text", [
    "Ada", "A rather long name of a receiver who lives far away", "浙江省杭州市余杭区文一西路九百六十九号海创园三号楼二单元1204室",
    "Donaudampfschifffahrtsgesellschaftskapitänswitwe", "one\ntwo", "x" * 60,
])  # fmt: skip
def test_text_shrinks_then_wraps_and_stays_in_its_box(text: str) -> None:
    found = fit(text, 120, 40, 14, least=5)
    assert found.whole
    assert "".join("".join(found.lines).split()) == "".join(text.split())
    assert all(width(line, found.size) <= 120.1 for line in found.lines)
    assert len(found.lines) * found.size * LEADING <= 40.1


def test_a_short_text_keeps_its_size_and_one_too_long_is_told_not_cut_unseen(db: None) -> None:
    assert fit("Ada", 120, 40, 14, least=5).size == 14
    found = fit("far too long for this " * 30, 60, 12, 10, least=5)
    assert not found.whole and found.lines[-1].endswith("…")
    layout = read_layout(
        100, 60, [CODE, {"kind": "text", "x": 5, "y": 30, "w": 10, "h": 3, "field": "order.note"}]
    )
    canvas = Canvas(io.BytesIO())
    assert draw(canvas, layout, {"waybill.number": "1", "order.note": "far too long " * 20}) == [
        "“Note on the order” does not fit whole."
    ]


def test_a_code_too_fine_for_a_scanner_is_told(db: None) -> None:
    layout = read_layout(100, 60, [{**CODE, "w": 12}])
    assert draw(Canvas(io.BytesIO()), layout, {"waybill.number": "SF1029384756012"}) == [
        "“Waybill number” is too fine to be scanned: make its code wider."
    ]
    layout = read_layout(100, 60, [CODE])
    assert draw(Canvas(io.BytesIO()), layout, {"waybill.number": "运单"}) == [
        "“Waybill number” cannot be written as Code 128."
    ]


def test_what_stands_round_a_field_goes_with_it_and_formats_are_kept(db: None) -> None:
    from callcart.commerce.fulfilment.drawing import said
    from callcart.commerce.fulfilment.layout import Element, Kind

    phone = Element(Kind.TEXT, 0, 0, 10, 5, field="receiver.phone", before="Tel ", format="masked")
    assert said(phone, {"receiver.phone": "13800138000"}) == "Tel 13*******00"
    assert said(phone, {"receiver.phone": ""}) == ""


def test_a_template_with_an_unknown_or_missing_field_is_refused_by_its_name(db: None) -> None:
    assert wrong(CODE, {"kind": "text", "x": 1, "y": 1, "w": 9, "h": 9, "field": "receiver.shoe"}) == {
        "element-2": "Element 2: There is no field “receiver.shoe”."
    }
    assert wrong(CODE, {"kind": "qr", "x": 1, "y": 1, "w": 9, "h": 9}) == {
        "element-2": "Element 2: Choose the field that fills it."
    }
    missing = wrong({"kind": "text", "x": 1, "y": 1, "w": 9, "h": 9, "field": "waybill.number"})
    assert list(missing) == ["elements"] and "“waybill.number” is missing" in missing["elements"]
    assert list(wrong({**CODE, "before": "No. "})) == ["elements"]  # nobody could scan it


@pytest.mark.parametrize("element", [
    None, "text", {}, {"kind": "movie"}, {**CODE, "x": -1}, {**CODE, "x": 60}, {**CODE, "w": "wide"}, {**CODE, "w": True},
    {**CODE, "h": float("nan")}, {**CODE, "h": float("inf")}, {**CODE, "before": "x" * 61}, {**CODE, "before": "\x00"}, {**CODE, "format": "rot13"},
    {"kind": "static", "x": 1, "y": 1, "w": 9, "h": 9, "text": " "}, {"kind": "logo", "x": 1, "y": 1, "w": 9, "h": 9, "image": "../etc/passwd"},
    {"kind": "logo", "x": 1, "y": 1, "w": 9, "h": 9, "image": "logo/00/" + "0" * 64 + ".png"}, {"kind": "text", "x": 1, "y": 1, "w": 9, "h": 9, "field": "order.number", "size": 900},
])  # fmt: skip
def test_what_could_not_be_drawn_is_refused(db: None, tenant: Any, element: Any) -> None:
    assert list(wrong(CODE, element)) == ["element-2"]


def test_pages_have_bounds(db: None) -> None:
    assert set(wrong(CODE, width="", height=10_000)) >= {"width", "height"}
    assert "elements" in wrong(*[CODE] * 121)
    with pytest.raises(Invalid):
        read_layout(100, 150, "text")


def draft(name: str = "Ours", **changes: Any) -> TemplateDraft:
    return TemplateDraft(**{"name": name, "width": 100, "height": 150, "elements": [CODE], **changes})


def test_versions_are_kept_and_an_old_one_can_be_the_newest_again(dock: Dock) -> None:
    boss = dock.shop.staff("fulfilment.design")
    made = fulfilment.save_template(boss, draft())
    moved = draft(elements=[{**CODE, "x": 20}], version=1)
    assert fulfilment.save_template(boss, moved, template_id=made.id).version == 2
    assert (
        fulfilment.save_template(
            boss, draft(elements=[{**CODE, "x": 20}], version=2), template_id=made.id
        ).version
        == 2
    )
    with pytest.raises(fulfilment.TemplateChanged):
        fulfilment.save_template(boss, draft(version=1), template_id=made.id)
    again = fulfilment.restore_version(boss, made.id, 1)
    assert [(each.number, each.elements[0]["x"]) for each in again.versions.all()] == [
        (3, 5),
        (2, 20),
        (1, 5),
    ]
    with pytest.raises(fulfilment.NameTaken):
        fulfilment.save_template(boss, draft())
    assert TemplateVersion.objects.count() == 3


def test_one_default_for_each_carrier_and_one_for_all(dock: Dock) -> None:
    boss, swift = dock.shop.staff("fulfilment.design"), Carrier.objects.get(code="swift")
    assert layouts_for(["Swift", ""])["Swift"] == standard()
    general = fulfilment.save_template(boss, draft("All", is_default=True))
    fulfilment.save_template(boss, draft("First", width=76, carrier_id=swift.id, is_default=True))
    fulfilment.save_template(boss, draft("Second", width=90, carrier_id=swift.id, is_default=True))
    found = layouts_for(["Swift", "Another", ""])
    assert {name: each.width for name, each in found.items()} == {"Swift": 90, "Another": 100, "": 100}
    assert sorted(Template.objects.filter(is_default=True).values_list("name", flat=True)) == [
        "All",
        "Second",
    ]
    fulfilment.remove_template(boss, general.id)
    assert layouts_for([""])[""] == standard()
    assert [each.name for each in fulfilment.list_templates()] == ["First", "Second"]


def test_a_field_that_is_gone_is_named_before_anything_is_printed(dock: Dock) -> None:
    boss = dock.shop.staff("fulfilment.design")
    made = fulfilment.save_template(boss, draft("Old one", is_default=True))
    TemplateVersion.objects.update(elements=[CODE, {**CODE, "field": "order.fax"}])
    found = dock.dispatch(("A", 1))
    with pytest.raises(Invalid) as caught:
        fulfilment.print_waybills(dock.clerk(), [found.id])
    assert "Old one" in caught.value.fields["template"] and "order.fax" in caught.value.fields["template"]
    with pytest.raises(Invalid):
        fulfilment.restore_version(boss, made.id, 1)
    assert fulfilment.PrintJob.objects.count() == 0


def test_only_pictures_become_pictures(dock: Dock) -> None:
    boss, out = dock.shop.staff("fulfilment.design"), io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(out, "PNG")
    key = fulfilment.add_logo(boss, out.getvalue())
    layout = read_layout(100, 150, [CODE, {"kind": "logo", "x": 60, "y": 40, "w": 20, "h": 10, "image": key}])
    assert picture(layout, **{"waybill.number": "1"}).getpixel((70 * 12, 45 * 12)) < 60  # type: ignore[operator]
    for body in (b"", b"GIF89a", b"<svg onload=alert(1)>", out.getvalue()[:40], b"x" * 2_000_001):
        with pytest.raises(Invalid):
            fulfilment.add_logo(boss, body)


def test_without_the_permission_no_template_is_made(dock: Dock) -> None:
    for verb in (
        lambda actor: fulfilment.save_template(actor, draft()),
        lambda actor: fulfilment.add_logo(actor, b"x"),
    ):
        with pytest.raises(PermissionDenied):
            verb(dock.clerk())
    assert Template.objects.count() == 0
