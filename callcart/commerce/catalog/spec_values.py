"""What products' specifications are: setting them, reading them for a page, and finding products by them. What a product has from a
category it was moved out of is kept and found, and shown again when it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from callcart.commerce.catalog.change import keep_product, locked_product
from callcart.commerce.catalog.models import Category, Product, SpecField, SpecKind, SpecValue
from callcart.commerce.catalog.spec_words import words_of
from callcart.commerce.catalog.specs import fields_of
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.language import in_language

LONGEST_TEXT = 300
_MOST_NUMBER = Decimal(10**12)
_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Spec:
    """A field and what a product's value of it is, `value` None where it has none."""

    field: SpecField
    value: SpecValue | None

    def shown_in(self, language: str) -> str:
        """The value in words; empty where there is none."""
        return shown(self.field, self.value, language) if self.value else ""


def specs_of(product: Product, categories: Sequence[Category] | None = None) -> list[Spec]:
    """Every field a product's category has, in order, with the product's value."""
    values = {each.field_id: each for each in SpecValue.objects.filter(product=product)}
    return [Spec(field, values.get(field.id)) for field in fields_of(product.category_id, categories)]


def shown(field: SpecField, value: SpecValue, language: str) -> str:
    """A value in words: `1.5 L`, `Stainless steel`, `Yes`."""
    if field.kind == SpecKind.NUMBER and value.number is not None:
        return f"{plain(value.number)} {field.unit_in(language)}".strip()
    if field.kind == SpecKind.CHOICE:
        return dict(field.choices_in(language)).get(value.choice, "")
    if field.kind == SpecKind.YES_NO and value.yes is not None:
        return gettext("Yes") if value.yes else gettext("No")
    return in_language(language, value.text, value.text_zh)


def plain(number: Decimal) -> str:
    """A number without zeros at its end."""
    return f"{number.normalize():f}" if number else "0"


def set_specs(
    actor: Actor, product_id: UUID, typed: Mapping[UUID, tuple[str, str]], *, version: int | None = None
) -> Product:
    """Set a product's specifications as they were typed, by field: (value, its Chinese for a text). An empty one takes the
    value away, fields left out stay. Raises NotFound, Conflict, Invalid naming each field (`spec.<id>`)."""
    actor.require("catalog.manage")
    product = locked_product(product_id, version)
    known = {each.id: each for each in fields_of(product.category_id)}
    if set(typed) - known.keys():
        raise NotFound
    form = Fields()
    read = {field_id: _read(form, known[field_id], *texts) for field_id, texts in typed.items()}
    form.done()
    its = {each.field_id: each for each in SpecValue.objects.filter(product=product)}
    before, after = dict[str, Any](), dict[str, Any]()
    for field_id, columns in read.items():
        name, old = known[field_id].name or known[field_id].name_zh, its.get(field_id)
        if columns is None:
            if old is not None:
                before[name], after[name] = shown(known[field_id], old, "en"), ""
                old.delete()
            continue
        if old is not None and all(getattr(old, key) == value for key, value in columns.items()):
            continue
        before[name] = shown(known[field_id], old, "en") if old else ""
        made, _new = SpecValue.objects.update_or_create(
            product=product, field=known[field_id], defaults=_EMPTY | columns
        )
        after[name] = shown(known[field_id], made, "en")
    if after:
        product.spec_words = words_of([product.id])[product.id]
        keep_product(product)
        audit.record(actor, "catalog.set_specs", subject=("product", product.id), before=before, after=after)
    return product


_EMPTY: dict[str, Any] = {"text": "", "text_zh": "", "number": None, "choice": "", "yes": None}


def _read(form: Fields, field: SpecField, typed: str, typed_zh: str) -> dict[str, Any] | None:
    """The columns of a value as it was typed; None where nothing was."""
    name = f"spec.{field.id}"
    if field.kind == SpecKind.TEXT:
        text, text_zh = (form.line(name, each, most=LONGEST_TEXT) for each in (typed, typed_zh))
        return {"text": text, "text_zh": text_zh} if text or text_zh else None
    typed = typed.strip()
    if not typed:
        return None
    if field.kind == SpecKind.CHOICE:
        return {"choice": form.choice(name, typed, [code for code, *_names in field.choices])}
    if field.kind == SpecKind.YES_NO:
        return {"yes": form.choice(name, typed, ("yes", "no")) == "yes"}
    number = number_of(typed)
    if number is None or abs(number) > _MOST_NUMBER or number != number.quantize(_STEP):
        form.refuse(name, gettext("Give a number, such as 1.5, with four decimals at most."))
    return {"number": number}


def number_of(typed: str) -> Decimal | None:
    """A number typed, full-width digits too; None where it is none."""
    text = normalize("NFKC", typed[:40]).strip()
    try:
        found = Decimal(text) if text and "_" not in text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and found.adjusted() < 20 else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a product's value of a field has to be: one of the choices, yes or no, or a number between two."""

    field: SpecField
    choices: tuple[str, ...] = ()
    yes: bool | None = None
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return not self.choices and self.yes is None and self.least is None and self.most is None


def having(wanted: Iterable[Wanted]) -> Q:
    """The filter for products that have all of these."""
    found = Q()
    for each in wanted:
        if each.is_empty:
            continue
        values = SpecValue.objects.filter(field=each.field)
        if each.choices:
            values = values.filter(choice__in=each.choices)
        if each.yes is not None:
            values = values.filter(yes=each.yes)
        if each.least is not None:
            values = values.filter(number__gte=each.least)
        if each.most is not None:
            values = values.filter(number__lte=each.most)
        found &= Q(id__in=values.values("product_id"))
    return found
