"""No card number touches the system: no table has a place for one, no form asks for one, and one pasted into a note is not kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

from callcart.core.fields import Fields
from callcart.core.text import mask_cards

ROOT = Path(__file__).resolve().parents[2] / "callcart"
FORMS = sorted(
    path
    for pattern in ("*.html", "*.js")
    for path in ROOT.rglob(pattern)
    if "vendor" not in path.parts
    and "gateway" not in path.relative_to(ROOT).parts  # the payment company of the demo
)
_NAMES = re.compile(
    r"""(name|id|autocomplete)=["']?(cc-\w+|card_?-?(number|no|pan|code)|pan|cvv2?|cvc2?|security_?code|exp(iry)?_?(month|year|date))["' >]""",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"(^|_)(pan|cvv2?|cvc2?|card_?number|card_?no|card_holder|security_code)($|_)")


def test_no_table_has_a_place_for_one() -> None:
    found = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if _COLUMNS.search(field.name)
    ]
    assert found == []


def test_no_form_asks_for_one() -> None:
    assert len(FORMS) > 100
    assert [str(path) for path in FORMS if _NAMES.search(path.read_text(encoding="utf-8"))] == []
    assert _NAMES.search('<input name="card_number">') and _NAMES.search('<input autocomplete="cc-csc">')


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4242 4242 4242 4242", "•••• 4242"),
        ("card 4242-4242-4242-4242, exp 12/30", "card •••• 4242, exp 12/30"),
        ("amex 378282246310005.", "amex •••• 0005."),
        (
            "银联 6212345678901233，谢谢",
            "银联 6212345678901233，谢谢",
        ),  # touched by no letter, but its check digit is wrong
        ("5555555555554444 and 4000000000000002", "•••• 4444 and •••• 0002"),
        ("4242 4242 4242 4243", "4242 4242 4242 4243"),
        ("SF4242424242424242", "SF4242424242424242"),
        ("order 104 82 71, call +1 202 555 0142", "order 104 82 71, call +1 202 555 0142"),
        ("13800009999 张三 330106199001011234", "13800009999 张三 330106199001011234"),
        ("", ""),
    ],
)
def test_one_that_is_pasted_is_not_kept(text: str, kept: str) -> None:
    assert mask_cards(text) == kept


def test_a_form_does_not_keep_it() -> None:
    form = Fields()
    assert form.block("note", "pay with 4242424242424242", most=100) == "pay with •••• 4242"
    form.done()
