"""The editor of waybill templates: fields placed on a page by mouse or keyboard, shown with a sample order, kept in versions."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from uuid import UUID

import pypdfium2
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.public import Layout, Template, TemplateDraft
from callcart.commerce.shipping.public import Carrier
from callcart.core.errors import Invalid, NotFound
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.parcels.choices import chosen
from callcart.web.office.parcels.waves import pdf
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

MOST_JSON = 200_000
DOTS = 2.2  # pixels a point in the picture of a preview


@requires("shipping.view")
def templates(request: HttpRequest) -> HttpResponse:
    return page(
        request, "office/parcels/templates.html", rows=fulfilment.list_templates(), may=actor_of(request).can("fulfilment.design"),
    )  # fmt: skip


@requires("fulfilment.design")
def template(request: HttpRequest, template_id: UUID | None = None) -> HttpResponse:
    """Make one, or change one."""
    found = fulfilment.get_template(template_id) if template_id else None
    tried: Attempt | None = None
    if request.method == "POST":
        saved = None
        with attempt() as tried:
            saved = fulfilment.save_template(actor_of(request), _draft(request), template_id=template_id)
        if saved is not None and tried:
            return go(request, url("office:waybill_template", saved.id), toast=_("Saved as version %(number)s.") % {"number": saved.version})  # fmt: skip
    return _editor(request, found, tried)


def _draft(request: HttpRequest) -> TemplateDraft:
    posted = request.POST
    carrier = chosen(request, "carrier") if posted.get("carrier") else None
    return TemplateDraft(
        name=posted.get("name", ""), width=posted.get("width", ""), height=posted.get("height", ""), elements=_elements(request),
        carrier_id=carrier, is_default="is_default" in posted, version=version_seen(request),
    )  # fmt: skip


def _elements(request: HttpRequest) -> Any:
    text = request.POST.get("elements", "")
    try:
        if len(text) > MOST_JSON:
            raise ValueError
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(fields={"elements": _("This is not a list of elements.")}) from None


def _editor(request: HttpRequest, found: Template | None, tried: Attempt | None) -> HttpResponse:
    said, posted = refusal(tried), request.POST
    layout = _shown(request, found)
    elements = posted.get("elements") or json.dumps(
        layout.plain() if layout else [], ensure_ascii=False, indent=1
    )
    return page(
        request, "office/parcels/template.html", edited=found, said=said, status=said.status, posted=posted, elements=elements,
        width=posted.get("width") or f"{layout.width if layout else 100:g}", height=posted.get("height") or f"{layout.height if layout else 150:g}",
        fields=fulfilment.FIELDS, sample=fulfilment.sample(reader().language), pages=fulfilment.PAGES, words=_words(),
        carriers=[(str(each.id), each.name_in(reader().language)) for each in Carrier.objects.filter(is_active=True)],
        versions=list(found.versions.all()[:20]) if found else [], number=_number(request, found), formats=_formats(),
    )  # fmt: skip


def _number(request: HttpRequest, found: Template | None) -> int:
    text = request.GET.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 7 else found.version if found else 0


def _shown(request: HttpRequest, found: Template | None) -> Layout | None:
    """The version asked for; of a new one the standard waybill in the size asked for. One that can no longer be printed is an
    empty page with what is wrong beside it."""
    if found is None:
        sizes = {f"{width:g}x{height:g}": (width, height) for _name, width, height in fulfilment.PAGES}
        return fulfilment.standard(*sizes.get(request.GET.get("page", ""), (100, 150)))
    try:
        return fulfilment.layout_of(found, number=_number(request, found))
    except Invalid:
        return None


def _formats() -> dict[str, str]:
    return {
        "plain": _("As it is"),
        "grouped": _("Digits in groups"),
        "upper": _("CAPITALS"),
        "masked": _("Middle hidden"),
    }


def _words() -> dict[str, str]:
    """What the editor says."""
    return {
        "template_static": _("Text"), "template_line": _("Line"), "template_box": _("Frame"), "template_logo": _("Picture"),
        "template_place": _("{name}, {x} mm from the left, {y} mm from the top"), "template_none": _("Nothing chosen"),
        "template_offline": _("No connection. Nothing is lost; try again."),
    }  # fmt: skip


@require_POST
@requires("fulfilment.design")
def preview(request: HttpRequest) -> HttpResponse:
    """What is on the screen, unsaved, with a sample order: a PDF, or a picture of it for the page."""
    with attempt(Invalid) as tried:
        layout = fulfilment.read_layout(
            request.POST.get("width", ""), request.POST.get("height", ""), _elements(request)
        )
    if not tried:
        return JsonResponse({"message": " ".join(tried.fields.values())}, status=tried.status)
    body, problems = fulfilment.preview(layout, language=reader().language)
    if request.headers.get("Accept") != "application/json":
        return pdf(body, "waybill-preview")
    picture = "data:image/png;base64," + base64.b64encode(as_picture(body)).decode()
    return JsonResponse({"picture": picture, "problems": problems})


def as_picture(body: bytes) -> bytes:
    """The first page as PNG."""
    document = pypdfium2.PdfDocument(io.BytesIO(body))
    try:
        out = io.BytesIO()
        document[0].render(scale=DOTS).to_pil().save(out, "PNG")
        return out.getvalue()
    finally:
        document.close()


@require_POST
@requires("fulfilment.design")
def restore(request: HttpRequest, template_id: UUID, number: int) -> HttpResponse:
    with attempt() as tried:
        fulfilment.restore_version(actor_of(request), template_id, number)
    if tried:
        return go(
            request,
            url("office:waybill_template", template_id),
            toast=_("The old version is the newest again."),
        )
    return _editor(request, fulfilment.get_template(template_id), tried)


@require_POST
@requires("fulfilment.design")
def remove(request: HttpRequest, template_id: UUID) -> HttpResponse:
    fulfilment.remove_template(actor_of(request), template_id)
    return go(request, url("office:waybill_templates"), toast=_("Removed."))


@require_POST
@requires("fulfilment.design")
def logo(request: HttpRequest) -> HttpResponse:
    """Keep a picture; its key goes into the element."""
    sent = request.FILES.get("logo")
    with attempt(Invalid) as tried:
        body = sent.read(2_000_001) if sent else b""
        key = fulfilment.add_logo(actor_of(request), body)
    if not tried:
        return JsonResponse({"message": " ".join(tried.fields.values())}, status=tried.status)
    return JsonResponse({"image": key})


@requires("shipping.view")
def as_pdf(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """A saved version with a sample order."""
    found = fulfilment.get_template(template_id)
    try:
        layout = fulfilment.layout_of(found, number=_number(request, found))
    except Invalid as error:
        raise NotFound from error
    body, _problems = fulfilment.preview(layout, language=reader().language)
    return pdf(body, f"waybill-{found.version}")
