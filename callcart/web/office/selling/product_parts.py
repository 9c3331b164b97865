"""Parts of a product's page that are changed by themselves: its specifications and its pictures."""

from __future__ import annotations

from typing import BinaryIO, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import Product, Spec
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.products import product_page
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed


@requires("catalog.manage")
def specs(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """All the fields a product's category has, in one form."""
    product = Product.objects.filter(id=product_id).first()
    if product is None:
        raise NotFound
    its, posted, tried = catalog.specs_of(product), request.POST, None
    if request.method == "POST":
        version = typed.whole(Fields(), posted, "version")
        # A field that somebody declared since the form was opened is not in it, and stays as it is.
        given = {
            each.field.id: (posted[name], posted.get(f"{name}.zh", ""))
            for each in its
            if (name := f"spec.{each.field.id}") in posted
        }
        with attempt() as tried:
            catalog.set_specs(actor_of(request), product_id, given, version=version)
        if tried:
            return go(request, url("office:product", product_id), toast=_("Saved."))
    refused = refusal(tried)
    return page(
        request, "office/selling/product_specs.html", product=product, specs=its, asked=_asked, posted=posted,
        errors=refused.fields, message=refused.message, status=refused.status,
    )  # fmt: skip


def _asked(spec: Spec) -> tuple[str, str]:
    """What stands in a field: the value as it is typed, and its Chinese for a text."""
    value = spec.value
    if value is None:
        return "", ""
    if value.number is not None:
        return catalog.plain(value.number), ""
    if value.yes is not None:
        return "yes" if value.yes else "no", ""
    return value.choice or value.text, value.text_zh


@require_POST
@requires("catalog.manage")
def add_picture(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """Pictures from a form, one or several; one that is refused keeps the others out too, so that nobody has to look which."""
    sent = request.FILES.getlist("picture")
    with attempt() as tried:
        if not sent:
            raise Invalid(fields={"picture": _("Choose a picture.")})
        if len(sent) > 10:
            raise Invalid(fields={"picture": _("At most 10 pictures at once.")})
        for each in sent:
            catalog.add_picture(
                actor_of(request), product_id, cast(BinaryIO, each),
                alt=request.POST.get("alt", ""), alt_zh=request.POST.get("alt_zh", ""),
            )  # fmt: skip
    if not tried:
        return product_page(request, product_id, tried, dialog="picture")
    return go(request, url("office:product", product_id) + "#pictures", toast=_("Picture added."))


@require_POST
@requires("catalog.manage")
def change_picture(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """Words of a picture, its place, which variant it shows, or taking it off."""
    actor, posted = actor_of(request), request.POST
    key, act = posted.get("key", "")[:500], posted.get("act", "")
    with attempt(Invalid) as tried:
        if act in ("first", "earlier", "later"):
            by = {"first": -1000, "earlier": -1, "later": 1}[act]
            catalog.move_picture(actor, product_id, key, by=by)
        elif act == "remove":
            catalog.remove_picture(actor, product_id, key)
        else:
            words = {name: posted.get(name, "") for name in ("alt", "alt_zh")}
            catalog.describe_picture(actor, product_id, key, **words)
            _show_variants(request, product_id, key)
    if not tried:
        return product_page(request, product_id, tried, dialog=f"picture-{key}")
    return go(request, url("office:product", product_id) + "#pictures")


def _show_variants(request: HttpRequest, product_id: UUID, key: str) -> None:
    """The variants ticked are shown by this picture; those that were and are ticked no more by the main one."""
    ticked = {read_id(each) for each in request.POST.getlist("variant")}
    for each in catalog.product(product_id)[1]:
        if each.id in ticked and each.image != key:
            catalog.show_variant(actor_of(request), each.id, key)
        elif each.id not in ticked and each.image == key:
            catalog.show_variant(actor_of(request), each.id, "")
