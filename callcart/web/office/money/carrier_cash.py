"""Cash that carriers collected: who owes how much, their files, and what each line needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.orders.tracking import orders_of_tracking
from callcart.commerce.payments import finance
from callcart.core.actor import Actor
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, time_cursor_of
from callcart.web.office.money import uploads, words
from callcart.web.office.refusal import refusal


@require_GET
@requires("payments.view")
def carrier_cash(request: HttpRequest) -> HttpResponse:
    """What carriers owe us, order by order, and the files that were taken in."""
    actor, known = actor_of(request), words.carriers()
    debts = finance.owed_by_carriers(actor)
    names = {each.carrier: words.carrier(each.carrier, known) for each in debts}
    carrier = request.GET.get("carrier")
    chosen = carrier if carrier in names else None
    after = time_cursor_of(request)
    at = (datetime.fromisoformat(after.key), UUID(after.id)) if after else None
    rows = finance.carried_orders(actor, carrier=chosen, after=at, limit=PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    files = finance.list_remittances(actor) if actor.can("payments.reconcile") else []
    return page(
        request, "office/money/carrier_cash.html", debts=debts, names=names, rows=rows[:PAGE], files=files,
        carriers={each.carrier: words.carrier(each.carrier, known) for each in files} | names,
        chips=[Chip("carrier", _("Carrier"), names[chosen])] if chosen is not None else [],
        next=Cursor(last.collected_at.isoformat(), str(last.id)).text() if last and last.collected_at else "",
    )  # fmt: skip


@requires("payments.view", "payments.reconcile")
def new(request: HttpRequest) -> HttpResponse:
    """A carrier's file in two steps: chosen and looked at, then taken in as it was shown."""
    actor, tried, look, posted = actor_of(request), Attempt(), None, request.POST
    carrier, key, name = (
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
                taken = finance.take_in_remittance(
                    actor, path, name, carrier=carrier, layout=uploads.layout_of(request, finance.REMITTANCE_COLUMNS),
                    resolve=orders_of_tracking, reference=posted.get("reference", ""),
                )  # fmt: skip
            else:
                look = finance.look_at_remittance(actor, path, name, carrier=carrier)
        if tried and "take" in posted:
            return go(
                request,
                url("office:remittance", taken.remittance.id),
                toast=_said(taken),
                kind="warning" if taken.wrong else "success",
            )
        if "take" in posted and key and not tried:
            with attempt() as again:
                look = finance.look_at_remittance(actor, uploads.kept(key), name, carrier="")
            tried = tried if again else again
    said = refusal(tried)
    return page(
        request, "office/money/file_new.html", kind="remittance", look=look, columns=finance.REMITTANCE_COLUMNS, account=carrier,
        file_key=key, file_name=name, posted=posted, errors=said.fields, message=said.message, status=said.status,
        known=list(words.carriers()), carriers=list(words.carriers().items()),
    )  # fmt: skip


def _said(taken: finance.CashIn) -> str:
    fresh = taken.remittance.lines_new
    text = ngettext("%(num)s new line.", "%(num)s new lines.", fresh) % {"num": fresh}
    if taken.known:
        text += " " + ngettext("%(num)s was there before.", "%(num)s were there before.", taken.known) % {
            "num": taken.known
        }
    if taken.wrong:
        row, problem = next(iter(taken.wrong.items()))
        text += " " + ngettext(
            "%(num)s row could not be read (row %(row)s: %(problem)s).",
            "%(num)s rows could not be read (the first, row %(row)s: %(problem)s).", len(taken.wrong),
        ) % {"num": len(taken.wrong), "row": row, "problem": problem}  # fmt: skip
    return text


@require_GET
@requires("payments.view", "payments.reconcile")
def remittance(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """One file, line by line."""
    return _one(request, remittance_id, Attempt())


def _one(request: HttpRequest, remittance_id: UUID, tried: Attempt, *, dialog: str = "") -> HttpResponse:
    actor = actor_of(request)
    found = finance.get_remittance(actor, remittance_id)
    states = {key: word.text for key, word in words.cash_states().items()}
    state = choice(request, "state", states)
    text = request.GET.get("after", "")
    lines = finance.remittance_lines(
        actor, remittance_id, state=state, after_row=int(text[:9]) if text.isdecimal() else 0, limit=PAGE + 1
    )
    said, kinds = refusal(tried), words.difference_kinds()
    return page(
        request, "office/money/remittance.html", remittance=found, carrier=words.carrier(found.carrier, words.carriers()),
        lines=lines[:PAGE], next=str(lines[PAGE - 1].row) if len(lines) > PAGE else "", counts=finance.count_cash(actor, remittance_id),
        states=states, words=words, chips=[Chip("state", _("State"), states[state])] if state else [],
        kinds=[(key, kinds[key]) for key in (*finance.SETTLES, finance.AS_PAID)],
        errors=said.fields, message=said.message, dialog=dialog, posted=request.POST, status=said.status,
    )  # fmt: skip


@require_POST
@requires("payments.view", "payments.reconcile", "payments.record_cash")
def book(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """Book all lines that are as expected."""
    finance.get_remittance(actor_of(request), remittance_id)
    done = finance.book_matched(actor_of(request), remittance_id)
    text = ngettext("%(num)s line booked.", "%(num)s lines booked.", done.booked) % {"num": done.booked}
    if done.passed_over:
        more = ngettext(
            "%(num)s order has changed since.", "%(num)s orders have changed since.", done.passed_over
        )
        text += " " + more % {"num": done.passed_over}
    return go(
        request,
        url("office:remittance", remittance_id),
        toast=text,
        kind="warning" if done.passed_over else "success",
    )


@require_POST
@requires("payments.view", "payments.reconcile")
def line(request: HttpRequest, remittance_id: UUID, line_id: UUID) -> HttpResponse:
    """One line: explained and booked, given its order, or laid aside."""
    actor, posted, step = actor_of(request), request.POST, request.POST.get("step", "")
    steps: dict[str, Callable[[Actor], object]] = {
        "explain": lambda actor: finance.explain_line(
            actor, line_id, kind=posted.get("kind", ""), reason=posted.get("reason", "")
        ),
        "assign": lambda actor: finance.assign_line(actor, line_id, order_number=posted.get("order", "")),
        "drop": lambda actor: finance.drop_line(actor, line_id, reason=posted.get("reason", "")),
    }
    with attempt() as tried:
        steps.get(step, steps["drop"])(actor)
    if tried:
        return go(request, url("office:remittance", remittance_id), toast=_("Done."))
    return _one(request, remittance_id, tried, dialog=f"{step}-{line_id}")
