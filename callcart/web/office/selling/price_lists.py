"""Price lists in the office: which there are, one with its conditions and prices, prices pasted from a spreadsheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callcart.commerce.catalog.public import Variant
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import ListPrice, PriceList
from callcart.core import search
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed, words

FOUND = 500


@requires("pricing.view")
def price_lists(request: HttpRequest) -> HttpResponse:
    """All price lists in the order they are asked."""
    rows = PriceList.objects.annotate(skus=Count("prices__variant", distinct=True))
    return page(request, "office/selling/price_lists.html", lists=list(rows[:500]), words=words, typed=typed)


@requires("pricing.view")
def price_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    return _list_page(request, _get(list_id))


def _list_page(
    request: HttpRequest, found: PriceList, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    """One list: whom it is for, and its prices beside the retail price."""
    rows, chips = ListPrice.objects.filter(price_list=found).select_related("variant"), list[Chip]()
    if query := request.GET.get("q", "").strip()[:200]:
        hits = Variant.objects.filter(search.condition(query)).values_list("id", flat=True)[:FOUND]
        rows = rows.filter(variant__in=list(hits))
        chips.append(Chip("q", _("Search"), query))
    if after := cursor_of(request):
        rows = rows.filter(id__gt=after.id)
    shown = list(rows.order_by("id")[: PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    refused = refusal(tried)
    wrong = [said for name, said in refused.fields.items() if name.startswith("rows.")]
    return page(
        request, "office/selling/price_list.html", list=found, words=words, typed=typed, prices=shown, chips=chips,
        next=Cursor("", str(shown[-1].id)).text() if more else "", posted=request.POST, dialog=dialog,
        errors=refused.fields, wrong=wrong[:20], message="" if refused.fields else refused.message,
        status=refused.status,
    )  # fmt: skip


@requires("pricing.manage")
def edit(request: HttpRequest, list_id: UUID | None = None) -> HttpResponse:
    """A new list, or another name, order or condition of one."""
    found, tried, actor = _get(list_id) if list_id else None, None, actor_of(request)
    if request.method == "POST":
        form = Fields()
        with attempt() as tried:
            draft = _read(request, form)
            with form.part():
                if found is None:
                    made = pricing.create_list(actor, draft)
                else:
                    version = typed.whole(Fields(), request.POST, "version") or 0
                    made = pricing.update_list(actor, found.id, draft, version=version)
            form.done()
        if tried:
            return go(request, url("office:price_list", made.id), toast=_("Saved."))
    refused = refusal(tried)
    taken = isinstance(refused.error, pricing.ListCodeTaken)
    return page(
        request, "office/selling/price_list_edit.html", list=found, values=_values(request, found),
        errors={"code": refused.message} if taken else refused.fields, message=refused.message,
        status=refused.status, groups=typed.groups(),
    )  # fmt: skip


def _read(request: HttpRequest, form: Fields) -> pricing.ListDraft:
    posted = request.POST
    return pricing.ListDraft(
        code=posted.get("code", ""),
        name=posted.get("name", ""),
        name_zh=posted.get("name_zh", ""),
        priority=typed.whole(form, posted, "priority") or 0,
        is_active="is_active" in posted,
        starts_at=typed.moment(form, posted, "starts_at"),
        ends_at=typed.moment(form, posted, "ends_at"),
        groups=tuple(each for each in posted.getlist("group") if each in dict(typed.groups())),
        countries=typed.codes(posted.get("countries", "")),
        regions=tuple(
            each
            for each in posted.get("regions", "").replace("，", ",").replace("\n", ",").split(",")
            if each.strip()
        ),
        campaigns=typed.codes(posted.get("campaigns", "")),
        percent_bp=typed.scaled(form, posted, "percent", places=2),
    )


def _values(request: HttpRequest, found: PriceList | None) -> dict[str, Any]:
    if request.POST:
        return {**request.POST.dict(), "group": set(request.POST.getlist("group"))}
    if found is None:
        return {"group": set(), "is_active": True, "priority": "0"}
    return {
        **{name: getattr(found, name) for name in ("code", "name", "name_zh", "priority", "is_active")},
        "group": set(found.groups),
        **{name: ", ".join(getattr(found, name)) for name in ("countries", "regions", "campaigns")},
        "percent": typed.shown_percent(found.percent_bp),
        "starts_at": typed.local(found.starts_at),
        "ends_at": typed.local(found.ends_at),
    }


@require_POST
@requires("pricing.manage")
def add_prices(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """One price, or many pasted."""
    found = _get(list_id)
    pasted = "pasted" in request.POST
    with attempt() as tried:
        rows = _pasted(request) if pasted else _one(request)
        count = pricing.set_prices(actor_of(request), found.id, rows)
    if not tried:
        return _list_page(request, found, tried, dialog="paste" if pasted else "one")
    said = ngettext("%(count)d price set.", "%(count)d prices set.", count) % {"count": count}
    return go(request, url("office:price_list", found.id), toast=said)


def _pasted(request: HttpRequest) -> list[pricing.PriceRow]:
    return pricing.read_pasted(request.POST["pasted"], typed.currency_of(request))


def _one(request: HttpRequest) -> list[pricing.PriceRow]:
    form, posted = Fields(), request.POST
    price = typed.amount(form, request, "price")
    if not posted.get("price", "").strip():
        form.refuse("price", _("Give an amount, such as 12.50."))
    units = typed.whole(form, posted, "units")
    form.done()
    return [pricing.PriceRow(posted.get("sku", "").strip()[:64], price, 1 if units is None else units)]


@require_POST
@requires("pricing.manage")
def remove_price(request: HttpRequest, list_id: UUID, price_id: UUID) -> HttpResponse:
    pricing.remove_price(actor_of(request), price_id)
    return go(request, url("office:price_list", list_id), toast=_("Price taken off the list."))


def _get(list_id: UUID) -> PriceList:
    found = PriceList.objects.filter(id=list_id).first()
    if found is None:
        raise NotFound
    return found
