"""The category tree in the office: which there are, one with its specification fields, renaming, moving, removing."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import Branch, Category, Product
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.people.tenants.public import get_tenant, name_fields
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed, words
from callcart.web.reader import reader

INDENT = "\u2003"


@requires("catalog.view")
def categories(request: HttpRequest) -> HttpResponse:
    """The whole tree, each with how many products and fields it has itself."""
    fields = dict(
        Category.objects.annotate(fields=Count("spec_fields")).values_list("id", "fields").order_by()
    )
    return page(request, "office/selling/categories.html", tree=tree(), fields=fields)


def tree() -> list[Branch]:
    """All categories in order with their products counted."""
    rows = Product.objects.filter(category__isnull=False).values_list("category").order_by()
    return catalog.category_tree({key: count for key, count in rows.annotate(count=Count("id")) if key})


@requires("catalog.view")
def category(request: HttpRequest, category_id: UUID) -> HttpResponse:
    return category_page(request, category_id)


def category_page(
    request: HttpRequest, category_id: UUID, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    """One category: where it lies, what is in it, the fields its goods have. `dialog`: the one refused."""
    found, branches, refused = get(category_id), tree(), refusal(tried)
    way = catalog.way_to(category_id)
    inside = [each for each in branches if each.category.parent_id == category_id]
    here = next(each for each in branches if each.category.id == category_id)
    return page(
        request, "office/selling/category.html", category=found, way=way[:-1], inside=inside, products=here.products,
        fields=catalog.fields_of(category_id), kinds=words.spec_kinds(), places=_places(branches, category_id),
        sisters=[each for each in branches if each.category.parent_id == found.parent_id],
        dialog=dialog, errors=refused.fields, message="" if refused.fields else refused.message,
        posted=request.POST, status=refused.status,
    )  # fmt: skip


def _places(branches: list[Branch], moved: UUID) -> list[tuple[str, str]]:
    """Where a category can be moved to: everywhere but into itself."""
    language, found, hidden = reader().language, list[tuple[str, str]](), {moved}
    for each in branches:
        if each.category.id in hidden or each.category.parent_id in hidden:
            hidden.add(each.category.id)
            continue
        found.append((str(each.category.id), f"{INDENT * each.depth}{each.category.name_in(language)}"))
    return found


@requires("catalog.manage")
def edit(request: HttpRequest, category_id: UUID | None = None) -> HttpResponse:
    """A new category, or another name or address of one."""
    found, tried, actor, posted = (
        get(category_id) if category_id else None,
        None,
        actor_of(request),
        request.POST,
    )
    branches = tree()
    if request.method == "POST":
        names = {name: posted.get(name, "") for name in ("name", "name_zh", "slug")}
        with attempt() as tried:
            if found is None:
                parent = read_id(posted.get("parent", ""))
                last = sum(each.category.parent_id == parent for each in branches)
                draft = catalog.CategoryDraft(**names, parent_id=parent, position=last)
                made = catalog.create_category(actor, draft)
            else:
                version = typed.whole(Fields(), posted, "version")
                made = catalog.update_category(actor, found.id, version=version, **names)
        if tried:
            return go(request, url("office:category", made.id), toast=_("Saved."))
    refused = refusal(tried)
    taken = isinstance(refused.error, catalog.SlugTaken)
    values = {name: getattr(found, name, "") for name in ("name", "name_zh", "slug")}
    return page(
        request, "office/selling/category_edit.html", category=found, values=posted if posted else values,
        own_names=name_fields(get_tenant()), places=_places(branches, UUID(int=0)), parent=posted.get("parent", request.GET.get("in", "")),
        errors={"slug": refused.message} if taken else refused.fields, message=refused.message, status=refused.status,
    )  # fmt: skip


@require_POST
@requires("catalog.manage")
def move(request: HttpRequest, category_id: UUID) -> HttpResponse:
    """One place up or down among its sisters, or last in another category."""
    found, posted = get(category_id), request.POST
    sisters = [each.category.id for each in tree() if each.category.parent_id == found.parent_id]
    with attempt() as tried:
        if by := {"up": -1, "down": 1}.get(posted.get("by", "")):
            place = max(0, sisters.index(category_id) + by)
            catalog.move_category(actor_of(request), category_id, parent_id=found.parent_id, place=place)
        else:
            parent = read_id(posted.get("parent", ""))
            catalog.move_category(actor_of(request), category_id, parent_id=parent, place=10**6)
    if not tried:
        return category_page(request, category_id, tried, dialog="move")
    back = url("office:categories") if posted.get("back") == "tree" else url("office:category", category_id)
    return go(request, back, toast=_("Moved."))


@require_POST
@requires("catalog.manage")
def remove(request: HttpRequest, category_id: UUID) -> HttpResponse:
    """Take an empty category away."""
    with attempt() as tried:
        catalog.remove_category(actor_of(request), category_id)
    if not tried:
        return category_page(request, category_id, tried)
    return go(request, url("office:categories"), toast=_("Category removed."))


def get(category_id: UUID) -> Category:
    """Raises NotFound."""
    found = Category.objects.filter(id=category_id).first()
    if found is None:
        raise NotFound
    return found
