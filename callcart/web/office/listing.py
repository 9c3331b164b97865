"""What all lists of the office share: filters that are set, keyset cursors, and export as CSV or XLSX.

A cursor is opaque text in the address; a broken one starts the list from its head. Exported cells never start a
formula in a spreadsheet.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook

from callcart.commerce.orders import public as orders
from callcart.core import audit
from callcart.web import formats
from callcart.web.http import actor_of

PAGE = 50
EXPORT_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, as the reader sees it."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of a list starts: the last row's sort key and id."""

    key: str
    id: str

    def text(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.key, self.id]).encode()).decode().rstrip("=")


def cursor_of(request: HttpRequest, name: str = "after") -> Cursor | None:
    """The cursor of the address, or None for the head of the list."""
    raw = request.GET.get(name, "")
    try:
        key, row_id = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        return Cursor(str(key), str(UUID(str(row_id))))
    except (ValueError, TypeError):
        return None


def time_cursor_of(request: HttpRequest) -> Cursor | None:
    """The same for lists in the order of time: its key is a moment."""
    found = cursor_of(request)
    try:
        return found if found and datetime.fromisoformat(found.key).tzinfo else None
    except ValueError:
        return None


def choice(request: HttpRequest, name: str, allowed: Iterable[str]) -> str:
    """A filter's value where it is one of those allowed, else empty."""
    value = request.GET.get(name, "")
    return value if value in set(allowed) else ""


def day(request: HttpRequest, name: str) -> date | None:
    """A calendar day of the address, or None."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


def start_of(moment: date, timezone: str) -> datetime:
    """Midnight at the start of a day in a time zone."""
    return datetime(moment.year, moment.month, moment.day, tzinfo=ZoneInfo(timezone))


def periods(today: date) -> list[tuple[str, str, str]]:
    """The usual periods of a date filter: (label, first day, last day), days in ISO form."""
    spans = (
        (_("Today"), today, today),
        (_("Yesterday"), today - timedelta(days=1), today - timedelta(days=1)),
        (_("Last 7 days"), today - timedelta(days=6), today),
        (_("Last 30 days"), today - timedelta(days=29), today),
        (_("This month"), today.replace(day=1), today),
    )
    return [(label, first.isoformat(), last.isoformat()) for label, first, last in spans]


def between(request: HttpRequest, timezone: str) -> tuple[datetime | None, datetime | None]:
    """The moments of the address's `from` and `to` days, the last day included."""
    first, last = day(request, "from"), day(request, "to")
    end = last + timedelta(days=1) if last and last < date.max else None
    return start_of(first, timezone) if first else None, start_of(end, timezone) if end else None


def day_chips(request: HttpRequest) -> list[Chip]:
    """The chips of `from` and `to`."""
    labels = {"from": _("From"), "to": _("To")}
    return [
        Chip(name, label, formats.date(found))
        for name, label in labels.items()
        if (found := day(request, name)) is not None
    ]


def safe_cell(value: Any) -> Any:
    """A cell no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    return orders.harmless(str(value))


class _Echo:
    def write(self, value: str) -> str:
        return value


def export(
    request: HttpRequest,
    columns: Mapping[str, Callable[[Any], Any]],
    rows: Iterable[Any],
    *,
    action: str,
    name: str,
    chips: Iterable[Chip],
) -> HttpResponse | StreamingHttpResponse:
    """A list as a file, of the kind the address asks for (`csv` or `xlsx`); columns map a heading to what to take from a
    row. Audited as `action`, with the filters that are set."""
    filters = {chip.name: request.GET.get(chip.name, "")[:200] for chip in chips}
    audit.record(actor_of(request), action, after={"list": name, "filters": filters})
    kind = request.GET["export"]
    table = ([safe_cell(take(row)) for take in columns.values()] for row in rows)
    return _xlsx(name, list(columns), table) if kind == "xlsx" else _csv(name, list(columns), table)


def _csv(name: str, headings: Sequence[str], table: Iterable[list[Any]]) -> StreamingHttpResponse:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(headings)  # the mark lets spreadsheets read it as UTF-8
        for row in table:
            yield writer.writerow(row)

    # The transaction ends with the view: the rows are taken before, the lines are formed while sending.
    response = StreamingHttpResponse(iter(list(lines())), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _xlsx(name: str, headings: Sequence[str], table: Iterable[list[Any]]) -> HttpResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=name[:31])
    sheet.append(list(headings))
    for row in table:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(
        out.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
