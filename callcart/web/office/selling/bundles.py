"""Composing a set: what is in it, how many of each. Rows and the search are one form; nothing is kept until it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import MOST_COMPONENTS, ComponentDraft, Variant, VariantHit
from callcart.commerce.inventory import public as inventory
from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.core.money import Money
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.products import version_of
from callcart.web.office.refusal import refusal

FOUND = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A component on the form; `units` as it was typed."""

    variant: VariantHit
    units: str
    error: str = ""


@requires("catalog.manage")
def bundle(request: HttpRequest, product_id: UUID, variant_id: UUID) -> HttpResponse:
    """Search, add, take out and change units; then save all of it on the version that was opened."""
    found = Variant.objects.select_related("product").filter(id=variant_id, product_id=product_id).first()
    if found is None:
        raise NotFound
    act, tried = request.POST.get("act", ""), None
    wanted = _typed(request) if request.method == "POST" else _stored(found)
    if act.startswith("add-") and (added := read_id(act.removeprefix("add-"))):
        wanted = [*wanted, (added, "1")]
    elif act.startswith("remove-"):
        wanted = [each for each in wanted if str(each[0]) != act.removeprefix("remove-")]
    elif act == "save":
        drafts = [ComponentDraft(each, _units(units)) for each, units in wanted]
        with attempt() as tried:
            catalog.compose(actor_of(request), variant_id, drafts, version=version_of(request))
        if tried:
            return go(request, url("office:product", product_id), toast=_("Saved."))
    return _page(request, found, wanted, tried)


def _stored(found: Variant) -> list[tuple[UUID, str]]:
    return [(each.variant_id, str(each.units)) for each in catalog.pieces_of([found.id]).get(found.id, ())]


def _typed(request: HttpRequest) -> list[tuple[UUID, str]]:
    """The rows as they stand on the form; what is no id is nobody's row."""
    rows = zip(request.POST.getlist("component"), request.POST.getlist("units"), strict=False)
    found = [(read_id(each), units.strip()[:6]) for each, units in rows]
    return [(each, units) for each, units in found if each is not None][: MOST_COMPONENTS + 1]


def _units(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _page(
    request: HttpRequest, found: Variant, wanted: list[tuple[UUID, str]], tried: Attempt | None
) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    known, query = catalog.variants(each for each, _units in wanted), request.POST.get("q", "")[:100]
    rows = [
        Row(
            known[each],
            units,
            refused.fields.get(f"components.{index}.variant_id", "")
            or refused.fields.get(f"components.{index}.units", ""),
        )
        for index, (each, units) in enumerate(wanted)
        if each in known
    ]
    apart = sum(row.variant.price.minor * _units(row.units) for row in rows)
    stock = inventory.availability(known) if actor.can("inventory.view") else {}
    left = {each: sum(max(row.available, 0) for row in its) for each, its in stock.items()}
    return page(
        request, "office/selling/bundle.html", product=found.product, variant=found, rows=rows, query=query,
        hits=_hits(query, {found.id, *known}), left=left, apart=Money(apart, found.currency),
        price=Money(found.price_minor, found.currency), version=request.POST.get("version") or found.version,
        message=refused.fields.get("components") or ("" if refused.fields else refused.message),
        is_bundle=bool(_stored(found)), status=refused.status,
    )  # fmt: skip


def _hits(query: str, without: set[UUID]) -> list[VariantHit]:
    """Single products that fit a search and are not in the set yet."""
    found = (
        catalog.search_variants(query, limit=FOUND * 2, only_on_sale=False, forgiving=True) if query else []
    )
    sets = catalog.bundles_among(each.id for each in found)
    return [each for each in found if each.id not in sets | without][:FOUND]
