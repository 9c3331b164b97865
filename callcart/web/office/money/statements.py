"""Bank statements: files in, lines booked, sent back or laid aside."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.payments import finance
from callcart.commerce.payments.models import BankFormat
from callcart.core.ids import spoken
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, safe_next
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.money import uploads, words
from callcart.web.office.money.amounts import read_amount
from callcart.web.office.refusal import refusal


@require_GET
@requires("payments.view", "payments.reconcile")
def statements(request: HttpRequest) -> HttpResponse:
    """What waits: lines with a proposal, lines without, and the files they came in."""
    return _list(request, Attempt())


def _list(request: HttpRequest, tried: Attempt, *, dialog: str = "") -> HttpResponse:
    actor = actor_of(request)
    states = {key: word.text for key, word in words.line_states().items()}
    sure = {"certain": _("Certain"), "likely": _("With a proposal"), "none": _("Without a proposal")}
    state, sureness = choice(request, "state", states), choice(request, "sure", sure)
    chips = [Chip("state", _("State"), states[state])] if state else []
    chips += [Chip("sure", _("Proposal"), sure[sureness])] if sureness else []
    filters = finance.LineFilters(state=state, sure=sureness)
    found = finance.list_lines(actor, filters, after=_after(request), limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    said = refusal(tried)
    return page(
        request, "office/money/statements.html", lines=found[:PAGE], chips=chips, states=states, sure=sure,
        counts=finance.count_lines(actor), files=finance.list_statements(actor), words=words, why=words.reasons(),
        next=Cursor(last.day.isoformat(), str(last.id)).text() if last else "", here=request.get_full_path(),
        errors=said.fields, message=said.message, dialog=dialog, posted=request.POST, status=said.status,
    )  # fmt: skip


def _after(request: HttpRequest) -> tuple[date, UUID] | None:
    found = cursor_of(request)
    try:
        return (date.fromisoformat(found.key), UUID(found.id)) if found else None
    except ValueError:
        return None


@requires("payments.view", "payments.reconcile")
def new(request: HttpRequest) -> HttpResponse:
    """A file in two steps: chosen and looked at, then taken in as it was shown."""
    actor, tried, look = actor_of(request), Attempt(), None
    posted = request.POST
    account, key, name = (
        posted.get("account", ""),
        posted.get("file_key", ""),
        posted.get("file_name", "")[:200],
    )
    if request.method == "POST":
        with attempt() as tried:
            if not key:
                key, name = uploads.keep(request)
            path = uploads.kept(key)
            if "take" in posted:
                layout = uploads.layout_of(request, finance.STATEMENT_COLUMNS)
                taken = finance.take_in_statement(actor, path, name, account=account, layout=layout)
            else:
                look = finance.look_at_statement(actor, path, name, account=account)
        if tried and "take" in posted:
            toast, kind = _said(taken)
            return go(request, url("office:statements"), toast=toast, kind=kind)
        if "take" in posted and key and not tried:
            with attempt() as again:  # the page comes back with the file and what was chosen
                look = finance.look_at_statement(actor, uploads.kept(key), name, account="")
            tried = tried if again else again
    said = refusal(tried)
    return page(
        request, "office/money/file_new.html", kind="statement", look=look, columns=finance.STATEMENT_COLUMNS, account=account,
        file_key=key, file_name=name, posted=posted, errors=said.fields, message=said.message, status=said.status,
        known=list(BankFormat.objects.exclude(account__startswith="carrier:").order_by("account").values_list("account", flat=True)[:50]),
    )  # fmt: skip


def _said(taken: finance.TakenIn) -> tuple[str, str]:
    fresh = taken.statement.lines_new
    text = ngettext("%(num)s new line.", "%(num)s new lines.", fresh) % {"num": fresh}
    if taken.known:
        text += " " + ngettext("%(num)s was there before.", "%(num)s were there before.", taken.known) % {
            "num": taken.known
        }
    if not taken.wrong:
        return text, "success"
    row, problem = next(iter(taken.wrong.items()))
    text += " " + ngettext(
        "%(num)s row could not be read (row %(row)s: %(problem)s).",
        "%(num)s rows could not be read (the first, row %(row)s: %(problem)s).", len(taken.wrong),
    ) % {"num": len(taken.wrong), "row": row, "problem": problem}  # fmt: skip
    return text, "warning"


@require_POST
@requires("payments.view", "payments.reconcile")
def book_certain(request: HttpRequest) -> HttpResponse:
    """Book all that is certain."""
    done = finance.book_certain(actor_of(request))
    text = ngettext("%(num)s line booked.", "%(num)s lines booked.", done.booked) % {"num": done.booked}
    if done.passed_over:
        more = ngettext(
            "%(num)s is not certain any more.", "%(num)s are not certain any more.", done.passed_over
        )
        text += " " + more % {"num": done.passed_over}
    return go(
        request, url("office:statements"), toast=text, kind="warning" if done.passed_over else "success"
    )


@require_POST
@requires("payments.view", "payments.reconcile")
def line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """One line: booked for an order, laid aside, sent back, or opened again."""
    actor, posted, step = actor_of(request), request.POST, request.POST.get("step", "")
    said = _("Done.")
    with attempt() as tried:
        if step == "book":
            currency = (
                finance.StatementLine.objects.values_list("currency", flat=True).filter(id=line_id).first()
                or "USD"
            )
            amount = read_amount(posted["amount"], currency) if posted.get("amount", "").strip() else None
            receipt = finance.book_line(actor, line_id, order_number=posted.get("order", ""), amount=amount)
            said = _("Booked for order %(order)s.") % {"order": spoken(receipt.order_number)}
        elif step == "reopen":
            finance.reopen_line(actor, line_id)
        elif step == "sent":
            finance.sent_back(actor, line_id, reference=posted.get("reference", ""))
        else:
            state = finance.LineState.GOING_BACK if step == "back" else finance.LineState.IGNORED
            finance.lay_aside(actor, line_id, state=state, note=posted.get("note", ""))
    if tried:
        return go(request, safe_next(request, url("office:statements")), toast=said)
    return _list(request, tried, dialog=f"{step}-{line_id}")
