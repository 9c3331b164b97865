"""An address in one line."""

from __future__ import annotations

from callcart.web.desk.place import one_line


def test_a_city_that_is_its_own_province_is_said_once() -> None:
    shanghai = {"country": "CN", "province": "上海市", "city": "上海市", "district": "徐汇区", "street": "凤起路 229 号", "postcode": "200030"}  # fmt: skip
    assert one_line(**shanghai) == "上海市徐汇区凤起路 229 号"
    assert (
        one_line(**{**shanghai, "province": "浙江省", "city": "杭州市"}) == "浙江省杭州市徐汇区凤起路 229 号"
    )


def test_elsewhere_the_street_comes_first_and_empty_parts_leave_no_comma() -> None:
    assert (
        one_line(
            country="US", province="ME", city="Portland", district="", street="12 Ferry Landing", postcode="04101"
        )
        == "12 Ferry Landing, Portland, ME 04101"
    )  # fmt: skip
