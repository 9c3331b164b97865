"""How imports read on a page: states, sizes, steps, and what a table's columns may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.core.exchange import public as exchange
from callcart.web import formats
from callcart.web.office.words import Word

SHOWN_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """An import as lists and heads show it. `step` says what is being done, `done` of `total` how far it is."""

    found: exchange.Import
    kind: str
    icon: str
    files: str
    state: Word
    step: str
    done: int
    total: int


def row(found: exchange.Import) -> Row:
    its = exchange.importer(found.kind)
    names = list(dict.fromkeys(table["name"] for table in found.tables))
    reading = found.state == "checking" and found.cursor.get("step") in ("clear", "read")
    return Row(
        found=found,
        kind=str(its.label),
        icon=its.icon,
        files=_(", ").join(names),
        state=state(found),
        step=_step(found, reading),
        done=found.rows_read if reading else found.units_done,
        total=0 if reading else found.units,
    )


def state(found: exchange.Import) -> Word:
    partly = found.state == "done" and (found.refused or found.wrong_rows)
    return {
        "new": Word(_("Columns to be chosen"), "blue"),
        "checking": Word(_("Being checked"), "blue"),
        "ready": Word(_("Checked"), "blue"),
        "queued": Word(_("Waits its turn"), "amber"),
        "running": Word(_("Being imported"), "amber"),
        "done": Word(_("Partly imported"), "amber") if partly else Word(_("Imported"), "green"),
        "undoing": Word(_("Being undone"), "amber"),
        "undone": Word(_("Undone"), "grey"),
        "failed": Word(_("Not imported"), "red"),
        "cancelled": Word(_("Given up"), "grey"),
    }[found.state]


def _step(found: exchange.Import, reading: bool) -> str:
    if reading:
        return _("Reading the rows")
    return {
        "checking": _("Trying the rows"),
        "queued": _("Another import of this kind is at work; this one is next"),
        "running": _("Importing"),
        "undoing": _("Undoing"),
    }.get(found.state, "")


def date_orders() -> list[tuple[str, str]]:
    return [("dmy", _("Day first: 3/4/2026 is 3 April")), ("mdy", _("Month first: 3/4/2026 is 4 March"))]


def decimals() -> list[tuple[str, str]]:
    return [(".", _("A point: 1,234.50")), (",", _("A comma: 1.234,50"))]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table: its heading, what stands in it, and what it is taken for."""

    place: int
    heading: str
    samples: str
    chosen: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an import as the page for its columns shows it."""

    number: int
    name: str
    about: str
    sheet: str
    fields: list[Field]
    options: list[tuple[str, str]] = field(default_factory=list)
    asks_dates: bool = False


def tables(found: exchange.Import, its: exchange.Importer, posted: Mapping[str, str]) -> list[Table]:
    """The tables with what is proposed, or what was just sent and refused."""
    return [_table(number, table, found, its, posted) for number, table in enumerate(found.tables)]


def _table(
    number: int,
    table: Mapping[str, Any],
    found: exchange.Import,
    its: exchange.Importer,
    posted: Mapping[str, str],
) -> Table:
    sheet = posted.get(f"sheet-{number}", table["sheet"])
    sheet = sheet if sheet in {each.key for each in its.sheets} else ""
    shown = its.sheet(sheet or its.sheets[0].key)
    same = sheet == table["sheet"]
    mapping = found.mapping.get(str(number), {}) if same else exchange.guess_columns(shown, table["headings"])
    chosen = {place: key for key, place in mapping.items()}
    sent = posted if same or "look" not in posted else {}
    fields = [
        Field(
            place=place,
            heading=heading or _("(no heading)"),
            samples=" · ".join(
                cells[place][:40] for cells in table["samples"] if place < len(cells) and cells[place]
            ),
            chosen=sent.get(f"map-{number}-{place}", chosen.get(place, "")),
        )
        for place, heading in enumerate(table["headings"])
        if heading or any(place < len(cells) and cells[place] for cells in table["samples"])
    ]
    options = [
        (column.key, f"{column.label}{' *' if column.required or column.leading else ''}")
        for column in shown.columns
    ]
    return Table(number, table["name"], about(table), sheet, fields, options, bool(table["open_dates"]))


def about(table: Mapping[str, Any]) -> str:
    """How a table was read, so that a wrong guess is seen."""
    parts = [formats.bytesize(table["size"])]
    if table["format"] == "xlsx":
        parts.append(_("worksheet “%(name)s”") % {"name": table["worksheet"]})
    else:
        names = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "gb18030": "GB18030 (GBK)"}
        parts.append(names.get(table["encoding"], table["encoding"].upper()))
        signs = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("vertical bars")}
        parts.append(_("divided by %(signs)s") % {"signs": signs.get(table["delimiter"], table["delimiter"])})
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Preview:
    """Some of the rows that would be made, changed, or left alone."""

    title: str
    headings: list[str]
    rows: list[tuple[int, list[str]]]


def previews(found: exchange.Import, its: exchange.Importer) -> list[Preview]:
    if found.state != "ready":
        return []
    titles = {"made": _("New"), "changed": _("To be changed"), "unchanged": pgettext("rows", "As they are")}
    return [
        _preview(title, found.preview[did], found, its)
        for did, title in titles.items()
        if found.preview.get(did)
    ]


def _preview(
    title: str, shown: list[dict[str, Any]], found: exchange.Import, its: exchange.Importer
) -> Preview:
    used = {key for each in shown for key in ({**each["changes"]} or each["values"])}
    wanted = [column for column in its.sheets[0].columns if column.key in used or column.required][
        :SHOWN_COLUMNS
    ]
    rows = []
    for each in shown:
        cells = []
        for column in wanted:
            change = each["changes"].get(column.key)
            if change:
                before = _cell(column, change[0], found)
                cells.append(f"{before or '–'} → {_cell(column, change[1], found)}")
            else:
                cells.append(_cell(column, each["values"].get(column.key, ""), found))
        rows.append((int(each["row"]), cells))
    return Preview(title, [str(column.label) for column in wanted], rows)


def _cell(column: exchange.Column, value: Any, found: exchange.Import) -> str:
    if value in ("", None, "None"):
        return ""
    if column.kind == "money":
        return formats.money(int(value), found.place["currency"])
    if column.kind == "yes_no":
        return _("yes") if value in (True, "True") else _("no")
    return str(value)[:60]
