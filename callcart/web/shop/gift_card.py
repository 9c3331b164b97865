"""What is on a gift card: asked for by its code, counted like every look-up of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from callcart.commerce.payments import public as payments
from callcart.core.clock import today
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant
from callcart.web.http import attempt
from callcart.web.shop.visit import show


@require_http_methods(["GET", "HEAD", "POST"])
def gift_card(request: HttpRequest) -> HttpResponse:
    """The balance, its last day, and whether it pays."""
    code = request.POST.get("code", "")[:100]
    if request.method != "POST":
        return show(request, "shop/gift_card.html", found=None, form={}, errors={}, message="")
    with attempt() as tried:
        found = payments.find_card(code, address=request.META.get("REMOTE_ADDR", ""))
    if not tried:
        return show(
            request, "shop/gift_card.html", found=None, form={"code": code}, errors=tried.fields,
            message="" if tried.fields else tried.message, status=tried.status,
        )  # fmt: skip
    return show(
        request, "shop/gift_card.html", found=found, form={}, errors={}, message="",
        name=payments.name_of(found), balance=Money(found.balance_minor, found.currency),
        state=payments.state_of(found, today(get_tenant().timezone)),
    )  # fmt: skip
