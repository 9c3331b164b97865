"""The columns of a file of products, with the headings that other systems give them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from callcart.commerce.catalog.change import MOST_PRICE
from callcart.core.exchange.public import Column, Kind, Sheet

SHEET = Sheet(
    key="products",
    label=gettext_lazy("Products"),
    unit=("sku",),
    columns=(
        Column("sku", gettext_lazy("SKU"), required=True, most=64, example="TEA-100",
               names=("sku code", "item", "item code", "item no", "article", "article number", "product code", "商品编码", "货号", "规格编码", "商家编码")),
        Column("product", gettext_lazy("Code of its product"), most=100, example="green-tea",
               names=("handle", "parent", "parent sku", "parent code", "style", "spu", "product id", "款号", "商品款号", "主编码")),
        Column("name", gettext_lazy("Name in English"), most=200, example="Green tea",
               names=("name", "title", "product name", "item name", "英文名称", "英文名")),
        Column("name_zh", gettext_lazy("Name in Chinese"), most=200, example="绿茶", names=("名称", "商品名称", "产品名称", "品名", "中文名称", "chinese name")),
        Column("option", gettext_lazy("Variant in English"), most=100, example="100 g", names=("option", "variant", "variant title", "option1 value", "specification")),
        Column("option_zh", gettext_lazy("Variant in Chinese"), most=100, example="100克", names=("规格", "规格名称", "属性", "款式")),
        Column("barcode", gettext_lazy("Barcode"), most=64, names=("ean", "upc", "gtin", "isbn", "variant barcode", "条码", "条形码", "国际条码")),
        Column("price_minor", gettext_lazy("Price"), Kind.MONEY, least_value=0, most_value=MOST_PRICE, example="12.50",
               names=("price", "unit price", "retail price", "list price", "variant price", "售价", "价格", "零售价", "单价", "销售价")),
        Column("category", gettext_lazy("Category"), most=100, names=("product type", "type", "product category", "collection", "分类", "类目", "商品分类", "类别")),
        Column("weight_g", gettext_lazy("Weight (g)"), Kind.WHOLE, least_value=0, most_value=10**9,
               names=("weight", "grams", "weight g", "variant grams", "重量", "重量(克)", "重量g", "毛重")),
        Column("on_sale", gettext_lazy("On sale"), Kind.YES_NO, names=("published", "active", "available", "status", "上架", "在售", "是否上架")),
        Column("description", gettext_lazy("Description in English"), most=20_000, lines=True, names=("description", "body", "body html", "details")),
        Column("description_zh", gettext_lazy("Description in Chinese"), most=20_000, lines=True, names=("描述", "商品描述", "详情", "商品详情")),
    ),
)  # fmt: skip
