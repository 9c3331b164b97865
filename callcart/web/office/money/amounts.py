"""Amounts and days as people type them: either decimal sign, digits of any keyboard."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.money import Money

_COMMA_DECIMAL = re.compile(r"[+-]?\d{1,12},\d{1,3}")
_DOT_GROUPS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d{1,3})?")


def read_amount(text: str, currency: str, *, field: str = "amount") -> Money:
    """`12.50`, `12,50`, `1,234.50`, `1.234,50`, in full-width digits too. What has two meanings (`1.234`) is refused. Raises Invalid
    at the field."""
    plain = unicodedata.normalize("NFKC", text[:60]).replace("。", ".").replace(" ", "").replace("\u00a0", "")
    plain = plain.replace("−", "-")
    places = get_currency_precision(currency)
    _whole, _sign, after = plain.rpartition(",")
    if _DOT_GROUPS.fullmatch(plain) and ("," in plain or plain.count(".") > 1 or not places):
        plain = plain.replace(".", "").replace(",", ".")
    elif places and _DOT_GROUPS.fullmatch(plain):
        plain = ""  # 1.234 is either
    elif _COMMA_DECIMAL.fullmatch(plain) and len(after) <= places:
        plain = plain.replace(",", ".")
    try:
        return Money.parse(plain, currency)
    except ValueError:
        raise Invalid(fields={field: _("Give an amount, such as 12.50.")}) from None


def read_day(text: str, *, field: str) -> date | None:
    """A day from a date field; None where it is empty. Raises Invalid at the field."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(fields={field: _("Give a day.")}) from None
