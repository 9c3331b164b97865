"""Which of two names a reader gets."""

from __future__ import annotations

import pytest

from callcart.core.language import in_language


@pytest.mark.parametrize(
    ("language", "english", "chinese", "shown"),
    [
        ("en", "Tea", "茶", "Tea"),
        ("zh-hans", "Tea", "茶", "茶"),
        ("zh-Hans-CN", "Tea", "茶", "茶"),
        ("ZH", "Tea", "茶", "茶"),
        ("", "Tea", "茶", "Tea"),
        ("zh-hans", "Tea", "", "Tea"),
        ("en", "", "茶", "茶"),
    ],
)
def test_the_readers_name_or_the_one_there_is(language: str, english: str, chinese: str, shown: str) -> None:
    assert in_language(language, english, chinese) == shown
