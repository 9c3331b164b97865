"""What a waybill template says: a page and what is placed on it, in millimetres from the upper left corner. Reading one refuses what
could not be printed, by the element's place and the field's name; so what is stored can be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callcart.core import files
from callcart.core.errors import NotFound
from callcart.core.fields import Fields, is_storable

MOST_ELEMENTS = 120
LEAST_PAGE, MOST_PAGE = 20.0, 420.0
LEAST_MODULE = 0.19  # millimetres of the narrowest bar that a hand scanner still reads
PAGES: tuple[tuple[str, float, float], ...] = (
    ("100 × 150", 100, 150), ("100 × 180", 100, 180), ("76 × 130", 76, 130), ("100 × 100", 100, 100), ("A6", 105, 148),
    ("A5", 148, 210), ("A4", 210, 297), ("Letter", 215.9, 279.4),
)  # fmt: skip

FIELDS: Mapping[str, Promise | str] = {
    "waybill.number": _("Waybill number"),
    "waybill.box": _("Box, such as 1/2"),
    "carrier.name": _("Carrier"),
    "carrier.service": _("Carrier's service"),
    "carrier.tracking": _("Carrier's number, else the waybill's"),
    "order.number": _("Order number"),
    "order.date": _("Day of the order"),
    "order.cod": _("Cash to collect"),
    "order.total": _("Total of the order"),
    "order.note": _("Note on the order"),
    "dispatch.number": _("Dispatch document"),
    "receiver.name": _("Receiver's name"),
    "receiver.phone": _("Receiver's telephone"),
    "receiver.address": _("Receiver's address, whole"),
    "receiver.street": _("Receiver's street"),
    "receiver.district": _("Receiver's district"),
    "receiver.city": _("Receiver's city"),
    "receiver.province": _("Receiver's province"),
    "receiver.postcode": _("Receiver's postcode"),
    "receiver.country": _("Receiver's country"),
    "sender.name": _("Shop"),
    "sender.phone": _("Shop's telephone"),
    "sender.warehouse": _("Warehouse"),
    "parcel.contents": _("Contents"),
    "parcel.units": _("Units"),
    "parcel.weight": _("Weight in kg"),
    "printed.at": _("Time of printing"),
}


class Kind(StrEnum):
    TEXT = "text"
    STATIC = "static"
    LINE = "line"
    BOX = "box"
    LOGO = "logo"
    CODE128 = "code128"
    QR = "qr"


FILLED = (Kind.TEXT, Kind.CODE128, Kind.QR)
FORMATS = ("plain", "grouped", "upper", "masked")
ALIGNS = ("left", "center", "right")


@dataclass(frozen=True, slots=True)
class Element:
    """One thing on the page. `field` is what it is filled with, `before` and `after` stand round it; text from `size` points
    down to `least`; `stroke` millimetres of a line."""

    kind: Kind
    x: float
    y: float
    w: float
    h: float
    field: str = ""
    text: str = ""
    before: str = ""
    after: str = ""
    format: str = "plain"
    size: float = 10.0
    least: float = 5.0
    bold: bool = False
    align: str = "left"
    stroke: float = 0.3
    image: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A page of `width` by `height` millimetres and its elements, the lower ones first."""

    width: float
    height: float
    elements: tuple[Element, ...]

    def plain(self) -> list[dict[str, Any]]:
        """The elements as JSON."""
        return [asdict(each) for each in self.elements]


def read_layout(width: Any, height: Any, elements: Any) -> Layout:
    """Raises Invalid, which names every element that is wrong: `element-3` is the third."""
    fields = Fields()
    size = [
        _number(fields, name, value, LEAST_PAGE, MOST_PAGE)
        for name, value in (("width", width), ("height", height))
    ]
    # on a page that is refused itself, elements are held against the largest there is
    room = [
        MOST_PAGE if name in fields.wrong else each
        for name, each in zip(("width", "height"), size, strict=True)
    ]
    if not isinstance(elements, Sequence) or isinstance(elements, str) or len(elements) > MOST_ELEMENTS:
        fields.refuse("elements", gettext("At most %(most)s elements.") % {"most": MOST_ELEMENTS})
        elements = []
    found = []
    for place, each in enumerate(elements, start=1):
        one = Fields()
        element = _element(one, each, room[0], room[1])
        if one.wrong:
            said = {"number": place, "problem": " ".join(dict.fromkeys(one.wrong.values()))}
            fields.refuse(f"element-{place}", gettext("Element %(number)s: %(problem)s") % said)
        elif element is not None:
            found.append(element)
    layout = Layout(size[0], size[1], tuple(found))
    if not fields.wrong and not _can_be_scanned(layout):
        fields.refuse(
            "elements", gettext("The field “waybill.number” is missing as Code 128 or QR; without it nobody can scan the waybill.")
        )  # fmt: skip
    fields.done()
    return layout


def _can_be_scanned(layout: Layout) -> bool:
    """The code of the bare number, which is what the table and the door look for."""
    return any(
        each.kind in (Kind.CODE128, Kind.QR)
        and each.field in ("waybill.number", "carrier.tracking")
        and not (each.before or each.after)
        and each.format == "plain"
        for each in layout.elements
    )


def _element(fields: Fields, raw: Any, width: float, height: float) -> Element | None:
    if not isinstance(raw, Mapping) or raw.get("kind") not in set(Kind):
        fields.refuse("kind", gettext("This is not a text, line, box, picture or code."))
        return None
    kind = Kind(str(raw["kind"]))
    flat = kind is Kind.LINE
    values: dict[str, Any] = {
        "kind": kind,
        "x": _number(fields, "x", raw.get("x"), 0, width),
        "y": _number(fields, "y", raw.get("y"), 0, height),
        "w": _number(fields, "w", raw.get("w"), 0 if flat else 1, width),
        "h": _number(fields, "h", raw.get("h"), 0 if flat else 1, height),
        "size": _number(fields, "size", raw.get("size", 10.0), 4, 72),
        "least": _number(fields, "least", raw.get("least", 5.0), 3, 72),
        "stroke": _number(fields, "stroke", raw.get("stroke", 0.3), 0.1, 5),
        "format": fields.choice("format", raw.get("format", "plain"), FORMATS),
        "align": fields.choice("align", raw.get("align", "left"), ALIGNS),
        "bold": raw.get("bold") is True,
    }
    for name, most in (("text", 500), ("before", 60), ("after", 60)):
        values[name] = _text(fields, name, raw.get(name, ""), most)
    if kind in FILLED:
        values["field"] = _field(fields, raw.get("field"))
    if kind is Kind.STATIC and not values["text"].strip():
        fields.refuse("text", gettext("It says nothing."))
    if kind is Kind.LOGO:
        values["image"] = _image(fields, raw.get("image"))
    if not fields.wrong and (
        values["x"] + values["w"] > width + 0.01 or values["y"] + values["h"] > height + 0.01
    ):
        fields.refuse("x", gettext("It stands partly off the page."))
    return None if fields.wrong else Element(**values)


def _field(fields: Fields, raw: Any) -> str:
    name = str(raw or "")[:60]
    if not name:
        fields.refuse("field", gettext("Choose the field that fills it."))
    elif name not in FIELDS:
        fields.refuse("field", gettext("There is no field “%(name)s”.") % {"name": name})
    return name


def _image(fields: Fields, raw: Any) -> str:
    key = str(raw or "")[:200]
    try:
        if not key.startswith("logo/"):
            raise NotFound
        files.path(key)
    except NotFound:
        fields.refuse("image", gettext("Upload a picture first."))
    return key


def _text(fields: Fields, name: str, raw: Any, most: int) -> str:
    """As typed: blanks at the ends of what stands before and after a field are meant."""
    text = str(raw)
    if not is_storable(text):
        fields.refuse(name, gettext("This text holds characters that cannot be kept."))
    if len(text) > most:
        fields.refuse(name, gettext("At most %(most)s characters.") % {"most": most})
    return text


def _number(fields: Fields, name: str, raw: Any, least: float, most: float) -> float:
    try:
        found = round(float(raw), 2)
    except (TypeError, ValueError, OverflowError):
        found = -1.0
    if isinstance(raw, bool) or not least <= found <= most + 0.001:
        said = gettext("Give a number from %(least)s to %(most)s.")
        fields.refuse(name, said % {"least": f"{least:g}", "most": f"{most:g}"})
        return least
    return found


def standard(width: float = 100.0, height: float = 150.0) -> Layout:
    """What is printed where no template was made, in the shape of the page: codes above, receiver, cash, contents."""
    sx, sy = width / 100, height / 150
    scale = min(sx, sy, 1.6)

    def place(kind: str, x: float, y: float, w: float, h: float, **more: Any) -> dict[str, Any]:
        more["size"] = max(round(more.get("size", 10) * scale, 1), 5)
        return {
            "kind": kind,
            "x": round(x * sx, 1),
            "y": round(y * sy, 1),
            "w": round(w * sx, 1),
            "h": round(h * sy, 1),
            **more,
        }

    return read_layout(
        width, height,
        [
            place("text", 5, 4, 55, 9, field="carrier.name", size=16, bold=True),
            place("text", 60, 4, 35, 9, field="waybill.box", size=14, align="right"),
            place("line", 5, 15, 90, 0),
            place("code128", 8, 18, 84, 20, field="carrier.tracking"),
            place("text", 5, 39, 90, 7, field="carrier.tracking", format="grouped", size=13, bold=True, align="center"),
            place("line", 5, 48, 90, 0),
            place("text", 5, 50, 60, 9, field="receiver.name", size=15, bold=True),
            place("text", 5, 60, 60, 7, field="receiver.phone", size=12),
            place("text", 5, 68, 90, 22, field="receiver.address", size=13),
            place("line", 5, 92, 90, 0),
            place("text", 5, 94, 60, 10, field="order.cod", before="COD ", size=16, bold=True),
            place("text", 5, 105, 60, 6, field="order.number", before="No. ", format="grouped", size=10),
            place("text", 5, 112, 60, 18, field="parcel.contents", size=8),
            place("qr", 68, 94, 27, 27, field="waybill.number"),
            place("text", 68, 121, 27, 5, field="waybill.number", size=7, align="center"),
            place("line", 5, 132, 90, 0),
            place("text", 5, 134, 60, 6, field="sender.name", size=9),
            place("text", 5, 140, 60, 6, field="sender.warehouse", size=8),
            place("text", 65, 134, 30, 6, field="parcel.weight", after=" kg", size=9, align="right"),
            place("text", 65, 140, 30, 6, field="printed.at", size=7, align="right"),
        ],
    )  # fmt: skip
