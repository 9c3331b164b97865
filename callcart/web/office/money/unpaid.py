"""Orders not paid in full: by age, with what was promised; called and asked by link in bulk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import finance
from callcart.core import clock
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.core.ids import read_ids
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, safe_next
from callcart.web.jinja import url
from callcart.web.names import customer_names
from callcart.web.office import words as office_words
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, time_cursor_of
from callcart.web.office.money import words
from callcart.web.office.money.amounts import read_amount, read_day
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@require_GET
@requires("payments.view")
def unpaid(request: HttpRequest) -> HttpResponse:
    """The worklist, the oldest debt first."""
    return _list(request, Attempt())


def _list(request: HttpRequest, tried: Attempt, *, dialog: str = "") -> HttpResponse:
    actor, currency = actor_of(request), tenants.get_tenant(actor_of(request).tenant_id).currency
    choices = {
        "age": words.ages(),
        "method": {key: text for key, text in office_words.payment_methods().items() if key != "cod"},
        "promised": {"yes": _("Promised"), "broken": _("Promise broken"), "no": _("Nothing promised")},
        "agent": {str(key): name for key, name in orders.agents_of_orders()},
    }
    labels = {"age": _("Age"), "method": _("Payment method"), "promised": _("Promise"), "agent": _("Agent")}
    chosen = {name: choice(request, name, options) for name, options in choices.items()}
    chips = [Chip(name, labels[name], choices[name][value]) for name, value in chosen.items() if value]
    least, most = _sum(request, "least", currency, chips), _sum(request, "most", currency, chips)
    filters = finance.UnpaidFilters(
        method=chosen["method"], age=chosen["age"], promised=chosen["promised"],
        agent_id=UUID(chosen["agent"]) if chosen["agent"] else None, least_minor=least, most_minor=most,
    )  # fmt: skip
    after = time_cursor_of(request)
    at = (datetime.fromisoformat(after.key), UUID(after.id)) if after else None
    found = finance.list_unpaid(actor, filters, after=at, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    found, said = found[:PAGE], refusal(tried)
    return page(
        request, "office/money/unpaid.html", rows=found, chips=chips, choices=choices, buckets=finance.unpaid_by_age(actor, currency),
        ages=choices["age"], agents=choices["agent"], today=clock.today(reader().zone), words=office_words,
        customers=customer_names({row.customer_id for row in found if row.customer_id}),
        next=Cursor(last.made_at.isoformat(), str(last.id)).text() if last else "", here=request.get_full_path(),
        errors=said.fields, message=said.message, dialog=dialog, posted=request.POST, status=said.status,
    )  # fmt: skip


def _sum(request: HttpRequest, name: str, currency: str, chips: list[Chip]) -> int | None:
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        found = read_amount(text, currency)
    except Invalid:
        return None
    chips.append(Chip(name, _("Owes at least") if name == "least" else _("Owes at most"), text[:20]))
    return found.minor


@require_POST
@requires("payments.view", "payments.send_link")
def act(request: HttpRequest) -> HttpResponse:
    """What is done with the orders that are ticked: put on the call list, or asked by link."""
    actor, chosen = actor_of(request), _ticked(request)
    back = safe_next(request, url("office:unpaid"))
    if not chosen:
        return go(request, back, toast=_("Tick the orders first."), kind="warning")
    if request.POST.get("act") == "call":
        done = finance.call_for(actor, chosen)
        said = ngettext("%(num)s order is on the call list.", "%(num)s orders are on the call list.", done)
    else:
        done = finance.ask_to_pay(actor, chosen)
        said = ngettext(
            "%(num)s payment link is on its way.", "%(num)s payment links are on their way.", done
        )
    return go(request, back, toast=said % {"num": done})


def _ticked(request: HttpRequest) -> list[UUID]:
    return read_ids(request.POST.getlist("order")[:500])


@require_POST
@requires("payments.view", "payments.send_link")
def promise(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """When the customer says they will pay."""
    with attempt() as tried:
        form, day = Fields(), None
        with form.part():
            day = read_day(request.POST.get("on", ""), field="on")
        form.done()
        finance.promise(actor_of(request), order_id, on=day, note=request.POST.get("note", ""))
    if tried:
        return go(request, safe_next(request, url("office:unpaid")), toast=_("Noted."))
    return _list(request, tried, dialog=f"promise-{order_id}")
