"""Fields in a text: `{{order.number}}`. Filled in one pass, so nothing that a customer or a product is called can be a field itself. A
field nobody can fill stays as it is written, is named, and does not go to a customer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.core.errors import Invalid

FIELDS: Mapping[str, str | Promise] = {
    "customer.name": gettext_lazy("the customer's name"),
    "agent.name": gettext_lazy("your name"),
    "shop.name": gettext_lazy("the shop's name"),
    "conversation.number": gettext_lazy("the number of the conversation"),
    "order.number": gettext_lazy("the number of their last order"),
    "order.total": gettext_lazy("what it costs"),
    "order.due": gettext_lazy("what is still to be paid of it"),
    "order.day": gettext_lazy("the day it was placed"),
    "order.items": gettext_lazy("what was ordered, a line each"),
    "parcel.carrier": gettext_lazy("the carrier of its last parcel"),
    "parcel.tracking": gettext_lazy("the tracking number of its last parcel"),
}
_FIELD = re.compile(r"\{\{\s*([^{}\n]{1,60}?)\s*\}\}")


def unknown_fields(text: str) -> list[str]:
    """Fields of a text that there are not, in order."""
    return list(dict.fromkeys(name for name in _FIELD.findall(text) if name not in FIELDS))


def fill(text: str, facts: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its fields filled in, and those as they stand in it that could not be."""
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        known = facts.get(found[1], "")
        if not known:
            missing.append(found[0])
        return known or found[0]

    return _FIELD.sub(value, text), list(dict.fromkeys(missing))


def check_filled(text: str) -> None:
    """Raises Invalid (text) where one of our fields still stands in what is to go to a customer."""
    left = [name for name in _FIELD.findall(text) if name in FIELDS]
    if left:
        raise Invalid(fields={"text": _("Still to be filled in: %(fields)s") % {"fields": ", ".join(left)}})
