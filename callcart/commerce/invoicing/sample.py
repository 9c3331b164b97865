"""How an invoice of the shop looks: made-up goods, no number, kept nowhere."""

from __future__ import annotations

from dataclasses import fields

from callcart.commerce.invoicing.content import (
    LAYOUT,
    BuyerData,
    Content,
    Part,
    PartKind,
    SellerData,
    sums_by_rate,
)
from callcart.commerce.invoicing.models import PaperLanguage, Seller
from callcart.commerce.invoicing.paper.draw import draw
from callcart.commerce.invoicing.queries import Pdf
from callcart.core.clock import today
from callcart.people.tenants.public import get_tenant


def sample(seller: Seller) -> Pdf:
    """A sample with what is saved of the shop."""
    tenant = get_tenant()
    day = today(tenant.timezone).isoformat()
    parts = (
        Part(
            1, PartKind.GOODS, "Sample article", "示例商品", "SAMPLE-1", 2, 11_300, 0, 20_000, 2_600, 130_000
        ),
        Part(
            2, PartKind.GOODS, "Another article", "另一件商品", "SAMPLE-2", 1, 5_650, 0, 5_000, 650, 130_000
        ),
        Part(3, PartKind.DELIVERY, "Standard", "标准配送", "", 1, 1_060, 0, 1_000, 60, 60_000),
    )
    content = Content(
        layout=LAYOUT,
        kind="invoice",
        number=f"{seller.invoice_prefix}-0000-000000",
        issued_on=day,
        order_number="000000",
        ordered_on=day,
        language=tenant.language if seller.language == PaperLanguage.CUSTOMER else seller.language,
        currency=tenant.currency,
        country=tenant.country,
        payment_method="prepaid",
        tax_added=False,
        seller=SellerData(**{each.name: getattr(seller, each.name) for each in fields(SellerData)}),
        buyer=BuyerData("company", "Sample Ltd / 示例公司", "000000000000000", "", "", "", "", "", False),
        parts=parts,
        taxes=sums_by_rate(parts),
    )
    return Pdf("sample.pdf", draw(content), is_same=True)
