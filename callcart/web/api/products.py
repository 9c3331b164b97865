"""Products, their variants and prices."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from pydantic import Field

from callcart.commerce.catalog import public as catalog
from callcart.commerce.pricing import public as pricing
from callcart.core.errors import NotFound
from callcart.web.api.doors import allowed, once
from callcart.web.api.shapes import (
    Code,
    Cursor,
    Given,
    IdempotencyKey,
    Limit,
    LongText,
    Minor,
    MoneyShape,
    PageOf,
    Text,
    of,
)

router = Router(tags=["Products and prices"])
Grams = Annotated[int, Field(ge=0, le=10**9, strict=True)]


class VariantShape(Schema):
    """One SKU. `on_sale`: it and its product can be bought now."""

    id: UUID
    product_id: UUID
    sku: str
    barcode: str
    name: str
    name_zh: str
    option: str
    option_zh: str
    price: MoneyShape
    weight_g: int
    on_sale: bool


class ProductShape(Schema):
    """A product and its variants. Either name may be empty, not both."""

    id: UUID
    slug: str
    name: str
    name_zh: str
    description: str
    description_zh: str
    category_id: UUID | None
    on_sale: bool
    variants: list[VariantShape]


class VariantGiven(Given):
    sku: Code
    price_minor: Minor
    barcode: Code = ""
    name: Text = ""
    name_zh: Text = ""
    option: Text = ""
    option_zh: Text = ""
    weight_g: Grams = 0
    tax_class: Code = ""
    on_sale: bool = True


class VariantChange(Given):
    """What is given is changed, the rest stays."""

    sku: Code | None = None
    price_minor: Minor | None = None
    barcode: Code | None = None
    name: Text | None = None
    name_zh: Text | None = None
    option: Text | None = None
    option_zh: Text | None = None
    weight_g: Grams | None = None
    tax_class: Code | None = None
    on_sale: bool | None = None


class ProductGiven(Given):
    name: Text = ""
    name_zh: Text = ""
    slug: Code = ""
    description: LongText = ""
    description_zh: LongText = ""
    category_id: UUID | None = None
    on_sale: bool = True
    variants: Annotated[list[VariantGiven], Field(min_length=1, max_length=200)]


class ProductChange(Given):
    """What is given is changed, the rest stays."""

    name: Text | None = None
    name_zh: Text | None = None
    slug: Code | None = None
    description: LongText | None = None
    description_zh: LongText | None = None
    on_sale: bool | None = None


class CategoryShape(Schema):
    id: UUID
    slug: str
    name: str
    name_zh: str
    parent_id: UUID | None


@router.get("/products", response=PageOf[ProductShape], summary="List products")
def list_products(
    request: HttpRequest, text: Text = "", category: Code = "", cursor: Cursor = "", limit: Limit = 50
) -> PageOf[ProductShape]:
    """In the shop's order, those not on sale too. `category` is a slug and includes those inside it. Needs `catalog.view`."""
    allowed(request, "catalog.view")
    found = catalog.list_products(
        category=category, text=text, cursor=cursor, limit=limit, only_on_sale=False
    )
    return PageOf[ProductShape](
        items=[_product(card.product, card.variants) for card in found.cards], cursor=found.cursor
    )


@router.get("/products/{uuid:product_id}", response=ProductShape, summary="Read a product")
def read_product(request: HttpRequest, product_id: UUID) -> ProductShape:
    """Needs `catalog.view`."""
    allowed(request, "catalog.view")
    return _read(product_id)


@router.post("/products", response={201: ProductShape}, summary="Make a product")
def make_product(
    request: HttpRequest,
    body: ProductGiven,
    idempotency_key: Annotated[IdempotencyKey | None, Header(alias="Idempotency-Key")] = None,
) -> Status[ProductShape]:
    """A product with its variants, all or nothing. Needs `catalog.manage`."""
    actor = allowed(request, "catalog.manage")

    def work() -> ProductShape:
        values = body.model_dump(exclude={"variants"})
        drafts = [catalog.VariantDraft(**each.model_dump()) for each in body.variants]
        made = catalog.create_product(actor, catalog.ProductDraft(**values))
        for draft in drafts:
            catalog.add_variant(actor, made.id, draft)
        return _read(made.id)

    return Status(201, once(actor, "products", idempotency_key, body.model_dump(), ProductShape, work))


@router.patch("/products/{uuid:product_id}", response=ProductShape, summary="Change a product")
def change_product(request: HttpRequest, product_id: UUID, body: ProductChange) -> ProductShape:
    """Needs `catalog.manage`."""
    actor = allowed(request, "catalog.manage")
    catalog.update_product(actor, product_id, **_given(body))
    return _read(product_id)


@router.post("/products/{uuid:product_id}/variants", response={201: VariantShape}, summary="Add a variant")
def add_variant(request: HttpRequest, product_id: UUID, body: VariantGiven) -> Status[VariantShape]:
    """A second one with the same SKU is refused with 409. Needs `catalog.manage`."""
    actor = allowed(request, "catalog.manage")
    made = catalog.add_variant(actor, product_id, catalog.VariantDraft(**body.model_dump()))
    return Status(201, _variant(catalog.variants([made.id])[made.id]))


@router.get("/variants", response=list[VariantShape], summary="Find variants")
def find_variants(request: HttpRequest, text: Text, limit: Limit = 20) -> list[VariantShape]:
    """By SKU, barcode, name, pinyin or its initials, the best first; those not on sale too. Needs `catalog.view`."""
    allowed(request, "catalog.view")
    return [_variant(hit) for hit in catalog.search_variants(text, limit=limit, only_on_sale=False)]


@router.patch("/variants/{uuid:variant_id}", response=VariantShape, summary="Change a variant or its price")
def change_variant(request: HttpRequest, variant_id: UUID, body: VariantChange) -> VariantShape:
    """A price is in minor units of the shop's currency. Needs `catalog.manage`."""
    actor = allowed(request, "catalog.manage")
    catalog.update_variant(actor, variant_id, **_given(body))
    return _variant(catalog.variants([variant_id])[variant_id])


@router.get("/categories", response=list[CategoryShape], summary="List categories")
def list_categories(request: HttpRequest) -> list[CategoryShape]:
    """Needs `catalog.view`."""
    allowed(request, "catalog.view")
    return [
        CategoryShape(id=each.id, slug=each.slug, name=each.name, name_zh=each.name_zh, parent_id=each.parent_id)
        for each in catalog.list_categories()
    ]  # fmt: skip


class PriceListShape(Schema):
    """Prices for some buyers; `percent_bp` is off the retail price of SKUs that are not on it, in hundredths of a per cent."""

    id: UUID
    code: str
    name: str
    name_zh: str
    currency: str
    is_active: bool
    percent_bp: int


class PriceGiven(Given):
    sku: Code
    unit_minor: Minor
    min_quantity: Annotated[int, Field(ge=1, le=10**6, strict=True)] = 1


class PricesGiven(Given):
    rows: Annotated[list[PriceGiven], Field(min_length=1, max_length=5000)]


class PricesSet(Schema):
    prices: int


@router.get("/price-lists", response=list[PriceListShape], summary="List price lists")
def price_lists(request: HttpRequest) -> list[PriceListShape]:
    """In the order they are asked. Needs `pricing.view`."""
    allowed(request, "pricing.view")
    return [
        PriceListShape(
            id=each.id, code=each.code, name=each.name, name_zh=each.name_zh, currency=each.currency,
            is_active=each.is_active, percent_bp=each.percent_bp,
        )
        for each in pricing.PriceList.objects.all()[:1000]
    ]  # fmt: skip


@router.put("/price-lists/{code}/prices", response=PricesSet, summary="Put prices on a list")
def set_prices(request: HttpRequest, code: Code, body: PricesGiven) -> PricesSet:
    """All or nothing; one for the same SKU and number of units is replaced. Needs `pricing.manage`."""
    actor = allowed(request, "pricing.manage")
    found = pricing.PriceList.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    rows = [pricing.PriceRow(row.sku, row.unit_minor, row.min_quantity) for row in body.rows]
    return PricesSet(prices=pricing.set_prices(actor, found.id, rows))


def _given(body: VariantChange | ProductChange) -> dict[str, Any]:
    return {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}


def _read(product_id: UUID) -> ProductShape:
    found, rows = catalog.product(product_id)
    hits = catalog.variants([row.id for row in rows])
    return _product(found, [hits[row.id] for row in rows])


def _product(
    found: catalog.Product, hits: tuple[catalog.VariantHit, ...] | list[catalog.VariantHit]
) -> ProductShape:
    return ProductShape(
        id=found.id, slug=found.slug, name=found.name, name_zh=found.name_zh, description=found.description,
        description_zh=found.description_zh, category_id=found.category_id, on_sale=found.on_sale,
        variants=[_variant(hit) for hit in hits],
    )  # fmt: skip


def _variant(hit: catalog.VariantHit) -> VariantShape:
    return VariantShape(
        id=hit.id, product_id=hit.product_id, sku=hit.sku, barcode=hit.barcode, name=hit.name, name_zh=hit.name_zh,
        option=hit.option, option_zh=hit.option_zh, price=of(hit.price), weight_g=hit.weight_g, on_sale=hit.on_sale,
    )  # fmt: skip
