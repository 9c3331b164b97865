"""The telephone PIN of a customer: whether there is one, setting another, taking it away. It is never shown."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.engage.ivr import pins
from callcart.engage.ivr.pin_rules import PIN_DIGITS
from callcart.people.customers.public import get_customer
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal


@requires("customers.view", "ivr.pins")
def pin(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Set one, or look whether there is one."""
    actor, tried = actor_of(request), Attempt()
    customer = get_customer(customer_id)
    if request.method == "POST":
        with attempt() as tried:
            pins.set_pin(actor, customer_id, request.POST.get("pin", ""))
        if tried:
            return go(
                request, url("office:customer", customer_id), toast=_("The PIN holds from the next call on.")
            )
    refused = refusal(tried)
    return page(
        request, "office/ivr/pin.html", customer=customer, found=pins.pin_set(actor, customer_id), digits=PIN_DIGITS,
        errors=refused.fields, message=refused.message, status=refused.status,
    )  # fmt: skip


@require_POST
@requires("customers.view", "ivr.pins")
def remove(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    pins.remove_pin(actor_of(request), customer_id)
    return go(request, url("office:customer", customer_id), toast=_("PIN removed."))
