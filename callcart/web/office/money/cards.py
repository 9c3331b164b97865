"""Gift cards in the office: the list, a new one (its code is shown once), one card's ledger, blocking and taking back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.payments import public as payments
from callcart.core.clock import today
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import Chip, Cursor, choice, time_cursor_of
from callcart.web.office.money.typed import amount_of, day_of
from callcart.web.office.money.value_words import card_state, card_states, entry_name
from callcart.web.office.refusal import refusal


@require_safe
@requires("payments.view_value")
def cards(request: HttpRequest) -> HttpResponse:
    """Newest first; found by the whole code or its last four characters."""
    return _list(request)


def _list(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    states = card_states()
    state, query = choice(request, "state", states), request.GET.get("q", "").strip()[:60]
    chips = [Chip("state", _("State"), states[state])] if state else []
    chips += [Chip("q", _("Search"), query)] if query else []
    found = payments.list_cards(
        actor_of(request), state=state, q=query, after=_after(time_cursor_of(request))
    )
    refused, day = refusal(tried), today(get_tenant().timezone)
    return page(
        request, "office/money/cards.html", states=states, chips=chips, currency=get_tenant().currency,
        rows=[(row, card_state(payments.state_of(row, day))) for row in found.rows], name_of=payments.name_of,
        next=Cursor(found.after[0].isoformat(), str(found.after[1])).text() if found.after else "",
        errors=refused.fields, message="" if refused.fields else refused.message, key=request.POST.get("key") or str(new_id()),
        dialog="new" if tried is not None else "", posted=request.POST, status=refused.status,
    )  # fmt: skip


def _after(cursor: Cursor | None) -> tuple[datetime, UUID] | None:
    return (datetime.fromisoformat(cursor.key), UUID(cursor.id)) if cursor is not None else None


@require_POST
@requires("payments.issue_cards", "payments.view_value")
def issue(request: HttpRequest) -> HttpResponse:
    """Make a card. The answer is the one page that ever shows its code."""
    form, posted = Fields(), request.POST
    made: payments.IssuedCard | None = None
    with attempt() as tried:
        amount = amount_of(form, request, "amount", get_tenant().currency)
        expires_on = day_of(form, request, "expires_on")
        with form.part():
            made = payments.issue_card(
                actor_of(request), amount=amount, expires_on=expires_on, note=posted.get("note", ""),
                idempotency_key=posted.get("key", "")[:100],
            )  # fmt: skip
        form.done()
    if not tried or made is None:
        return _list(request, tried)
    return page(
        request, "office/money/card_issued.html", account=made.account,
        code=payments.grouped(made.code) if made.code else "",
        amount=Money(made.account.balance_minor, made.account.currency),
    )  # fmt: skip


@require_safe
@requires("payments.view_value")
def card(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """One card and every movement on it."""
    return _card_page(request, account_id)


def _card_page(
    request: HttpRequest, account_id: UUID, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    account = payments.stored_account(actor_of(request), account_id)
    if account.kind != payments.StoredKind.GIFT_CARD:
        raise NotFound
    refused = refusal(tried)
    state = payments.state_of(account, today(get_tenant().timezone))
    return page(
        request, "office/money/card.html", account=account, state=card_state(state), entry_name=entry_name,
        entries=payments.entries_of(account), name=payments.name_of(account),
        errors=refused.fields, dialog=dialog if refused.fields else "", posted=request.POST,
        message="" if refused.fields else refused.message, key=request.POST.get("key") or str(new_id()),
        status=refused.status,
    )  # fmt: skip


@require_POST
@requires("payments.issue_cards", "payments.view_value")
def block(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Block a card, or let it pay again."""
    actor, back = actor_of(request), request.POST.get("act") == "unblock"
    with attempt() as tried:
        if back:
            payments.unblock(actor, account_id)
        else:
            payments.block(actor, account_id, reason=request.POST.get("reason", ""))
    if tried:
        said = _("The card pays again.") if back else _("The card is blocked.")
        return go(request, url("office:gift_card", account_id), toast=said)
    return _card_page(request, account_id, tried, dialog="block")


@require_POST
@requires("payments.grant_credit", "payments.view_value")
def take_back(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Take value off a card that was put on it in error."""
    actor, form = actor_of(request), Fields()
    account = payments.stored_account(actor, account_id)
    with attempt() as tried:
        amount = amount_of(form, request, "amount", account.currency)
        with form.part():
            payments.take_back(
                actor, account_id, amount=amount, reason=request.POST.get("reason", ""),
                idempotency_key=request.POST.get("key", "")[:100],
            )  # fmt: skip
        form.done()
    if tried:
        return go(request, url("office:gift_card", account_id), toast=_("Taken off the card."))
    return _card_page(request, account_id, tried, dialog="take-back")
