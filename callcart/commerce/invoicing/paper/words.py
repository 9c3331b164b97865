"""The words printed on invoices, in both languages. They are data of the layout and not of the translations: what was issued has
to come out the same when a translation is mended."""

from __future__ import annotations

from callcart.core.language import in_language

WORDS: dict[str, tuple[str, str]] = {
    "invoice": ("Invoice", "账单"),
    "credit_note": ("Credit note", "贷项通知单"),
    "number": ("Number", "编号"),
    "issued_on": ("Date", "开具日期"),
    "order": ("Order", "订单号"),
    "ordered_on": ("Ordered on", "下单日期"),
    "payment": ("Payment", "付款方式"),
    "prepaid": ("Paid in advance", "先款后货"),
    "cod": ("Cash on delivery", "货到付款"),
    "instalments": ("Instalments", "分期付款"),
    "refers_to": ("For invoice", "对应账单"),
    "of": ("of", "开具于"),
    "reason": ("Reason", "原因"),
    "from": ("From", "销售方"),
    "to": ("To", "购买方"),
    "tax_number": ("Tax number", "税号"),
    "bank": ("Bank", "开户行"),
    "account": ("Account", "账号"),
    "phone": ("Phone", "电话"),
    "email": ("E-mail", "邮箱"),
    "item": ("Description", "商品名称"),
    "quantity": ("Qty", "数量"),
    "unit": ("Unit price", "单价"),
    "discount": ("Discount", "折扣"),
    "rate": ("Tax", "税率"),
    "amount": ("Amount", "金额"),
    "delivery": ("Delivery", "配送费"),
    "by_amount": ("amount", "按金额"),
    "carried": ("Carried forward", "转下页"),
    "brought": ("Brought forward", "承上页"),
    "net": ("Net", "不含税金额"),
    "tax": ("Tax", "税额"),
    "gross": ("Gross", "价税合计"),
    "tax_rate": ("Tax rate", "税率"),
    "total": ("Total", "合计"),
    "credited": ("Total credited", "贷项合计"),
    "included": ("Prices include tax.", "价格含税。"),
    "added": ("Prices are without tax.", "价格不含税。"),
    "page": ("Page", "第"),
    "not_fapiao": (
        "This is not an official Chinese tax invoice (fapiao).",
        "本单据不是税务发票，不能作为报销或抵扣凭证；如需电子发票，请另行索取。",
    ),
}


def word(key: str, language: str) -> str:
    """A word in the language of the paper; both, where it is in both."""
    english, chinese = WORDS[key]
    if language == "both":
        return f"{english} {chinese}"
    return chinese if language.startswith("zh") else english


def either(english: str, chinese: str, language: str, *, between: str = " / ") -> str:
    """A text that somebody wrote in one language or in both."""
    if language == "both":
        return between.join(dict.fromkeys(filter(None, (english, chinese))))
    return in_language(language, english, chinese)


def page_of(number: int, count: int, language: str) -> str:
    english, chinese = f"Page {number} of {count}", f"第 {number} 页，共 {count} 页"
    if language == "both":
        return f"{english} · {chinese}"
    return chinese if language.startswith("zh") else english
