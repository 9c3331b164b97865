"""Waybill templates: made, changed by a new version that keeps the old ones, chosen for a carrier, shown before they are used."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from PIL import Image, UnidentifiedImageError
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.fulfilment.drawing import draw
from callcart.commerce.fulfilment.filling import sample
from callcart.commerce.fulfilment.layout import Layout, read_layout, standard
from callcart.commerce.fulfilment.models import Template, TemplateVersion
from callcart.commerce.shipping.public import Carrier
from callcart.core import audit, files
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields

MOST_LOGO_BYTES, MOST_LOGO_SIDE = 2_000_000, 1200
_MOST_PIXELS = 25_000_000


class TemplateChanged(Conflict):
    """Somebody changed this template in the meantime. Load it again, then repeat your change."""

    code = "fulfilment.template_changed"


class NameTaken(Conflict):
    """Another template has this name."""

    code = "fulfilment.template_name_taken"


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """A template as it is to be. `elements` are as `layout.read_layout` wants them; `version` is the one that was changed."""

    name: str
    width: Any
    height: Any
    elements: Any
    carrier_id: UUID | None = None
    is_default: bool = False
    version: int = 0


def save_template(actor: Actor, draft: TemplateDraft, *, template_id: UUID | None = None) -> Template:
    """Make a template, or a new version of one; what is printed already keeps the old. Raises NotFound, Invalid, NameTaken,
    TemplateChanged."""
    actor.require("fulfilment.design")
    fields = Fields()
    name = fields.line("name", draft.name, most=60, required=True)
    carrier = Carrier.objects.filter(id=draft.carrier_id).first() if draft.carrier_id else None
    if draft.carrier_id and carrier is None:
        fields.refuse("carrier", gettext("Choose one of the values offered."))
    layout = None
    with fields.part():
        layout = read_layout(draft.width, draft.height, draft.elements)
    fields.done()
    template = _locked(template_id) if template_id else Template(name=name)
    if template_id and template.version != draft.version:
        raise TemplateChanged(version=template.version)
    before = {"name": template.name, "version": template.version, "is_default": template.is_default}
    template.name, template.carrier, template.is_default = name, carrier, draft.is_default
    template.changed_at = now()
    if draft.is_default:
        Template.objects.filter(is_default=True, carrier=carrier).exclude(id=template.id).update(
            is_default=False
        )
    if layout is not None and not _is_newest(template, layout):
        template.version += 1
    _store(template)
    if layout is not None:
        _keep_version(actor, template, layout)
    audit.record(
        actor, "fulfilment.save_template", subject=("template", template.id), before=before if template_id else None,
        after={"name": name, "version": template.version, "is_default": template.is_default},
    )  # fmt: skip
    return template


def _locked(template_id: UUID) -> Template:
    found = (
        Template.objects.select_for_update(no_key=True, of=("self",))
        .filter(id=template_id, is_active=True)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _is_newest(template: Template, layout: Layout) -> bool:
    newest = template.versions.filter(number=template.version).first() if template.version else None
    return newest is not None and _layout_of(newest) == layout


def _store(template: Template) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        if (
            getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
            != "fulfilment_template_name"
        ):
            raise
        raise NameTaken from error


def _keep_version(actor: Actor, template: Template, layout: Layout) -> None:
    TemplateVersion.objects.get_or_create(
        template=template, number=template.version,
        defaults={
            "width": round(layout.width * 10), "height": round(layout.height * 10), "elements": layout.plain(), "made_at": now(),
            "made_by": actor.name,
        },
    )  # fmt: skip


def restore_version(actor: Actor, template_id: UUID, number: int) -> Template:
    """An old version becomes the newest. Raises NotFound, and Invalid where it has what can no longer be printed."""
    actor.require("fulfilment.design")
    template = _locked(template_id)
    old = template.versions.filter(number=number).first()
    if old is None:
        raise NotFound
    layout = _layout_of(old)
    template.version, template.changed_at = template.version + 1, now()
    template.save(update_fields=["version", "changed_at"])
    _keep_version(actor, template, layout)
    audit.record(
        actor, "fulfilment.restore_template", subject=("template", template.id), after={"from": number, "version": template.version}
    )  # fmt: skip
    return template


def remove_template(actor: Actor, template_id: UUID) -> None:
    """It is offered no more; what was printed by it stays. Raises NotFound."""
    actor.require("fulfilment.design")
    template = _locked(template_id)
    template.is_active, template.is_default = False, False
    template.name = f"{template.name} †{template.id.hex[-6:]}"
    template.save(update_fields=["is_active", "is_default", "name"])
    audit.record(
        actor, "fulfilment.remove_template", subject=("template", template.id), before={"name": template.name}
    )


def list_templates() -> list[Template]:
    return list(Template.objects.filter(is_active=True).select_related("carrier"))


def get_template(template_id: UUID) -> Template:
    """Raises NotFound."""
    found = Template.objects.filter(id=template_id, is_active=True).select_related("carrier").first()
    if found is None:
        raise NotFound
    return found


def layout_of(template: Template, *, number: int | None = None) -> Layout:
    """A version's layout, the newest if none is named. Raises NotFound; Invalid where a field is no longer known."""
    version = template.versions.filter(number=template.version if number is None else number).first()
    if version is None:
        raise NotFound
    return _layout_of(version)


def _layout_of(version: TemplateVersion) -> Layout:
    return read_layout(version.width / 10, version.height / 10, version.elements)


def layouts_for(carriers: Iterable[str]) -> dict[str, Layout]:
    """By a carrier's name as documents have it: its default template, else the one for all, else the standard waybill. Raises
    Invalid, naming the template, where one has what can no longer be printed."""
    defaults = {each.carrier_id: each for each in Template.objects.filter(is_default=True, is_active=True)}
    known = list(Carrier.objects.all())
    found: dict[str, Layout] = {}
    for name in set(carriers):
        its = next((each for each in known if name.casefold() in {each.code.casefold(), each.name.casefold(), each.name_zh.casefold()}), None) if name else None  # fmt: skip
        template = defaults.get(its.id if its else None) or defaults.get(None)
        found[name] = checked_layout(template) if template else standard()
    return found


def checked_layout(template: Template) -> Layout:
    """Its newest layout; Invalid names the template too."""
    try:
        return layout_of(template)
    except Invalid as error:
        problems = " ".join(error.fields.values())
        said = gettext("The template “%(name)s” cannot be printed. %(problems)s")
        raise Invalid(fields={"template": said % {"name": template.name, "problems": problems}}) from error


def preview(layout: Layout, *, language: str) -> tuple[bytes, list[str]]:
    """A PDF of a sample order, and what did not fit."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1)
    problems = draw(canvas, layout, sample(language))
    canvas.save()
    return out.getvalue(), problems


def add_logo(actor: Actor, body: bytes) -> str:
    """Keep a picture for templates; its key. It is read and written anew, so that nothing but a picture is stored. Raises
    Invalid."""
    actor.require("fulfilment.design")
    said = gettext("A PNG or JPEG picture of at most 2 MB.")
    if not 0 < len(body) <= MOST_LOGO_BYTES:
        raise Invalid(fields={"logo": said})
    try:
        with Image.open(io.BytesIO(body), formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise Invalid(fields={"logo": said})
            picture.load()
            plain = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(fields={"logo": said}) from error
    plain.thumbnail((MOST_LOGO_SIDE, MOST_LOGO_SIDE))
    out = io.BytesIO()
    plain.save(out, "PNG")
    key = files.put(out.getvalue(), kind="logo", suffix=".png")
    audit.record(actor, "fulfilment.add_logo", after={"key": key})
    return key
