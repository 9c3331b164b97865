"""Specifications of the demo goods, by shop: fields of a category and what its products are."""

from __future__ import annotations

from callcart.demo.data.goods import SpecRow as S

# fmt: off
_MATERIALS = (
    ("iron", "Cast iron", "铸铁"), ("steel", "Steel", "钢"), ("wood", "Wood", "木"), ("stoneware", "Stoneware", "粗陶"),
    ("linen", "Linen", "亚麻"), ("bamboo", "Bamboo", "竹"), ("celadon", "Celadon", "青瓷"), ("glass", "Glass", "玻璃"),
)
_FABRICS = (
    ("wool", "Wool", "羊毛"), ("cotton", "Cotton", "棉"), ("linen", "Linen", "亚麻"), ("silk", "Silk", "蚕丝"),
    ("latex", "Latex", "乳胶"), ("synthetic", "Synthetic", "化纤"), ("rubber", "Rubber", "橡胶"),
)

SPECS: dict[str, tuple[S, ...]] = {
    "harbor": (
        S("kitchen", "choice", "Material", "材质", {
            "cast-iron-skillet": "iron", "dutch-oven": "iron", "maple-board": "wood", "chefs-knife": "steel",
            "stoneware-plates": "stoneware", "stoneware-bowls": "stoneware", "linen-apron": "linen"}, choices=_MATERIALS[:5]),
        S("kitchen", "yes_no", "Dishwasher safe", "可进洗碗机", {
            "cast-iron-skillet": "no", "dutch-oven": "yes", "maple-board": "no", "chefs-knife": "no",
            "stoneware-plates": "yes", "stoneware-bowls": "yes"}),
        S("kitchen", "text", "Care", "保养", {
            "cast-iron-skillet": ("Wipe dry, oil lightly", "擦干后薄涂食用油"), "maple-board": ("Oil twice a year", "每年上油两次"),
            "chefs-knife": ("Wash by hand", "手洗")}, is_filter=False),
        S("coffee-tea", "number", "Capacity", "容量", {"pour-over-kettle": "1", "camp-mug": "0.35", "french-press": "1"}, "L", "升"),
        S("camp", "number", "Warm down to", "适用温度", {"sleeping-bag": "-7"}, "°C", "℃"),
        S("camp", "number", "Capacity", "容量", {"insulated-bottle": "0.7"}, "L", "升"),
        S("camp", "number", "Brightness", "亮度", {"headlamp": "400"}, "lm", "流明"),
        S("camp", "number", "For people", "适用人数", {"two-person-tent": "2", "camp-chair": "1", "sleeping-bag": "1"}),
        S("clothing", "choice", "Fabric", "面料", {
            "fisherman-sweater": "wool", "merino-beanie": "wool", "hiking-socks": "wool", "rain-jacket": "synthetic",
            "rubber-boots": "rubber"}, choices=_FABRICS),
        S("clothing", "yes_no", "Waterproof", "防水", {
            "rain-jacket": "yes", "rubber-boots": "yes", "fisherman-sweater": "no", "merino-beanie": "no", "hiking-socks": "no"}),
        S("bed-bath", "choice", "Fabric", "面料", {
            "wool-throw": "wool", "bath-towel": "cotton", "linen-duvet": "linen", "pillow": "synthetic"}, choices=_FABRICS),
    ),
    "qinghe": (
        S("tea", "choice", "Kind of tea", "茶类", {
            "longjing": "green", "anji-white": "green", "dahongpao": "oolong", "puer-cake": "dark", "chrysanthemum": "flower"},
          choices=(("green", "Green tea", "绿茶"), ("oolong", "Oolong", "乌龙茶"), ("dark", "Dark tea", "黑茶"), ("flower", "Flower tea", "花茶"))),
        S("tea", "text", "Origin", "产地", {
            "longjing": ("Hangzhou, Zhejiang", "浙江杭州"), "anji-white": ("Anji, Zhejiang", "浙江安吉"),
            "dahongpao": ("Wuyi, Fujian", "福建武夷山"), "puer-cake": ("Menghai, Yunnan", "云南勐海"),
            "chrysanthemum": ("Tongxiang, Zhejiang", "浙江桐乡")}, is_filter=False),
        S("kitchen", "choice", "Material", "材质", {
            "iron-wok": "iron", "bamboo-board": "bamboo", "celadon-bowls": "celadon", "steamer": "steel", "glass-boxes": "glass",
            "kitchen-cleaver": "steel"}, choices=_MATERIALS),
        S("kitchen", "yes_no", "For induction", "适用电磁炉", {"iron-wok": "yes", "steamer": "yes"}),
        S("home", "choice", "Fabric", "面料", {
            "silk-quilt": "silk", "cotton-bedset": "cotton", "latex-pillow": "latex", "cotton-towels": "cotton",
            "lambswool-scarf": "wool"}, choices=_FABRICS),
        S("appliances", "number", "Capacity", "容量", {"health-kettle": "1.5", "humidifier": "3", "vacuum-cup": "0.5"}, "L", "升"),
        S("appliances", "yes_no", "Rechargeable", "可充电", {"toothbrush": "yes", "desk-fan": "yes", "rice-cooker": "no", "humidifier": "no"}),
    ),
}
