"""Receipts: the list, writing one by keyboard, voiding one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.payments import finance
from callcart.commerce.payments.models import Payment, Receipt
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.core.ids import new_id, spoken, unspoken
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import (
    EXPORT_LIMIT,
    PAGE,
    Chip,
    Cursor,
    between,
    choice,
    day_chips,
    export,
    periods,
    start_of,
    time_cursor_of,
)
from callcart.web.office.money import words
from callcart.web.office.money.amounts import read_amount, read_day
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@require_GET
@requires("payments.view")
def receipts(request: HttpRequest) -> HttpResponseBase:
    """Money that came in, the newest first."""
    return _list(request, Attempt())


def _list(request: HttpRequest, tried: Attempt, *, dialog: str = "") -> HttpResponseBase:
    actor, zone = actor_of(request), reader().zone
    since, until = between(request, zone)
    methods, states = words.methods(), {"valid": _("Valid"), "void": _("Void")}
    method, state = choice(request, "method", methods), choice(request, "state", states)
    text = request.GET.get("q", "").strip()[:200]
    chips = day_chips(request)
    chips += [Chip("method", _("How it came"), methods[method])] if method else []
    chips += [Chip("state", _("State"), states[state])] if state else []
    chips += [Chip("q", _("Search"), text)] if text else []
    filters = finance.ReceiptFilters(method=method, since=since, until=until, state=state, text=text)
    if request.GET.get("export") in ("csv", "xlsx"):
        rows = finance.list_receipts(actor, filters, limit=EXPORT_LIMIT)
        return export(request, _columns(), rows, action="payments.export", name="receipts", chips=chips)
    after = time_cursor_of(request)
    at = (datetime.fromisoformat(after.key), UUID(after.id)) if after else None
    found = finance.list_receipts(actor, filters, after=at, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    said = refusal(tried)
    return page(
        request, "office/money/receipts.html", receipts=found[:PAGE], chips=chips, methods=methods, states=states,
        periods=periods(clock.today(zone)), next=Cursor(last.received_at.isoformat(), str(last.id)).text() if last else "",
        errors=said.fields, message=said.message, dialog=dialog, posted=request.POST, status=said.status,
    )  # fmt: skip


def _columns() -> dict[str, Callable[[Receipt], object]]:
    methods = words.methods()
    return {
        _("Number"): lambda row: row.number,
        _("Received on"): lambda row: formats.datetime(row.received_at),
        _("Order"): lambda row: row.order_number,
        _("Payer"): lambda row: row.payer,
        _("How it came"): lambda row: methods.get(row.method, row.method),
        _("Amount"): lambda row: str(row.amount.decimal),
        _("Currency"): lambda row: row.currency,
        _("Reference"): lambda row: row.reference,
        _("Received by"): lambda row: row.received_by_name,
        _("Void"): lambda row: row.void_reason if row.voided_at else "",
    }


@requires("payments.view", "payments.receive")
def new(request: HttpRequest) -> HttpResponse:
    """A new receipt. The order's number first; what it owes is shown, and stands in the amount."""
    actor, tried = actor_of(request), Attempt()
    number = request.POST.get("order", request.GET.get("order", ""))[:60]
    payment = _payment(number)
    if request.method == "POST" and "save" in request.POST:
        with attempt() as tried:
            receipt = _receive(request, actor, payment)
        if tried:
            toast, kind = _said(actor, receipt)
            return go(request, url("office:receipt_new"), toast=toast, kind=kind)
    said = refusal(tried)
    missing = Money(payment.missing_minor, payment.currency) if payment else None
    return page(
        request, "office/money/receipt_new.html", payment=payment, number=number, posted=request.POST, missing=missing,
        methods=words.typed_methods(), errors=said.fields, message=said.message, status=said.status,
        key=request.POST.get("key") or str(new_id()), today=clock.today(reader().zone).isoformat(),
        receipts=finance.receipts_of(payment) if payment else [], names=words.methods(),
    )  # fmt: skip


def _payment(number: str) -> Payment | None:
    plain = unspoken(number) or number.strip()
    return Payment.objects.filter(order_number=plain).first() if plain else None


def _receive(request: HttpRequest, actor: Actor, payment: Payment | None) -> Receipt:
    posted, form = request.POST, Fields()
    if payment is None:
        form.refuse("order", _("There is no order of this number."))
        form.done()
        raise Invalid
    amount, day = Money.zero(payment.currency), None
    with form.part():
        amount = read_amount(posted.get("amount", ""), payment.currency)
    with form.part():
        day = read_day(posted.get("day", ""), field="day")
    form.done()
    zone = reader().zone
    today = clock.today(zone)
    moment = start_of(day, zone).replace(hour=12) if day and day != today else None
    try:
        return finance.receive(
            actor, order_id=payment.order_id, method=posted.get("method", ""), amount=amount,
            reference=posted.get("reference", ""), payer=posted.get("payer", ""), received_at=moment,
            idempotency_key=posted.get("key", "")[:100],
        )  # fmt: skip
    except Invalid as error:
        form.merge("", {("day" if key == "received_at" else key): text for key, text in error.fields.items()})
        form.done()
        raise


def _said(actor: Actor, receipt: Receipt) -> tuple[str, str]:
    """What a new receipt did, in words: the order is paid, still owes something, or is owed something back."""
    payment = Payment.objects.get(id=receipt.payment_id)
    over = sum(row.amount_minor for row in payment.refunds.filter(state="due"))
    values = {"number": spoken(receipt.number), "order": spoken(receipt.order_number)}
    if over:
        values["over"] = formats.money(Money(over, receipt.currency))
        return _(
            "Receipt %(number)s written. %(over)s too much for order %(order)s: it is to be given back."
        ) % values, "warning"
    if payment.missing_minor:
        values["left"] = formats.money(Money(payment.missing_minor, payment.currency))
        return _("Receipt %(number)s written. Order %(order)s still owes %(left)s.") % values, "info"
    return _("Receipt %(number)s written. Order %(order)s is paid.") % values, "success"


@require_POST
@requires("payments.view", "payments.void")
def void(request: HttpRequest, receipt_id: UUID) -> HttpResponseBase:
    """Take a receipt off the books, with a reason."""
    actor = actor_of(request)
    finance.get_receipt(actor, receipt_id)
    with attempt() as tried:
        receipt = finance.void_receipt(actor, receipt_id, reason=request.POST.get("reason", ""))
    if tried:
        toast = _("Receipt %(number)s is void; the order owes its amount again.") % {
            "number": spoken(receipt.number)
        }
        return go(request, url("office:receipts"), toast=toast)
    return _list(request, tried, dialog=f"void-{receipt_id}")
