"""What a draft says at each of its codes that gives nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language

from callcart.commerce.pricing import public as pricing


def coupon_notes(
    codes: Sequence[str], basket: pricing.PricedBasket, problems: dict[str, str], currency: str
) -> dict[str, str]:
    """By the field of the code (`coupons.0`); one that cannot count at all is put among the problems too."""
    language, notes = get_language() or "en", dict[str, str]()
    for note in basket.notes:
        for index, code in enumerate(codes):
            name = f"coupons.{index}"
            if name not in notes and pricing.same_code(code, note.code):
                notes[name] = pricing.say_note(note, currency, language)
                if note.stops:
                    problems[name] = notes[name]
                break
    return notes
