"""Documents as rows for the tax system: one for each line, with what an electronic tax invoice (电子发票) is asked for by. The rows
are data for that system; they are no tax invoice. Credit notes have negative amounts and quantities."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from callcart.commerce.invoicing.content import Content, Part
from callcart.commerce.invoicing.models import Document, Kind
from callcart.commerce.invoicing.queries import Filters, list_documents
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.money import Money

PORTION = 500
HEADINGS = (
    "单据编号", "单据类型", "开具日期", "订单号", "对应单据", "购方类型", "发票抬头", "购方税号", "购方地址", "购方电话", "购方开户行",
    "购方账号", "接收邮箱", "商品名称", "规格编码", "数量", "含税单价", "不含税金额", "税率", "税额", "价税合计", "币种", "备注",
)  # fmt: skip

Row = tuple[str | int | Decimal, ...]


def tax_rows(actor: Actor, filters: Filters) -> Iterator[Row]:
    """The lines of the documents that fit, the newest document first, read in portions."""
    actor.require("invoicing.export")
    audit.record(actor, "invoicing.export", after={"filters": _plain(filters)})
    after = None
    while True:
        documents = list_documents(actor, filters, after=after, limit=PORTION)
        known = Document.objects.in_bulk([each.id for each in documents])
        for each in documents:
            yield from _rows(known[each.id])
        if len(documents) < PORTION:
            return
        after = (documents[-1].issued_at, documents[-1].id)


def _plain(filters: Filters) -> dict[str, object]:
    return {"kind": filters.kind, "since": filters.since, "until": filters.until, "wanted": filters.wanted}


def _rows(document: Document) -> Iterator[Row]:
    content = Content.from_json(document.content)
    sign, buyer = (-1 if document.kind == Kind.CREDIT_NOTE else 1), content.buyer
    for part in content.parts:
        yield (
            content.number, "贷项" if sign < 0 else "账单", content.issued_on, content.order_number, content.refers_to,
            "企业" if buyer.kind == "company" else "个人", buyer.title, buyer.tax_number, buyer.address, buyer.phone, buyer.bank,
            buyer.bank_account, buyer.email, part.name_zh or part.name or "配送费", part.sku, sign * part.quantity,
            _each(part, content), _decimal(sign * part.net, content), Decimal(part.rate_ppm) / 1_000_000,
            _decimal(sign * part.tax, content), _decimal(sign * part.gross, content), content.currency, content.reason,
        )  # fmt: skip


def _each(part: Part, content: Content) -> str | Decimal:
    """The price of a unit with its tax, after its discount, to six places; empty where no units are meant."""
    if not part.quantity:
        return ""
    return (_decimal(part.gross, content) / part.quantity).quantize(Decimal("0.000001")).normalize()


def _decimal(minor: int, content: Content) -> Decimal:
    return Money(minor, content.currency).decimal
