"""Tax in the office: classes, rates by place and time, and whether prices hold the tax already."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import TaxClass, TaxRate
from callcart.core.clock import today
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant, settings_of, update_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed


@requires("pricing.view")
def taxes(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, tried: Attempt | None = None, *, dialog: str = "") -> HttpResponse:
    tenant, refused = get_tenant(actor_of(request).tenant_id), refusal(tried)
    rates = TaxRate.objects.select_related("tax_class").order_by(
        "tax_class__code", "country", "region", "valid_from"
    )
    return page(
        request, "office/selling/taxes.html", classes=list(TaxClass.objects.all()), rates=list(rates[:1000]),
        included=settings_of(tenant).prices_include_tax, today=today(tenant.timezone), typed=typed,
        posted=request.POST, dialog=dialog, errors=refused.fields, country=tenant.country,
        message="" if refused.fields else refused.message, status=refused.status,
    )  # fmt: skip


@require_POST
@requires("pricing.tax")
def save_class(request: HttpRequest) -> HttpResponse:
    posted = request.POST
    with attempt() as tried:
        pricing.save_tax_class(
            actor_of(request),
            posted.get("code", "").strip().lower()[:100],
            name=posted.get("name", ""),
            name_zh=posted.get("name_zh", ""),
            is_default="is_default" in posted,
        )
    return (
        go(request, url("office:taxes"), toast=_("Saved."))
        if tried
        else _page(request, tried, dialog="class")
    )


@require_POST
@requires("pricing.tax")
def add_rate(request: HttpRequest) -> HttpResponse:
    posted, form = request.POST, Fields()
    chosen = TaxClass.objects.filter(code=posted.get("tax_class", "")[:100]).first()
    if chosen is None:
        form.refuse("tax_class", _("Choose one of the values offered."))
    with attempt() as tried:
        draft = pricing.RateDraft(
            tax_class_id=chosen.id if chosen else UUID(int=0),
            country=posted.get("country", ""),
            region=posted.get("region", ""),
            rate_ppm=typed.scaled(form, posted, "rate", places=4),
            name=posted.get("name", ""),
            name_zh=posted.get("name_zh", ""),
            valid_from=typed.day(form, posted, "valid_from"),
            valid_to=typed.day(form, posted, "valid_to"),
        )
        with form.part():
            pricing.add_rate(actor_of(request), draft)
        form.done()
    return (
        go(request, url("office:taxes"), toast=_("Rate added."))
        if tried
        else _page(request, tried, dialog="rate")
    )


@require_POST
@requires("pricing.tax")
def remove_rate(request: HttpRequest, rate_id: UUID) -> HttpResponse:
    """Taken away, or ended with a day."""
    form = Fields()
    with attempt() as tried:
        last = typed.day(form, request.POST, "valid_to")
        form.done()
        if last is None:
            pricing.remove_rate(actor_of(request), rate_id)
        else:
            pricing.end_rate(actor_of(request), rate_id, last_day=last)
    return go(request, url("office:taxes"), toast=_("Saved.")) if tried else _page(request, tried)


@require_POST
@requires("pricing.tax", "tenants.manage")
def set_included(request: HttpRequest) -> HttpResponse:
    """Whether the prices typed everywhere hold the tax; orders placed keep what they are."""
    update_tenant(actor_of(request), settings={"prices_include_tax": request.POST.get("included") == "1"})
    return go(request, url("office:taxes"), toast=_("Saved."))
