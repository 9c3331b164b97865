"""A letter wrong, missing, too many or changed with its neighbour: found where nothing is as typed; never another's."""

from __future__ import annotations

import pytest

from callcart.core.search import document, is_meant

NAME = document("Grace Whitfield", "10012").text


@pytest.mark.parametrize(
    "typed",
    ["Grace", "whitfield", "Grafe", "Grce", "Graace", "brace", "grcae", "Whitfeild", "whitfiel", "witfield", "hitfield",
     "whitfi", "whitfa", "grcae whitfeild", "Grace Whitfild", "whitfild grace 10012"],
)  # fmt: skip
def test_what_is_meant(typed: str) -> None:
    assert is_meant(typed, NAME)


@pytest.mark.parametrize(
    "typed",
    [
        "Gravel",
        "Green",
        "Grafs",
        "gracious",
        "Whitman",
        "grace smith",
        "grace 10013",
        "1O012",
        "grc",
        "王",
        "wihtfeild",
    ],
)
def test_what_is_not(typed: str) -> None:
    assert not is_meant(typed, NAME)
