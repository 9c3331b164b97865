"""The tables orders come in: the orders themselves (which may carry a line and a payment each, as one flat file does), and beside
them lines, payments and parcels joined by the order's number. And the words other systems have for ours.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from callcart.commerce.orders.models import Channel
from callcart.core.exchange.public import Column, Kind, Place, Sheet
from callcart.people.customers.public import read_phone

STATES = {
    "placed": "placed", "created": "placed", "new": "placed", "pending": "placed", "open": "placed", "unpaid": "placed",
    "待付款": "placed", "新订单": "placed", "待确认": "placed", "待审核": "placed",
    "on_hold": "on_hold", "hold": "on_hold", "挂起": "on_hold", "已挂起": "on_hold",
    "confirmed": "confirmed", "approved": "confirmed", "invoiced": "confirmed", "processing": "confirmed", "paid": "confirmed",
    "in progress": "confirmed", "已确认": "confirmed", "待发货": "confirmed", "已付款": "confirmed", "处理中": "confirmed",
    "shipped": "shipped", "sent": "shipped", "dispatched": "shipped", "in transit": "shipped", "已发货": "shipped", "待收货": "shipped",
    "closed": "closed", "delivered": "closed", "completed": "closed", "complete": "closed", "done": "closed", "fulfilled": "closed",
    "已签收": "closed", "已完成": "closed", "交易成功": "closed", "已关闭": "closed", "完成": "closed",
    "cancelled": "cancelled", "canceled": "cancelled", "unavailable": "cancelled", "void": "cancelled", "refunded": "cancelled",
    "已取消": "cancelled", "交易关闭": "cancelled", "已退款": "cancelled", "取消": "cancelled",
}  # fmt: skip
CHANNELS = {str(channel): str(channel) for channel in Channel} | {
    "telephone": "phone", "call": "phone", "online": "web", "website": "web", "shop": "web", "mail": "email", "b2b": "portal",
    "电话": "phone", "网站": "web", "网店": "web", "邮件": "email", "短信": "sms", "在线": "chat", "导入": "import",
}  # fmt: skip
METHODS = {
    "prepaid": "prepaid", "card": "prepaid", "online": "prepaid", "在线支付": "prepaid", "预付": "prepaid", "款到发货": "prepaid",
    "cod": "cod", "cash on delivery": "cod", "货到付款": "cod", "instalments": "instalments", "installments": "instalments", "分期": "instalments",
}  # fmt: skip
PARCELS = {
    "handed_over": "handed_over", "shipped": "handed_over", "sent": "handed_over", "已揽收": "handed_over", "已发货": "handed_over",
    "in_transit": "in_transit", "运输中": "in_transit", "out_for_delivery": "out_for_delivery", "派送中": "out_for_delivery",
    "attempt_failed": "attempt_failed", "failed": "attempt_failed", "delivered": "delivered", "已签收": "delivered", "签收": "delivered",
    "returning": "returning", "returned": "returned", "退回中": "returning", "已退回": "returned", "lost": "lost", "丢失": "lost",
}  # fmt: skip

NUMBER = Column("number", _("Order number"), required=True, most=40, example="A-1001",
                names=("order", "order id", "order no", "order number", "number", "订单号", "订单编号", "单号", "订单"))  # fmt: skip
SKU = Column("sku", _("SKU"), most=64, example="TEA-100",
             names=("product id", "item", "item code", "product code", "lineitem sku", "商品编码", "货号", "规格编码", "商家编码"))  # fmt: skip
_LINE = (
    Column("product", _("Product name"), most=200, names=("item name", "product", "lineitem name", "description", "商品名称", "品名", "商品")),
    Column("quantity", _("Quantity"), Kind.WHOLE, least_value=1, most_value=1_000_000, names=("qty", "units", "lineitem quantity", "数量", "件数")),
    Column("unit", _("Unit price"), Kind.MONEY, least_value=0, most_value=10**12, example="12.50", names=("price", "item price", "lineitem price", "单价", "价格")),
    Column("freight", _("Delivery of the line"), Kind.MONEY, least_value=0, names=("freight", "freight value", "shipping of item", "行运费")),
)  # fmt: skip
_PAID = (
    Column("way", _("Paid by"), most=60, example="card", names=("payment type", "payment way", "paid with", "支付方式", "收款方式")),
    Column("amount", _("Amount paid"), Kind.MONEY, least_value=0, names=("payment value", "paid", "payment amount", "支付金额", "实付金额", "收款金额")),
    Column("instalments", _("Instalments"), Kind.WHOLE, least_value=0, most_value=120, names=("payment installments", "installments", "分期数", "期数")),
    Column("paid_at", _("Paid on"), Kind.MOMENT, names=("payment date", "paid at", "付款时间", "支付时间", "收款日期")),
    Column("reference", _("Payment reference"), most=200, names=("transaction id", "payment id", "流水号", "交易号", "支付单号")),
)  # fmt: skip
_SENT = (
    Column("carrier", _("Carrier"), most=100, names=("shipping company", "courier", "快递公司", "物流公司", "承运商")),
    Column("tracking", _("Tracking number"), most=100, names=("tracking", "waybill", "tracking no", "运单号", "快递单号", "物流单号")),
    Column("shipped_at", _("Sent on"), Kind.MOMENT, names=("shipped at", "ship date", "shipped", "order delivered carrier date", "发货时间", "发货日期")),
    Column("delivered_at", _("Delivered on"), Kind.MOMENT, names=("delivered at", "delivery date", "order delivered customer date", "签收时间", "妥投时间")),
)  # fmt: skip


def _prepare(values: dict[str, Any], place: Place) -> list[list[str]]:
    """The receiver's number in E.164 where it is one; an old number that is none is left out rather than lost with its order."""
    if raw := values.get("phone"):
        found = read_phone(raw, place.country) if len(raw) <= 40 else None
        values["phone"] = found.e164 if found else ""
    return []


ORDERS = Sheet(
    key="orders", label=_("Orders"), unit=("number",), prepare=_prepare,
    columns=(
        NUMBER,
        Column("placed_at", _("Placed on"), Kind.MOMENT, leading=True, example="2026-11-29 10:30",
               names=("date", "order date", "created at", "purchase date", "order purchase timestamp", "下单时间", "订单日期", "日期", "创建时间")),
        Column("state", _("State"), Kind.CHOICE, choices=STATES, example="delivered", names=("status", "order status", "订单状态", "状态")),
        Column("channel", _("Channel"), Kind.CHOICE, choices=CHANNELS, names=("source", "order source", "渠道", "订单来源", "来源")),
        Column("customer", _("Customer number"), most=40, names=("customer id", "customer code", "member id", "会员编号", "客户编号")),
        Column("name", _("Receiver"), most=100, names=("name", "customer name", "ship to", "shipping name", "recipient", "收货人", "姓名", "收件人")),
        Column("phone", _("Phone"), most=80, names=("telephone", "mobile", "shipping phone", "手机", "电话", "收货电话", "联系电话")),
        Column("country", _("Country"), most=2, names=("country code", "shipping country", "国家")),
        Column("province", _("State or province"), most=100, names=("province", "region", "shipping province", "省", "省份")),
        Column("city", _("City"), most=100, names=("town", "shipping city", "市", "城市")),
        Column("district", _("District"), most=100, names=("county", "区", "区县")),
        Column("street", _("Street"), most=300, names=("address", "shipping address", "shipping street", "地址", "收货地址", "详细地址")),
        Column("postcode", _("Postcode"), most=20, names=("zip", "zip code", "postal code", "shipping zip", "邮编")),
        Column("method", _("Payment method"), Kind.CHOICE, choices=METHODS, names=("payment method", "terms", "结算方式")),
        Column("delivery", _("Delivery costs"), Kind.MONEY, least_value=0, names=("shipping", "shipping cost", "delivery fee", "postage", "运费", "邮费")),
        Column("total", _("Total"), Kind.MONEY, least_value=0, names=("order total", "grand total", "订单金额", "合计", "总金额", "应付金额")),
        Column("confirmed_at", _("Confirmed on"), Kind.MOMENT, names=("approved at", "order approved at", "确认时间", "审核时间")),
        Column("cancelled_at", _("Cancelled on"), Kind.MOMENT, names=("cancelled at", "canceled at", "取消时间")),
        Column("note", _("Note"), most=4000, lines=True, names=("remark", "remarks", "notes", "comment", "备注", "买家留言")),
        Column("campaign", _("Campaign"), most=200, names=("utm campaign", "活动")),
        SKU, *_LINE, *_PAID, *_SENT,
    ),
)  # fmt: skip
ITEMS = Sheet(
    key="items", label=_("Order lines"), unit=("number",),
    columns=(NUMBER, Column("sku", SKU.label, required=True, most=64, names=SKU.names, example="TEA-100"), *_LINE),
)  # fmt: skip
PAYMENTS = Sheet(
    key="payments", label=_("Payments"), unit=("number",),
    columns=(NUMBER, *(Column("amount", c.label, c.kind, names=c.names, required=True, least_value=0) if c.key == "amount" else c for c in _PAID)),
)  # fmt: skip
PARCELS_SHEET = Sheet(key="parcels", label=_("Parcels"), unit=("number",), columns=(NUMBER, *_SENT))
