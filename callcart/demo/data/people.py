"""Invented customers and places. Nobody here exists; full names are put together by the seed from these lists."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(separator))


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """Somebody a demo caller can be: a fixed number and what is going on with them."""

    tenant: str
    number: str
    name: str
    language: str
    tier: str
    story: str
    story_zh: str


KNOWN_CALLERS = (
    KnownCaller("harbor", "+12025550123", "Grace Whitfield", "en", "gold",
                "an order out for delivery today", "有一单今天派送中"),
    KnownCaller("harbor", "+12025550144", "Daniel Okafor", "en", "silver",
                "paid for an order that waits for stock", "已付款，订单等货"),
    KnownCaller("harbor", "+12025550161", "Mei Tanaka", "en", "standard",
                "an order delivered yesterday, one mug chipped", "昨日签收，杯子磕了一只"),
    KnownCaller("harbor", "+12025550178", "周雅琴", "zh-hans", "standard",
                "prefers Chinese; an order that was never paid", "说中文，订单待付款"),
    KnownCaller("qinghe", "+8613800005678", "林晓梅", "zh-hans", "gold",
                "an order out for delivery today", "有一单今天派送中"),
    KnownCaller("qinghe", "+8613800001234", "陈志远", "zh-hans", "silver",
                "cash on delivery, parcel held at the station", "货到付款，包裹滞留网点"),
    KnownCaller("qinghe", "+8613800002468", "王秀兰", "zh-hans", "standard",
                "delivered yesterday, fruit bruised", "昨日签收，水果有碰伤"),
    KnownCaller("qinghe", "+8613800007890", "Oliver Brandt", "en", "standard",
                "prefers English; paying by instalments", "说英文，分期付款中"),
)  # fmt: skip

US_FIRST = _words(
    "Amelia Aaron Alice Andre Beatrice Benjamin Carla Caleb Diana Dominic Eleanor Elias Fiona Felix Georgia Gabriel Hannah "
    "Henry Imani Isaac Jasmine Jonah Kayla Kenji Lucia Liam Maya Marcus Nora Nathan Olive Omar Priya Peter Quinn Rosa Rafael "
    "Sofia Samuel Tessa Theo Uma Victor Willa Wesley Yara Zoe"
)
US_LAST = _words(
    "Abbott Alvarez Barrow Bianchi Calloway Castillo Delaney Dubois Ellery Farrow Fontaine Granger Guerrero Hollis Hargrove "
    "Iverson Jansen Keating Kowalski Lindgren Lockhart Mercer Moreau Nakamura Norwood Osei Pemberton Petrov Quigley Ramsey "
    "Rosen Salazar Sinclair Tran Thornton Underwood Vance Vasquez Whitlock Winslow Yates Zeller"
)
US_STREETS = _words(
    "Maple Street,Harbor Road,Congress Street,Mill Lane,Orchard Avenue,Lighthouse Drive,Birch Hill Road,Front Street,Pine Ridge "
    "Lane,River Road,Chestnut Street,Ferry Landing,Old County Road,Elm Court,Prospect Avenue,Granite Street",
    ",",
)
# city, state, postcode, area code
US_PLACES = (
    ("Portland", "ME", "04101", "207"), ("Bangor", "ME", "04401", "207"), ("Burlington", "VT", "05401", "802"),
    ("Boston", "MA", "02116", "617"), ("Cambridge", "MA", "02139", "617"), ("Providence", "RI", "02903", "401"),
    ("Hartford", "CT", "06103", "860"), ("New York", "NY", "10025", "212"), ("Brooklyn", "NY", "11215", "718"),
    ("Philadelphia", "PA", "19107", "215"), ("Washington", "DC", "20009", "202"), ("Raleigh", "NC", "27601", "919"),
    ("Atlanta", "GA", "30307", "404"), ("Austin", "TX", "78704", "512"), ("Denver", "CO", "80205", "303"),
    ("Portland", "OR", "97214", "503"), ("Seattle", "WA", "98103", "206"), ("Oakland", "CA", "94609", "510"),
)  # fmt: skip

CN_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷"
CN_GIVEN = _words(
    "子涵 雨桐 浩然 思远 佳怡 欣妍 俊杰 明轩 晓燕 志强 丽华 建国 秀英 文博 梦琪 诗涵 宇航 嘉豪 静怡 雪梅 国栋 海燕 小龙 婷婷 一鸣 "
    "心怡 振华 玉兰 天佑 若曦 春生 慧敏 立新 凤霞 家栋 可欣 永康 巧云 正阳 舒雅 景行 素珍 泽宇 清妍 德胜 月华 博文 安琪 长青 书瑶"
)
CN_STREETS = _words(
    "文三路 解放路 中山北路 人民大道 建设路 学院路 凤起路 和平里 滨江大道 新华街 花园路 长江路 青年路 湖滨路 朝阳街 天目山路"
)
CN_ESTATES = _words(
    "翠苑 金色家园 绿城桂花园 阳光花园 滨江一号 锦绣江南 枫林晚 和家苑 星海名邸 紫荆公寓 怡景湾 望江府"
)
# province, city, district, postcode
CN_PLACES = (
    ("浙江省", "杭州市", "西湖区", "310012"), ("浙江省", "杭州市", "滨江区", "310051"), ("浙江省", "宁波市", "鄞州区", "315100"),
    ("浙江省", "温州市", "鹿城区", "325000"), ("上海市", "上海市", "浦东新区", "200120"), ("上海市", "上海市", "徐汇区", "200030"),
    ("江苏省", "南京市", "鼓楼区", "210009"), ("江苏省", "苏州市", "姑苏区", "215000"), ("安徽省", "合肥市", "蜀山区", "230031"),
    ("广东省", "广州市", "天河区", "510630"), ("广东省", "深圳市", "南山区", "518052"), ("湖北省", "武汉市", "武昌区", "430060"),
    ("湖南省", "长沙市", "岳麓区", "410006"), ("四川省", "成都市", "武侯区", "610041"), ("重庆市", "重庆市", "渝中区", "400010"),
    ("陕西省", "西安市", "雁塔区", "710061"), ("北京市", "北京市", "海淀区", "100080"), ("山东省", "青岛市", "市南区", "266071"),
)  # fmt: skip

CANCEL_REASONS = {
    "en": (
        "Ordered twice by mistake",
        "Changed their mind",
        "Found it in a local shop",
        "Chose another size",
    ),
    "zh-hans": ("重复下单", "不想要了", "线下已买到", "要换规格"),
}
