"""The list of doubtful receivers, and the shop's rules of approval."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.core.errors import Invalid
from callcart.core.money import Money
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.order import whole
from callcart.web.office.refusal import refusal

AMOUNTS = ("large_minor", "first_cod_minor", "auto_below_minor")


@requires("orders.approve")
def receivers(request: HttpRequest) -> HttpResponse:
    """The list, and the form to add to it."""
    return _receivers_page(request)


def _receivers_page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    refused = refusal(tried)
    return page(
        request, "office/orders_desk/receivers.html", rows=orders.list_receivers(actor_of(request)),
        errors=refused.fields, message=refused.message, status=refused.status, posted=request.POST,
    )  # fmt: skip


@require_POST
@requires("orders.approve")
def add(request: HttpRequest) -> HttpResponse:
    """Put a number or an address on the list."""
    posted = request.POST
    with attempt() as tried:
        orders.add_receiver(
            actor_of(request),
            kind=posted.get("kind", ""),
            value=posted.get("value", ""),
            note=posted.get("note", ""),
        )
    if tried:
        return go(request, url("office:receivers"), toast=_("On the list."))
    return _receivers_page(request, tried)


@require_POST
@requires("orders.approve")
def remove(request: HttpRequest, receiver_id: UUID) -> HttpResponse:
    """Take one off the list."""
    orders.remove_receiver(actor_of(request), receiver_id)
    return go(request, url("office:receivers"), toast=_("Off the list."))


@requires("orders.approve_rules")
def rules(request: HttpRequest) -> HttpResponse:
    """What is flagged, and what is approved by itself."""
    actor, posted = actor_of(request), request.POST
    currency = tenants.get_tenant(actor.tenant_id).currency
    with attempt() as tried:
        if request.method == "POST":
            orders.set_rules(actor, _draft(posted, currency), version=whole(posted.get("version", "")))
    if tried and request.method == "POST":
        return go(request, url("office:approval_rules"), toast=_("Rules saved."))
    refused, kept = refusal(tried), orders.rules_of_shop()
    shown = {
        name: str(Money(getattr(kept, name), currency).decimal) if getattr(kept, name) else ""
        for name in AMOUNTS
    }
    return page(
        request, "office/orders_desk/rules.html", rules=kept, shown=shown, currency=currency, errors=refused.fields,
        message=refused.message, status=refused.status, posted=posted if request.method == "POST" else None,
    )  # fmt: skip


def _draft(posted: dict[str, str], currency: str) -> orders.RulesDraft:
    found, problems = dict[str, int](), dict[str, str]()
    for name in AMOUNTS:
        text = posted.get(name, "").strip()
        try:
            found[name] = Money.parse(text, currency).minor if text else 0
        except ValueError:
            problems[name] = _("Give an amount such as 1,200 or 12.50.")
    for name in ("refusals", "duplicate_hours"):
        text = posted.get(name, "").strip()
        if text.isdecimal() and len(text) < 7:
            found[name] = int(text)
        else:
            problems[name] = _("A whole number, 0 or more.")
    if problems:
        raise Invalid(fields=problems)
    return orders.RulesDraft(**found, auto_approve=bool(posted.get("auto_approve")))
