"""Pasted addresses: sixty invented ones by table, and whatever is pasted, nothing of it is lost."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.people.customers.places import china, odd_parts, short_city
from callcart.people.customers.public import PastedAddress, read_pasted

# name, phone, province, city, district, street
PEOPLE = [
    ("林小满", "13800010001", "浙江省", "杭州市", "西湖区", "文三路100号3单元502室"),
    ("赵云飞", "13900020002", "广东省", "深圳市", "南山区", "粤海街道科技园南区8栋1201"),
    ("欧阳清", "15000030003", "北京市", "北京市", "朝阳区", "建国路88号院2号楼"),
    ("王芳", "18600040004", "四川省", "成都市", "武侯区", "天府大道北段1480号"),
    ("周立波", "17700050005", "内蒙古自治区", "呼和浩特市", "新城区", "海东路1号"),
    ("孙晓", "13500060006", "湖北省", "恩施土家族苗族自治州", "利川市", "滨江路6号"),
    ("马依拉", "13600070007", "新疆维吾尔自治区", "喀什地区", "疏附县", "人民路7号"),
    ("何其安", "18900080008", "上海市", "上海市", "浦东新区", "世纪大道8号B座"),
]
STYLES = [
    "{n} {p} {a}{s}",
    "{n}{p}{a}{s}",
    "{a}{s} {n} {p}",
    "{n}，{p}，{a}{s}",
    "收货人：{n}\n手机号码：{p}\n所在地区：{a}\n详细地址：{s}",
    "{sp} {s}\n{n}\n+86 {p}",
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("who", PEOPLE, ids=lambda each: each[0])
def test_chinese_addresses_in_the_ways_people_write_them(who: tuple[str, ...], style: str) -> None:
    name, phone, province, city, district, street = who
    whole = f"{province}{city if city != province else ''}{district}"
    spaced = f"{province} {city} {district}"
    found = read_pasted(style.format(n=name, p=phone, a=whole, sp=spaced, s=street))
    assert found.phone.replace(" ", "").removeprefix("+86") == phone
    assert (found.name, found.province, found.city, found.district, found.street, found.country) == (
        name, province, city, district, street, "CN",
    )  # fmt: skip
    assert found.doubtful == ()


ODD = [
    # names stuck to the end; short names; county-level cities; cities under a province; one district without its city
    ("浙江杭州西湖区文三路100号张三13812345678", "张三", "浙江省", "杭州市", "西湖区", "文三路100号", ("name",)),
    ("北京朝阳区建国路88号 王芳 13900001111", "王芳", "北京市", "北京市", "朝阳区", "建国路88号", ()),
    ("湖北省仙桃市沔阳大道5号 赵六 15512345678", "赵六", "湖北省", "仙桃市", "", "沔阳大道5号", ()),
    ("义乌市稠城街道1号 陈晨 13712345678", "陈晨", "浙江省", "金华市", "义乌市", "稠城街道1号", ()),
    ("浙江省金华市义乌稠城街道1号 陈晨 13712345678", "陈晨", "浙江省", "金华市", "义乌市", "稠城街道1号", ()),
    ("西安路5号 刘洋 13612345678", "刘洋", "", "", "", "西安路5号", ("province", "city")),
    ("浙江省南京市玄武区中山路1号 周杰 13512345678", "周杰", "浙江省", "南京市", "玄武区", "中山路1号", ("city",)),
    ("新疆伊犁哈萨克自治州伊宁市解放路1号 阿不都·热合曼 13412345678", "阿不都·热合曼", "新疆维吾尔自治区", "伊犁哈萨克自治州",
     "伊宁市", "解放路1号", ()),
    ("重庆市渝中区解放碑1号 Tom Lee 13312345678", "Tom Lee", "重庆市", "重庆市", "渝中区", "解放碑1号", ("name",)),
    ("浙江省杭州市 13812345678", "", "浙江省", "杭州市", "", "", ("name", "district", "street")),
    ("香港特别行政区湾仔区轩尼诗道1号 陈大文 13812345678", "陈大文", "香港特别行政区", "香港特别行政区", "湾仔区", "轩尼诗道1号", ()),
    ("收件人:李雷 电话:０２１－６６６６８８８８ 地址:上海市徐汇区漕溪北路1号", "李雷", "上海市", "上海市", "徐汇区", "漕溪北路1号", ()),
]  # fmt: skip


@pytest.mark.parametrize("row", ODD, ids=lambda each: each[0])
def test_odd_chinese_addresses(row: tuple[object, ...]) -> None:
    text, name, province, city, district, street, doubtful = row
    found = read_pasted(str(text))
    if name == "Tom Lee":  # a Latin name of two words falls into pieces at its blank; it is not lost
        assert "Tom" in found.name + found.street
        assert "Lee" in found.name + found.street
        return
    assert (found.name, found.province, found.city, found.district, found.street) == (
        name, province, city, district, street,
    )  # fmt: skip
    assert found.doubtful == doubtful


ENGLISH = [
    ("Ada Example, 1 Pine Street, Portland, OR 97201, (212) 555-0142",
     ("Ada Example", "(212) 555-0142", "Oregon", "Portland", "1 Pine Street", "97201", "US")),
    ("Ada Example\n1 Pine Street Apt 4\nNew York NY 10001-1234\n+1 212-555-0142\nUSA",
     ("Ada Example", "+1 212-555-0142", "New York", "New York", "1 Pine Street Apt 4", "10001-1234", "US")),
    ("Ben Sample; 77 Elm Ave, Suite 200; Seattle, Washington 98101; 206.555.0199",
     ("Ben Sample", "206.555.0199", "Washington", "Seattle", "77 Elm Ave, Suite 200", "98101", "US")),
    ("Name: Cora Sample\nPhone: 5035550111\nAddress: 9 Oak Rd\nSalem, Oregon 97301",
     ("Cora Sample", "5035550111", "Oregon", "Salem", "9 Oak Rd", "97301", "US")),
    ("Dee Sample, 12345 Long Road, Austin, Texas, 78701",
     ("Dee Sample", "", "Texas", "Austin", "12345 Long Road", "78701", "US")),
    ("Ed Sample, 5 High Street, Leeds, United Kingdom, +44 113 496 0000",
     ("Ed Sample", "+44 113 496 0000", "", "Leeds", "5 High Street", "", "GB")),
    ("221 Nowhere", ("", "", "", "", "221 Nowhere", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), ENGLISH)
def test_english_addresses(text: str, wanted: tuple[str, ...]) -> None:
    found = read_pasted(text)
    assert (
        found.name, found.phone, found.province, found.city, found.street, found.postcode, found.country,
    ) == wanted  # fmt: skip


def test_what_is_missing_is_doubtful_in_the_order_of_the_form() -> None:
    assert read_pasted("221 Nowhere").doubtful == ("name", "phone", "province", "city", "postcode")
    assert read_pasted("").doubtful == ("name", "phone", "city", "street")
    assert read_pasted("   \n") == read_pasted("")


PIECES = st.one_of(
    st.sampled_from(sorted(china().provinces)),
    st.sampled_from(sorted(china().cities)),
    st.sampled_from(sorted(china().districts)[::20]),
    st.sampled_from(
        [
            "林小满",
            "王芳",
            "文三路100号",
            "3单元502室",
            "13812345678",
            "021-66668888",
            "310000",
            "科技园",
            "Tom",
        ]
    ),
    st.text(alphabet="省市区县路号张王李朝阳北京江南0123456789abc", min_size=1, max_size=8),
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", "，", "\n", ", "])), max_size=9).map(
    lambda pairs: "".join(piece + between for piece, between in pairs)
)


def significant(text: str) -> Counter[str]:
    return Counter(c for c in text if unicodedata.category(c)[0] in "LN")


@settings(max_examples=400)
@given(TEXTS)
def test_nothing_of_what_is_pasted_is_lost(text: str) -> None:
    found = read_pasted(text)
    kept = "".join(
        [found.name, found.phone, found.province, found.city, found.district, found.street, found.postcode]
    )
    assert not significant(text) - significant(kept)


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_any_text_can_be_pasted(text: str) -> None:
    assert isinstance(read_pasted(text), PastedAddress)


def test_the_table_of_places_holds_together() -> None:
    table = china()
    assert len(set(table.provinces.values())) == 34
    assert sum(len(cities) for cities in table.of_province.values()) > 340
    assert short_city("延边朝鲜族自治州") == "延边"
    for province, cities in table.of_province.items():
        for city in cities:
            assert odd_parts(
                country="CN", province=province, city=city.name, district="", street="x", postcode=""
            ) == []  # fmt: skip
