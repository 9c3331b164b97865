"""Ways to pay: which providers the shop offers, with the keys of its accounts. A secret that was given is never shown again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.payments import public as payments
from callcart.core.http import non_atomic
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.money.typed import number_of
from callcart.web.office.refusal import refusal
from callcart.web.origin import own_url


@require_safe
@requires("payments.set_up")
def ways(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires("payments.set_up")
def save(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep the keys of a provider, and whether customers may choose it."""
    way, posted = payments.way_of(provider), request.POST
    with attempt() as tried:
        payments.set_up(
            actor_of(request), provider, values={field.name: posted.get(field.name, "") for field in way.traits.keys},
            is_on="is_on" in posted, sandbox="sandbox" in posted, position=number_of(request, "position", otherwise=-1),
        )  # fmt: skip
    if tried:
        return go(request, url("office:ways_to_pay"), toast=_("Saved."))
    return _page(request, tried, provider)


@non_atomic
@require_POST
@requires("payments.set_up")
def test(request: HttpRequest, provider: str) -> HttpResponse:
    """Try the keys at the provider."""
    failure = payments.test_connection(actor_of(request), provider)
    said = {"": _("The connection works."), "unreachable": _("The provider cannot be reached just now.")}
    refused = _("The provider refuses these keys.")
    return go(
        request, url("office:ways_to_pay"), toast=said.get(failure, refused), kind="danger" if failure else "success"
    )  # fmt: skip


def _page(request: HttpRequest, tried: Attempt | None = None, wrong: str = "") -> HttpResponse:
    refused = refusal(tried)
    return page(
        request, "office/money/ways.html", ways=payments.ways(), wrong=wrong, errors=refused.fields,
        message=refused.message, posted=request.POST if wrong else {}, status=refused.status,
        addresses={
            each.provider: own_url(request, reverse("hooks:payments", args=[each.provider]))
            for each in payments.ways()
            if each.traits.keys
        },
    )  # fmt: skip
