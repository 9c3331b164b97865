"""Specifications: declared by category and inherited, read as they are typed, shown in both languages, filtered and searched by."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from callcart.commerce.catalog import jobs
from callcart.commerce.catalog.models import Category, Product, SpecField, SpecValue
from callcart.commerce.catalog.public import (
    CategoryDraft,
    Choice,
    FieldDraft,
    KindInUse,
    ProductDraft,
    SpecKind,
    VariantDraft,
    Wanted,
    add_variant,
    create_category,
    create_product,
    declare_field,
    fields_of,
    list_products,
    move_field,
    remove_field,
    search_variants,
    set_specs,
    specs_of,
    update_field,
    update_product,
)
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from tests.commerce.shop import Shop

STEEL = FieldDraft(
    SpecKind.CHOICE,
    "Material",
    "材质",
    choices=(Choice("Stainless steel", "不锈钢"), Choice("Cast iron", "铸铁")),
    is_filter=True,
)
LITRES = FieldDraft(SpecKind.NUMBER, "Capacity", "容量", unit="L", unit_zh="升", is_filter=True)
SAFE = FieldDraft(SpecKind.YES_NO, "Dishwasher safe", "可进洗碗机", is_filter=True)
CARE = FieldDraft(SpecKind.TEXT, "Care", "保养")


@pytest.fixture
def kitchen(shop: Shop) -> Category:
    return create_category(shop.boss, CategoryDraft(name="Kitchen"))


@pytest.fixture
def fields(shop: Shop, kitchen: Category) -> dict[str, SpecField]:
    made = [declare_field(shop.boss, kitchen.id, draft) for draft in (STEEL, LITRES, SAFE, CARE)]
    return {each.name: each for each in made}


@pytest.fixture
def pot(shop: Shop, kitchen: Category) -> Product:
    return product(shop, "Pot", kitchen)


def product(shop: Shop, name: str, category: Category) -> Product:
    made = create_product(shop.boss, ProductDraft(name=name, category_id=category.id))
    add_variant(shop.boss, made.id, VariantDraft(sku=name.upper(), price_minor=100))
    return made


def typed(fields: dict[str, SpecField], **values: str) -> dict[UUID, tuple[str, str]]:
    names = {"material": "Material", "capacity": "Capacity", "safe": "Dishwasher safe", "care": "Care"}
    return {fields[names[key]].id: (value, "") for key, value in values.items()}


def test_inherited_from_the_outermost_in(shop: Shop, kitchen: Category, fields: dict[str, SpecField]) -> None:
    pots = create_category(shop.boss, CategoryDraft(name="Pots", parent_id=kitchen.id))
    other = create_category(shop.boss, CategoryDraft(name="Garden"))
    declare_field(shop.boss, pots.id, FieldDraft(SpecKind.TEXT, "Lid"))
    assert [each.name for each in fields_of(pots.id)] == [
        "Material",
        "Capacity",
        "Dishwasher safe",
        "Care",
        "Lid",
    ]
    assert [each.name for each in fields_of(kitchen.id)] == list(fields)
    assert fields_of(other.id) == fields_of(None) == []


def test_shown_in_both_languages(shop: Shop, fields: dict[str, SpecField], pot: Product) -> None:
    values = typed(fields, material="c1", capacity="１.50", safe="yes")
    values[fields["Care"].id] = ("Wipe dry", "擦干")
    set_specs(shop.boss, pot.id, values)
    found = specs_of(pot)
    assert [each.shown_in("en") for each in found] == ["Stainless steel", "1.5 L", "Yes", "Wipe dry"]
    assert [each.shown_in("zh-hans") for each in found][:2] == ["不锈钢", "1.5 升"]
    entry = AuditEntry.objects.get(action="catalog.set_specs")
    assert entry.after["Capacity"] == "1.5 L" and entry.before["Capacity"] == ""


@pytest.mark.parametrize(
    "query", ["stainless", "不锈钢", "锈钢", "bxg", "1.5 L", "1.5L", "dishwasher", "wipe"]
)
def test_found_by(shop: Shop, fields: dict[str, SpecField], pot: Product, query: str) -> None:
    assert search_variants(query) == []
    set_specs(shop.boss, pot.id, typed(fields, material="c1", capacity="1.5", safe="yes", care="Wipe dry"))
    assert [hit.sku for hit in search_variants(query)] == ["POT"]
    assert [card.product.id for card in list_products(text=query).cards] == [pot.id]


def test_found_by_them_after_its_name_changed(shop: Shop, fields: dict[str, SpecField], pot: Product) -> None:
    set_specs(shop.boss, pot.id, typed(fields, material="c2"))
    update_product(shop.boss, pot.id, name="Cauldron")
    assert [hit.sku for hit in search_variants("cauldron iron")] == ["POT"]


def test_an_empty_value_is_taken_away(shop: Shop, fields: dict[str, SpecField], pot: Product) -> None:
    set_specs(shop.boss, pot.id, typed(fields, material="c1", capacity="2"))
    set_specs(shop.boss, pot.id, typed(fields, material=""))
    assert [each.shown_in("en") for each in specs_of(pot)] == ["", "2 L", "", ""]
    assert search_variants("stainless") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("material", "gold"),
        ("material", "x" * 100_000),
        ("capacity", "a lot"),
        ("capacity", "NaN"),
        ("capacity", "Infinity"),
        ("capacity", "1e30"),
        ("capacity", "9999999999999"),
        ("capacity", "1.00001"),
        ("capacity", "1_0"),
        ("safe", "maybe"),
        ("care", "x" * 100_000),
        ("care", "a\x00b"),
    ],
)
def test_refused_at_its_field(
    shop: Shop, fields: dict[str, SpecField], pot: Product, name: str, value: str
) -> None:
    wanted = typed(fields, **{name: value})
    with pytest.raises(Invalid) as raised:
        set_specs(shop.boss, pot.id, typed(fields, capacity="3") | wanted)
    assert set(raised.value.fields) == {f"spec.{next(iter(wanted))}"}
    assert SpecValue.objects.count() == 0


def test_filters(shop: Shop, kitchen: Category, fields: dict[str, SpecField], pot: Product) -> None:
    pan, wok = product(shop, "Pan", kitchen), product(shop, "Wok", kitchen)
    set_specs(shop.boss, pot.id, typed(fields, material="c1", capacity="5", safe="yes"))
    set_specs(shop.boss, pan.id, typed(fields, material="c2", capacity="1.5", safe="no"))
    set_specs(shop.boss, wok.id, typed(fields, material="c2", capacity="3"))

    def found(*wanted: Wanted) -> set[str]:
        return {card.product.name for card in list_products(category="kitchen", specs=wanted).cards}

    material, litres, safe = fields["Material"], fields["Capacity"], fields["Dishwasher safe"]
    assert found(Wanted(material, choices=("c2",))) == {"Pan", "Wok"}
    assert found(Wanted(material, choices=("c1", "c2"))) == {"Pot", "Pan", "Wok"}
    assert found(Wanted(litres, least=Decimal(3))) == {"Pot", "Wok"}
    assert found(Wanted(litres, least=Decimal("1.5"), most=Decimal("1.5"))) == {"Pan"}
    assert found(Wanted(safe, yes=False)) == {"Pan"}
    assert found(Wanted(material, choices=("c2",)), Wanted(litres, most=Decimal(2))) == {"Pan"}
    assert found(Wanted(material)) == {"Pot", "Pan", "Wok"}


def test_words_of_a_choice_may_change_but_not_its_code(
    shop: Shop, fields: dict[str, SpecField], pot: Product
) -> None:
    field = fields["Material"]
    set_specs(shop.boss, pot.id, typed(fields, material="c1"))
    draft = FieldDraft(
        SpecKind.CHOICE, "Metal", "金属", choices=(Choice("Inox", "钢", "c1"), Choice("Copper", "铜"))
    )
    with pytest.raises(Conflict):
        update_field(shop.boss, field.id, draft, version=99)
    changed = update_field(shop.boss, field.id, draft, version=1)
    assert [code for code, *_names in changed.choices] == ["c1", "c2"]
    assert specs_of(pot)[0].shown_in("en") == "Inox"
    jobs.find_by_field(field_id=str(field.id), after="")
    assert [hit.sku for hit in search_variants("inox")] == ["POT"]
    assert search_variants("stainless") == []


def test_what_products_have_cannot_be_taken_from_under_them(
    shop: Shop, fields: dict[str, SpecField], pot: Product
) -> None:
    field = fields["Material"]
    set_specs(shop.boss, pot.id, typed(fields, material="c1"))
    with pytest.raises(Invalid) as raised:
        update_field(
            shop.boss,
            field.id,
            FieldDraft(SpecKind.CHOICE, "M", choices=(Choice("Iron", "", "c2"),)),
            version=1,
        )
    assert raised.value.fields == {"choices": "Products still have: Stainless steel."}
    with pytest.raises(KindInUse):
        update_field(shop.boss, field.id, FieldDraft(SpecKind.TEXT, "M"), version=1)
    assert specs_of(pot)[0].shown_in("en") == "Stainless steel"


def test_a_field_goes_with_its_values(shop: Shop, fields: dict[str, SpecField], pot: Product) -> None:
    set_specs(shop.boss, pot.id, typed(fields, material="c1", care="Wipe"))
    assert remove_field(shop.boss, fields["Material"].id) == 1
    jobs.find_products(product_ids=[str(pot.id)])
    assert search_variants("stainless") == []
    assert [hit.sku for hit in search_variants("wipe")] == ["POT"]


def test_order_of_fields(shop: Shop, kitchen: Category, fields: dict[str, SpecField]) -> None:
    move_field(shop.boss, fields["Care"].id, by=-3)
    move_field(shop.boss, fields["Material"].id, by=1)
    assert [each.name for each in fields_of(kitchen.id)] == [
        "Care",
        "Capacity",
        "Material",
        "Dishwasher safe",
    ]


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (FieldDraft(SpecKind.TEXT), {"name"}),
        (FieldDraft(SpecKind.TEXT, "x" * 100_000), {"name"}),
        (FieldDraft(SpecKind.CHOICE, "A"), {"choices"}),
        (FieldDraft(SpecKind.CHOICE, "A", choices=(Choice(),)), {"choices"}),
        (FieldDraft(SpecKind.CHOICE, "A", choices=(Choice("x"), Choice("X"))), {"choices"}),
        (FieldDraft(SpecKind.CHOICE, "A", choices=(Choice("x", "", "A B"),)), {"choices"}),
        (
            FieldDraft(SpecKind.CHOICE, "A", choices=(Choice("x", "", "c1"), Choice("y", "", "c1"))),
            {"choices"},
        ),
        (FieldDraft(SpecKind.CHOICE, "A", choices=tuple(Choice(str(n)) for n in range(101))), {"choices"}),
        (FieldDraft("colour", "A"), {"kind"}),  # type: ignore[arg-type]
        (FieldDraft(SpecKind.NUMBER, "A", unit="x" * 21), {"unit"}),
    ],
)
def test_odd_declarations(shop: Shop, kitchen: Category, draft: FieldDraft, wrong: set[str]) -> None:
    with pytest.raises(Invalid) as raised:
        declare_field(shop.boss, kitchen.id, draft)
    assert set(raised.value.fields) == wrong
    assert SpecField.objects.count() == 0


def test_only_by_those_who_may_and_in_its_category(
    shop: Shop, fields: dict[str, SpecField], pot: Product
) -> None:
    clerk = shop.staff("catalog.view")
    with pytest.raises(PermissionDenied):
        set_specs(clerk, pot.id, typed(fields, care="x"))
    with pytest.raises(PermissionDenied):
        declare_field(clerk, pot.category_id or new_id(), CARE)
    with pytest.raises(PermissionDenied):
        remove_field(clerk, fields["Care"].id)
    with pytest.raises(NotFound):
        set_specs(shop.boss, pot.id, {new_id(): ("x", "")})
    garden = create_category(shop.boss, CategoryDraft(name="Garden"))
    update_product(shop.boss, pot.id, category_id=garden.id)
    with pytest.raises(NotFound):
        set_specs(shop.boss, pot.id, typed(fields, care="x"))
    assert SpecValue.objects.count() == 0


def test_the_second_editor_is_told(shop: Shop, fields: dict[str, SpecField], pot: Product) -> None:
    pot.refresh_from_db()
    seen = pot.version
    set_specs(shop.boss, pot.id, typed(fields, care="First"), version=seen)
    with pytest.raises(Conflict):
        set_specs(shop.boss, pot.id, typed(fields, care="Second"), version=seen)
    assert specs_of(pot)[3].shown_in("en") == "First"
