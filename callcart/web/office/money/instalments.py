"""Instalments over all orders, and the plan of one: another day, another plan, the link to pay all of the rest."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.listing import Cursor, choice, cursor_of
from callcart.web.office.money.typed import day_of, number_of
from callcart.web.office.money.value_words import failure_name
from callcart.web.office.refusal import refusal


def standings() -> dict[str, str]:
    return {
        "overdue": _("Overdue"), "today": _("Due today"), "failed": _("Could not be collected"),
        "soon": _("Due in the next 7 days"),
    }  # fmt: skip


@require_safe
@requires("payments.view", "orders.view")
def instalments(request: HttpRequest) -> HttpResponse:
    """One of the lists, the oldest first."""
    standing = choice(request, "standing", payments.STANDINGS) or "overdue"
    after = cursor_of(request)
    found = payments.list_instalments(actor_of(request), standing=standing, after=_after(after))
    return page(
        request, "office/money/instalments.html", rows=found.rows, standing=standing, standings=standings(),
        counts={each: payments.count_instalments(each) for each in payments.STANDINGS}, words=words,
        next=Cursor(found.after[0].isoformat(), str(found.after[1])).text() if found.after else "",
    )  # fmt: skip


def _after(cursor: Cursor | None) -> tuple[date, UUID] | None:
    if cursor is None:
        return None
    try:
        return date.fromisoformat(cursor.key), UUID(cursor.id)
    except ValueError:
        return None


@require_safe
@requires("payments.view", "orders.view")
def plan(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The plan of one order."""
    return _plan_page(request, order_id)


@require_POST
@requires("payments.change_plan", "orders.view")
def move(request: HttpRequest, order_id: UUID, instalment_id: UUID) -> HttpResponse:
    """Another day for one instalment."""
    detail = _detail(request, order_id)
    if instalment_id not in {each.id for each in detail.instalments}:
        raise NotFound
    form = Fields()
    with attempt() as tried:
        day = day_of(form, request, "due_on")
        with form.part():
            payments.move_due(
                actor_of(request), instalment_id, due_on=day, reason=request.POST.get("reason", "")
            )
        form.done()
    if tried:
        return go(request, url("office:instalment_plan", order_id), toast=_("The new day is kept."))
    return _plan_page(request, order_id, tried, dialog=f"move-{instalment_id}")


@require_POST
@requires("payments.change_plan", "orders.view")
def replace(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Another plan, while nothing is paid."""
    currency, form = _detail(request, order_id).payment.currency, Fields()
    with attempt() as tried:
        first = day_of(form, request, "first_due")
        if first is None:
            form.refuse("first_due", _("Give a day."))
        with form.part():
            payments.replace_plan(
                actor_of(request), order_id, reason=request.POST.get("reason", ""),
                plan=payments.Plan(
                    count=number_of(request, "count"), first_due=first or date.max,
                    days=number_of(request, "days"), deposit_minor=_deposit(form, request, currency).minor,
                ),
            )  # fmt: skip
        form.done()
    if tried:
        return go(request, url("office:instalment_plan", order_id), toast=_("The new plan is kept."))
    return _plan_page(request, order_id, tried, dialog="replace")


def _deposit(form: Fields, request: HttpRequest, currency: str) -> Money:
    text = request.POST.get("deposit", "").strip()
    try:
        return Money.parse(text, currency) if text else Money.zero(currency)
    except ValueError:
        form.refuse("deposit", _("Give an amount, such as 12.50."))
        return Money.zero(currency)


def _detail(request: HttpRequest, order_id: UUID) -> payments.PaymentDetail:
    """The money of an order that the reader may see and that is paid in instalments. Raises NotFound."""
    orders.order_detail(actor_of(request), order_id)
    detail = payments.payment_of(order_id)
    if detail is None or detail.payment.method != payments.PaymentMethod.INSTALMENTS:
        raise NotFound
    return detail


def _plan_page(
    request: HttpRequest, order_id: UUID, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    detail, refused = _detail(request, order_id), refusal(tried)
    at_fields = bool(refused.fields)
    rows = payments.plan_of(detail.payment)
    open_states = {payments.InstalmentState.SCHEDULED, payments.InstalmentState.OVERDUE}
    return page(
        request, "office/money/plan.html", detail=detail, payment=detail.payment, rows=rows, words=words, failure_name=failure_name,
        movable={row.id for row in rows if row.state in open_states},
        replaceable=not detail.payment.captured_minor and detail.payment.state != payments.PaymentState.CANCELLED,
        rest=detail.amount - detail.captured, dialog=dialog if at_fields else "", errors=refused.fields,
        message="" if at_fields else refused.message, posted=request.POST if tried is not None else {},
        status=refused.status,
    )  # fmt: skip
