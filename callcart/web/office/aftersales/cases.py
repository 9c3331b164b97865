"""The list of cases: what waits on whom; and finding one by what a scanner reads off its slip."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import CaseFilters
from callcart.core.errors import NotFound
from callcart.web.http import actor_of, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.aftersales import words
from callcart.web.office.listing import Chip, Cursor, choice, cursor_of


@requires("aftersales.view")
def returns(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires("aftersales.view")
def scan(request: HttpRequest) -> HttpResponse:
    """The number of a slip leads to its case."""
    code = request.POST.get("code", "")[:60]
    try:
        found = aftersales.case_by_number(actor_of(request), code)
    except NotFound:
        said = _("There is no return with the number %(code)s.") % {"code": code.strip() or "–"}
        return _page(request, problem=said, status=404)
    return go(request, url("office:return", found.case.id))


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    actor, choices = actor_of(request), _choices()
    filters = CaseFilters(
        waits=choice(request, "waits", choices["waits"]),
        state=choice(request, "state", choices["state"]),
        kind=choice(request, "kind", choices["kind"]),
        reason=choice(request, "reason", choices["reason"]),
        late=request.GET.get("late") == "1",
        text=request.GET.get("q", "").strip()[:100],
    )
    cursor = cursor_of(request)
    found = aftersales.list_cases(actor, filters, after=_id(cursor))
    return page(
        request, "office/aftersales/cases.html", rows=found.rows, chips=_chips(filters, choices), choices=choices,
        next=Cursor("", str(found.next_id)).text() if found.next_id else "", aftersales=words, problem=problem,
        status=status,
    )  # fmt: skip


def _id(cursor: Cursor | None) -> UUID | None:
    return UUID(cursor.id) if cursor else None


def _choices() -> dict[str, dict[str, str]]:
    return {
        "waits": words.waits(), "state": words.states(), "kind": words.kinds(), "reason": words.reasons(),
    }  # fmt: skip


def _chips(filters: CaseFilters, choices: dict[str, dict[str, str]]) -> list[Chip]:
    labels = {"waits": _("Waits for"), "state": _("State"), "kind": _("Kind"), "reason": _("Reason")}
    found = [
        Chip(name, label, choices[name][value])
        for name, label in labels.items()
        if (value := getattr(filters, name))
    ]
    if filters.late:
        found.append(Chip("late", _("Waits"), _("Too long")))
    if filters.text:
        found.append(Chip("q", _("Search"), filters.text))
    return found
