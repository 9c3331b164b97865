"""Refunds: what waits for a decision, for a person to pay it out, for another try, and what the payment companies have in hand."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.payments import finance
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, safe_next
from callcart.web.jinja import url
from callcart.web.office import words as office_words
from callcart.web.office.listing import PAGE, Cursor, choice, time_cursor_of
from callcart.web.office.money import words
from callcart.web.office.refusal import refusal

TABS = ("pay_out", "due", "failed", "sent", "done")


@require_GET
@requires("payments.view")
def refunds(request: HttpRequest) -> HttpResponse:
    """The worklist, by what each waits for."""
    return _list(request, Attempt())


def _list(request: HttpRequest, tried: Attempt, *, dialog: str = "") -> HttpResponse:
    actor, which = actor_of(request), choice(request, "which", TABS) or TABS[0]
    after = time_cursor_of(request)
    at = (datetime.fromisoformat(after.key), UUID(after.id)) if after else None
    found = finance.list_refunds(actor, which, after=at, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    moment = (last.done_at if which == "done" else last.made_at) if last else None
    tabs = [
        ("pay_out", _("To pay out by hand")), ("due", _("To decide")), ("failed", _("Failed")),
        ("sent", _("With the payment company")), ("done", pgettext("money", "Given back")),
    ]  # fmt: skip
    said = refusal(tried)
    return page(
        request, "office/money/refunds.html", refunds=found[:PAGE], which=which, tabs=tabs, counts=finance.count_refunds(actor),
        methods=words.methods(), ways=words.ways(), by_hand=finance.BY_HAND, states=office_words,
        next=Cursor(moment.isoformat(), str(last.id)).text() if last and moment else "", here=request.get_full_path(),
        errors=said.fields, message=said.message, dialog=dialog, posted=request.POST, status=said.status,
    )  # fmt: skip


@require_POST
@requires("payments.view", "payments.refund")
def send(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Decide a refund that is due, or try one again, if wanted another way."""
    with attempt() as tried:
        row = finance.pay_refund(actor_of(request), refund_id, to=request.POST.get("to", ""))
    if tried:
        said = pgettext("money", "Given back.") if row.state == "done" else _("Refund on its way.")
        if row.way in finance.BY_HAND:
            said = _("Decided. It waits to be paid out.")
        return go(request, safe_next(request, url("office:refunds")), toast=said)
    return _list(request, tried, dialog=f"send-{refund_id}")


@require_POST
@requires("payments.view", "payments.pay_out")
def done(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """A person has paid it out."""
    with attempt() as tried:
        finance.finish_refund(actor_of(request), refund_id, reference=request.POST.get("reference", ""))
    if tried:
        return go(request, safe_next(request, url("office:refunds")), toast=pgettext("money", "Given back."))
    return _list(request, tried, dialog=f"done-{refund_id}")
