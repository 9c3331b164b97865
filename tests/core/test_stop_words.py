from __future__ import annotations

import pytest

from callcart.core.stop_words import is_start, is_stop


@pytest.mark.parametrize(
    "text", ["STOP", " stop. ", "Stop!", "ＳＴＯＰ", "“STOP”", "Stop-all", "unsubscribe", "OPT OUT", "退订", "【退订】", "退订。"]
)  # fmt: skip
def test_stop_in_any_talk(text: str) -> None:
    assert is_stop(text, "en") and is_stop(text, "zh-hans") and not is_start(text, "zh-hans")


@pytest.mark.parametrize("text", ["T", "td", "ＴＤ", "R", "回T", "TD退订"])
def test_a_letter_says_it_in_chinese_only(text: str) -> None:
    assert is_stop(text, "zh-hans") and not is_stop(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "stop by tomorrow",
        "please don't stop",
        "我想退货",
        "取消订单",
        "nonstop",
        "t-shirt",
        "stop" * 20,
    ],
)
def test_more_than_the_word_is_a_message(text: str) -> None:
    assert not is_stop(text, "en") and not is_stop(text, "zh-hans") and not is_start(text, "zh-hans")


def test_start() -> None:
    assert is_start("Start", "en") and is_start("恢复订阅", "en") and is_start("KT", "zh-hans")
    assert not is_start("KT", "en") and not is_start("yes", "en")
