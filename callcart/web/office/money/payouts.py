"""A payment company's payout file: chosen and looked at, then held against the day's books."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.payments import payouts
from callcart.commerce.payments.public import gateway_names
from callcart.core import clock
from callcart.core.errors import Invalid
from callcart.people.tenants import public as tenants
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.money import uploads, words
from callcart.web.office.money.amounts import read_day
from callcart.web.office.refusal import refusal

SHOWN = 5


@requires("payments.view", "payments.settle")
def new(request: HttpRequest) -> HttpResponse:
    """In two steps; the second counts the day and says what does not fit."""
    actor, tried, look, posted = actor_of(request), Attempt(), None, request.POST
    today = clock.today(tenants.get_tenant(actor.tenant_id).timezone)
    gateway, key, name = (
        posted.get("account", ""),
        posted.get("file_key", ""),
        posted.get("file_name", "")[:200],
    )
    shown = posted.get("day", request.GET.get("day", "")) or today.isoformat()
    if request.method == "POST":
        with attempt() as tried:
            if not key:
                key, name = uploads.keep(request)
            path, day = uploads.kept(key), _day(shown)
            if "take" in posted:
                layout = uploads.layout_of(request, payouts.COLUMNS)
                found = payouts.take_payout(actor, path, name, gateway=gateway, day=day, layout=layout)
            else:
                look = payouts.look_at_payout(actor, path, name)
        if tried and "take" in posted:
            toast, kind = _said(found)
            return go(request, f"{url('office:settlement')}?day={shown}", toast=toast, kind=kind)
        if "take" in posted and key and not tried:
            with attempt() as again:
                look = payouts.look_at_payout(actor, uploads.kept(key), name)
            tried = tried if again else again
    said = refusal(tried)
    return page(
        request, "office/money/file_new.html", kind="payout", look=look, columns=payouts.COLUMNS, account=gateway, day=shown,
        file_key=key, file_name=name, posted=posted, errors=said.fields, status=said.status, known=[],
        message=said.message or said.fields.get("file", ""), carriers=[(each, words.provider(each)) for each in gateway_names()],
    )  # fmt: skip


def _day(text: str) -> date:
    found = read_day(text, field="day")
    if found is None:
        raise Invalid(fields={"day": _("Give a day.")})
    return found


def _said(found: payouts.Payout) -> tuple[str, str]:
    """What was counted, and what does not fit, by name."""
    text = _("%(net)s counted, %(fees)s of fees explained.") % {
        "net": formats.money(found.net), "fees": formats.money(found.fees),
    }  # fmt: skip
    for sentence, names in (
        (_("Not paid out: %(names)s."), found.missing),
        (_("Unknown here: %(names)s."), found.unknown),
        (_("Other amounts: %(names)s."), found.differing),
    ):
        if names:
            more = "…" if len(names) > SHOWN else ""
            text += " " + sentence % {"names": ", ".join(names[:SHOWN]) + more}
    return text, "success" if not (found.missing or found.unknown or found.differing) else "warning"
