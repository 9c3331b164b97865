"""What people type into the forms of this area: amounts, days, numbers. What cannot be read is refused at its field."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from callcart.core.fields import Fields
from callcart.core.money import Money


def amount_of(form: Fields, request: HttpRequest, name: str, currency: str) -> Money:
    """The amount in a field; zero, and the field refused, where there is none."""
    try:
        return Money.parse(request.POST.get(name, ""), currency)
    except ValueError:
        form.refuse(name, _("Give an amount, such as 12.50."))
        return Money.zero(currency)


def day_of(form: Fields, request: HttpRequest, name: str) -> date | None:
    """The day in a field; None where it is empty, or refused."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        form.refuse(name, _("Give a day."))
        return None


def number_of(request: HttpRequest, name: str, *, otherwise: int = 0) -> int:
    """The whole number in a field; `otherwise` where it is none."""
    text = request.POST.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else otherwise
