"""Who works in the demo shops, and the words they leave behind."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "callcart-demo"  # noqa: S105  the same for every demo log-in, printed at start


@dataclass(frozen=True, slots=True)
class StaffRow:
    """`login` becomes `<login>@<tenant>.example`; `languages` are skills with a level from 1 to 10."""

    login: str
    name: str
    name_zh: str
    role: str
    language: str
    languages: tuple[tuple[str, int], ...] = ()


STAFF: dict[str, tuple[StaffRow, ...]] = {
    "harbor": (
        StaffRow("owner", "Ruth Harlow", "露丝·哈洛", "owner", "en"),
        StaffRow("super", "Sam Castellan", "山姆·卡斯特兰", "supervisor", "en", (("en", 8),)),
        StaffRow("amy", "Amy Lindqvist", "艾米·林奎斯特", "agent", "en", (("en", 10), ("zh-hans", 4))),
        StaffRow("ben", "Ben Zhao", "赵本", "agent", "en", (("en", 8), ("zh-hans", 10))),
        StaffRow("cora", "Cora Finch", "科拉·芬奇", "agent", "en", (("en", 9),)),
        StaffRow("dev", "Dev Malhotra", "德夫·马尔霍特拉", "agent", "en", (("en", 7),)),
        StaffRow("ware", "Walt Okoro", "沃尔特·奥科罗", "warehouse", "en"),
        StaffRow("fin", "Faye Lindgren", "费伊·林格伦", "finance", "en"),
    ),
    "qinghe": (
        StaffRow("owner", "He Qing", "何青", "owner", "zh-hans"),
        StaffRow("super", "Su Wenjing", "苏文静", "supervisor", "zh-hans", (("zh-hans", 9),)),
        StaffRow("amy", "Ai Mi", "艾米", "agent", "zh-hans", (("zh-hans", 10), ("en", 5))),
        StaffRow("ben", "Ben Feng", "冯本", "agent", "zh-hans", (("zh-hans", 8), ("en", 9))),
        StaffRow("chen", "Chen Lu", "陈露", "agent", "zh-hans", (("zh-hans", 9),)),
        StaffRow("dong", "Dong Yue", "董悦", "agent", "zh-hans", (("zh-hans", 7),)),
        StaffRow("ware", "Wei Ku", "魏库", "warehouse", "zh-hans"),
        StaffRow("fin", "Fan Zhang", "范账", "finance", "zh-hans"),
    ),
}

# code, English, Chinese, and what is under it
DISPOSITIONS = (
    ("order", "Order", "订购", (
        ("order.placed", "Order placed", "已下单"), ("order.changed", "Order changed", "修改订单"),
        ("order.cancelled", "Order cancelled", "取消订单"), ("order.thinking", "Will think about it", "再考虑"),
        ("order.out_of_stock", "Wanted, out of stock", "缺货未成交"))),
    ("delivery", "Delivery", "物流", (
        ("delivery.status", "Where is my order", "查询物流"), ("delivery.late", "Late", "配送延误"),
        ("delivery.address", "Address changed", "修改地址"), ("delivery.missing", "Not received", "未收到货"))),
    ("aftersales", "After-sales", "售后", (
        ("aftersales.return", "Return", "退货"), ("aftersales.exchange", "Exchange", "换货"),
        ("aftersales.damaged", "Damaged on arrival", "到货破损"), ("aftersales.refund", "Refund question", "退款咨询"))),
    ("product", "Product question", "商品咨询", (
        ("product.size", "Size or fit", "规格尺寸"), ("product.use", "Use and care", "使用保养"),
        ("product.stock", "Back in stock", "补货咨询"))),
    ("payment", "Payment", "支付", (
        ("payment.link", "Payment link sent again", "重发付款链接"), ("payment.invoice", "Invoice", "开票"),
        ("payment.instalment", "Instalments", "分期还款"))),
    ("complaint", "Complaint", "投诉", (
        ("complaint.service", "Service", "服务投诉"), ("complaint.quality", "Quality", "质量投诉"),
        ("complaint.courier", "Courier", "快递投诉"))),
    ("other", "Other", "其他", (
        ("other.wrong", "Wrong number", "打错电话"), ("other.silent", "Nobody spoke", "无声电话"),
        ("other.supplier", "Supplier or press", "供应商/媒体"))),
)  # fmt: skip

# what agents wrote, by disposition: language → notes
NOTES: dict[str, dict[str, tuple[str, ...]]] = {
    "order.placed": {
        "en": ("Ordered by phone, read the number back.", "Gift for her sister, no invoice in the box.",
               "Wanted the same as last time, repeated the order.", "Chose ground delivery, not in a hurry."),
        "zh-hans": ("电话下单，已复述订单号。", "送长辈的礼物，箱内不放发票。", "要和上次一样的，已复购。", "不着急，选普通快递。"),
    },
    "order.cancelled": {
        "en": ("Ordered twice by mistake, cancelled the second.", "Found it in a local shop."),
        "zh-hans": ("重复下单，取消第二单。", "线下已买到，申请取消。"),
    },
    "order.changed": {
        "en": ("Added one mug before confirming.", "Changed size M to L."),
        "zh-hans": ("确认前加购一件。", "规格由 500 克改为 1 公斤。"),
    },
    "order.thinking": {"en": ("Will call back after payday.",), "zh-hans": ("等发工资再买，约下周回电。",)},
    "order.out_of_stock": {
        "en": ("Wants the sweater in XL, asked to be told when it is back.",),
        "zh-hans": ("想要水蜜桃，上市后通知客户。",),
    },
    "delivery.status": {
        "en": ("Told her it is on the van, before 6 pm.", "Tracking had not moved for a day; it has now.",
               "Leaves it with the neighbour at 12B."),
        "zh-hans": ("已告知派送中，今天六点前送到。", "物流一天未更新，现已到站。", "不在家，放丰巢快递柜。"),
    },
    "delivery.late": {
        "en": ("Two days late, snow in Buffalo. Refunded the delivery.",),
        "zh-hans": ("晚到两天，已致歉并补偿运费。",),
    },
    "delivery.address": {"en": ("Moved flat, new address saved.",), "zh-hans": ("搬家，已更新收货地址。",)},
    "delivery.missing": {
        "en": ("Shows delivered, he has nothing. Opened a trace.",),
        "zh-hans": ("显示签收但本人未收到，已联系网点核实。",),
    },
    "aftersales.return": {
        "en": ("Too heavy for her wrist. Sent a return label.",),
        "zh-hans": ("不合适，七天无理由退货，已发退货地址。",),
    },
    "aftersales.exchange": {"en": ("Boots too small, wants a 10.",), "zh-hans": ("颜色拿错，换灰色。",)},
    "aftersales.damaged": {
        "en": ("One mug chipped, photo by mail, sending another.",),
        "zh-hans": ("两个苹果碰伤，已发照片，按比例退款。",),
    },
    "aftersales.refund": {"en": ("Refund went out on Monday, bank needs 3 days.",), "zh-hans": ("退款周一已出，银行 1–3 天到账。",)},
    "product.size": {"en": ("Between M and L, advised L.",), "zh-hans": ("1.8 米床选大号。",)},
    "product.use": {"en": ("How to season the skillet again.",), "zh-hans": ("铁锅开锅方法，已发教程。",)},
    "product.stock": {"en": ("When is the stoneware back? Told her March.",), "zh-hans": ("问汤碗何时到货，预计下周。",)},
    "payment.link": {"en": ("Link had expired, sent a new one.",), "zh-hans": ("付款链接过期，已重发短信。",)},
    "payment.invoice": {"en": ("Needs the company name on the invoice.",), "zh-hans": ("开公司抬头电子发票。",)},
    "payment.instalment": {"en": ("Second instalment moved to the 5th.",), "zh-hans": ("第二期改到 5 号扣款。",)},
    "complaint.service": {"en": ("Waited nine minutes on Monday. Apologised.",), "zh-hans": ("周一等了九分钟，已致歉。",)},
    "complaint.quality": {"en": ("Handle loose after a month, replacing it.",), "zh-hans": ("用了一个月把手松动，安排换新。",)},
    "complaint.courier": {"en": ("Courier left it in the rain.",), "zh-hans": ("快递员未打电话直接放门口。",)},
    "other.wrong": {"en": ("Looking for a marina.",), "zh-hans": ("打错了，找物业。",)},
    "other.silent": {"en": ("",), "zh-hans": ("",)},
    "other.supplier": {"en": ("Candle supplier, passed to Ruth.",), "zh-hans": ("供应商来电，已转何总。",)},
}  # fmt: skip

REVIEW_REASONS = {
    "cancel": {"en": ("Changed my mind", "Ordered twice", "Found it elsewhere", "Delivery too slow"),
               "zh-hans": ("不想要了", "重复下单", "别处已购买", "发货太慢")},
}  # fmt: skip
