"""The shop's rules of returns: days by kind and category, what is accepted by itself, fee and delivery, warranty by product."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Warranty
from callcart.commerce.aftersales.public import DEFAULT_DAYS, Kind, RulesDraft, TimeRule
from callcart.commerce.catalog.public import Category, list_categories, variant_by_code
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.people.customers.models import Tier
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.aftersales import words
from callcart.web.office.parcels.numbers import amount, basis_points, minor, per_cent, whole
from callcart.web.office.refusal import refusal

NEVER = "-"


@requires("aftersales.rules")
def rules(request: HttpRequest) -> HttpResponse:
    tried = None
    if request.method == "POST":
        with attempt() as tried:
            aftersales.set_rules(actor_of(request), _draft(request.POST), version=version_seen(request))
        if tried:
            return go(request, url("office:returns_rules"), toast=_("Saved."))
    return _page(request, tried)


def _page(request: HttpRequest, tried: Attempt | None, *, part: str = "rules") -> HttpResponse:
    said, found = refusal(tried), aftersales.rules_of()
    days = {(row.kind, row.category_id): row.days for row in TimeRule.objects.all()}
    shown: list[Category | None] = [None, *list_categories()]
    return page(
        request, "office/aftersales/rules.html", status=said.status, said=said, part=part, rules=found, posted=request.POST,
        kinds=[(str(each), words.kind(each)) for each in Kind], tiers=Tier.choices, carriages=words.carriages(),
        rows=[(each, {kind: _shown(days, kind, each) for kind in Kind}) for each in shown], never=NEVER,
        auto_below=amount(found.auto_below_minor, get_tenant().currency), fee=per_cent(found.fee_bp),
        currency=get_tenant().currency,
        warranties=list(Warranty.objects.select_related("product").order_by("product__name")[:200]),
    )  # fmt: skip


def _shown(days: dict[tuple[str, UUID | None], int | None], kind: Kind, category: Category | None) -> str:
    key = (str(kind), category.id if category else None)
    if key in days:
        return NEVER if days[key] is None else str(days[key])
    if category is not None:
        return ""
    default = DEFAULT_DAYS[kind]
    return NEVER if default is None else str(default)


def _draft(posted: QueryDict) -> RulesDraft:
    fields, currency = Fields(), get_tenant().currency
    below = fee = 0
    wait = 14
    with fields.part():
        below = minor(posted.get("auto_below", ""), "auto_below", currency)
    with fields.part():
        fee = basis_points(posted.get("fee", ""), "fee")
    with fields.part():
        wait = whole(posted.get("wait_days", ""), "wait_days")
    days: dict[tuple[str, UUID | None], int | None] = {}
    for category in [None, *list_categories()]:
        for kind in Kind:
            _read_days(fields, posted, kind, category, days)
    fields.done()
    return RulesDraft(
        auto_below_minor=below, auto_tiers=tuple(posted.getlist("auto_tiers")),
        at_once_tiers=tuple(posted.getlist("at_once_tiers")), fee_bp=fee, carriage=posted.get("carriage", ""),
        wait_days=wait, address=posted.get("address", ""), days=days,
    )  # fmt: skip


def _read_days(
    fields: Fields,
    posted: QueryDict,
    kind: Kind,
    category: Category | None,
    days: dict[tuple[str, UUID | None], int | None],
) -> None:
    name = f"days.{kind}.{category.id if category else 'all'}"
    text = posted.get(name, "").strip()
    key = (str(kind), category.id if category else None)
    if text == NEVER:
        days[key] = None
    elif text:
        with fields.part():
            days[key] = whole(text, name)


@require_POST
@requires("aftersales.rules")
def warranty(request: HttpRequest) -> HttpResponse:
    """Months of warranty of the product that a code belongs to; 0 takes it off."""
    with attempt() as tried:
        hit = variant_by_code(request.POST.get("code", "").strip()[:100])
        if hit is None:
            raise Invalid(fields={"code": _("There is no product with this code.")})
        aftersales.set_warranty(
            actor_of(request), hit.product_id, months=whole(request.POST.get("months", ""), "months")
        )
    if tried:
        return go(request, url("office:returns_rules"), toast=_("Saved."))
    return _page(request, tried, part="warranty")
