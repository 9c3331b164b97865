"""Settlement: the tills of a day, what was expected and what was counted, every difference explained, the day closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.payments import finance
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.money import known_currencies
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, wanted_id
from callcart.web.jinja import url
from callcart.web.office.listing import Chip, day, export
from callcart.web.office.money import words
from callcart.web.office.money.amounts import read_amount
from callcart.web.office.refusal import refusal


@require_GET
@requires("payments.view")
def settlement(request: HttpRequest) -> HttpResponseBase:
    """One day: today's, unless another is asked for."""
    return _day(request, Attempt())


def _day(
    request: HttpRequest, tried: Attempt, *, dialog: str = "", about: date | None = None
) -> HttpResponseBase:
    actor = actor_of(request)
    today = clock.today(
        tenants.get_tenant(actor.tenant_id).timezone
    )  # the shop's day, wherever its reader is
    shown = about or day(request, "day") or today
    tills = finance.tills_of_day(actor, shown)
    names = words.staff_names(each.till.holder for each in tills if each.till.kind == finance.TillKind.PERSON)
    known = words.carriers()
    if request.GET.get("export") in ("csv", "xlsx"):
        chips = [Chip("day", _("Day"), shown.isoformat())]
        return export(
            request,
            _columns(names, known),
            tills,
            action="payments.export",
            name=f"settlement-{shown}",
            chips=chips,
        )
    said, kinds = refusal(tried), words.difference_kinds()
    return page(
        request, "office/money/settlement.html", tills=tills, day=shown, today=today,
        before=(shown - timedelta(days=1)).isoformat(), after=(shown + timedelta(days=1)).isoformat() if shown < today else "",
        holders=[words.holder(each.till, names, known) for each in tills], till_kinds=words.till_kinds(), kinds=kinds,
        kind_options=[(key, kinds[key]) for key in finance.DifferenceKind], open=sum(not each.is_closed for each in tills),
        gateways=any(each.till.kind == finance.TillKind.GATEWAY and not each.is_closed for each in tills),
        errors=said.fields, message=said.message, dialog=dialog, posted=request.POST, status=said.status,
    )  # fmt: skip


def _columns(names: dict[str, str], known: dict[str, str]) -> dict[str, Callable[[finance.TillSum], object]]:
    kinds, why = words.till_kinds(), words.difference_kinds()
    return {
        _("Day"): lambda row: row.day.isoformat(),
        _("Kind"): lambda row: kinds[row.till.kind],
        _("Till"): lambda row: words.holder(row.till, names, known),
        _("Currency"): lambda row: row.expected.currency,
        _("Money in"): lambda row: str(row.taken.decimal),
        _("Money out"): lambda row: str(row.given.decimal),
        pgettext("money", "Expected"): lambda row: str(row.expected.decimal),
        pgettext("money", "Counted"): lambda row: str(row.counted.decimal) if row.counted is not None else "",
        _("Difference"): lambda row: str(row.difference.decimal) if row.difference is not None else "",
        _("Explanations"): lambda row: "; ".join(
            f"{why[each.kind]}: {each.reason}" for each in row.differences
        ),
        _("Closed by"): lambda row: row.closed_by_name,
    }


@require_POST
@requires("payments.view", "payments.settle")
def act(request: HttpRequest) -> HttpResponseBase:
    """Count a till, explain a difference, take an explanation back, or close the day."""
    actor, posted, step = actor_of(request), request.POST, request.POST.get("step", "")
    till, shown, currency = _till(request)
    steps: dict[str, Callable[[Actor], object]] = {
        "count": lambda actor: finance.count_till(
            actor, till, shown, counted=read_amount(posted.get("counted", ""), currency, field="counted")
        ),
        "explain": lambda actor: finance.explain_till(
            actor, till, shown, amount=read_amount(posted.get("amount", ""), currency), kind=posted.get("kind", ""),
            reason=posted.get("reason", ""),
        ),
        "take_back": lambda actor: finance.take_back_explanation(actor, wanted_id(posted.get("difference", ""))),
        "close": lambda actor: finance.close_day(actor, till, shown, currency=currency),
    }  # fmt: skip
    if step not in steps:
        raise NotFound
    with attempt() as tried:
        steps[step](actor)
    if tried:
        said = _("The day is closed.") if step == "close" else _("Saved.")
        return go(request, f"{url('office:settlement')}?day={shown.isoformat()}", toast=said)
    return _day(request, tried, dialog=f"{step}-{till.kind}-{till.holder}-{currency}", about=shown)


def _till(request: HttpRequest) -> tuple[finance.TillRef, date, str]:
    posted = request.POST
    try:
        kind, shown = finance.TillKind(posted.get("till_kind", "")), date.fromisoformat(posted.get("day", ""))
    except ValueError:
        raise NotFound from None
    currency = posted.get("currency", "")
    if currency not in known_currencies():
        raise NotFound
    return finance.TillRef(kind, posted.get("holder", "")[:100]), shown, currency
