"""Why something costs what it does, as one line in a language: "List 99.00 · Gold customers −5 % · Spring sale −10.00"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from babel.numbers import format_decimal
from django.utils.translation import gettext, override, pgettext

from callcart.commerce.pricing.facts import Note, NoteReason, Step, StepKind
from callcart.core.language import in_language, is_chinese, locale_of
from callcart.core.money import Money

BETWEEN = " · "


def explain(steps: Iterable[Step], currency: str, language: str, *, reasons: bool = True) -> str:
    """The steps in words; a lone list price needs none. Without `reasons` for whom an agent's own words are not meant."""
    found = [step if reasons else replace(step, reason="") for step in steps]
    with override(language):
        said = [_words(step, currency, language) for step in found]
    return BETWEEN.join(said) if len(found) > 1 else ""


def _words(step: Step, currency: str, language: str) -> str:
    amount = Money(step.minor, currency).format(locale_of(language), at_home=True)
    name = in_language(language, step.name, step.name_zh)
    match step.kind:
        case StepKind.LIST:
            return pgettext("price", "List %(amount)s") % {"amount": amount}
        case StepKind.PRICE_LIST if step.percent_bp:
            return f"{name} −{percent(step.percent_bp, language)}"
        case StepKind.PRICE_LIST if step.units > 1:
            said = gettext("%(name)s, from %(units)s units: %(amount)s")
            return said % {"name": name, "units": step.units, "amount": amount}
        case StepKind.PRICE_LIST:
            return f"{name} {amount}"
        case StepKind.SET:
            return _because(gettext("Price agreed %(amount)s") % {"amount": amount}, step.reason)
        case StepKind.PROMOTION:
            title = f"{name} ({step.code})" if step.code else name
            rate = f" {percent(step.percent_bp, language)}" if step.percent_bp else ""
            return f"{title}{rate} −{amount}"
        case StepKind.MANUAL:
            said = gettext("Discount %(percent)s −%(amount)s")
            return _because(
                said % {"percent": percent(step.percent_bp, language), "amount": amount}, step.reason
            )
        case StepKind.PART:
            return gettext("part of %(set)s %(amount)s") % {"set": name, "amount": amount}
        case StepKind.TAX:
            said = (
                gettext("incl. %(tax)s %(amount)s") if step.included else gettext("plus %(tax)s %(amount)s")
            )
            return said % {"tax": tax_name(step, language), "amount": amount}


def _because(said: str, reason: str) -> str:
    return f"{said} ({reason})" if reason else said


def tax_name(step: Step, language: str) -> str:
    """ "VAT 13 %"."""
    rate = _percent(Decimal(step.rate_ppm) / 10_000, language)
    return f"{in_language(language, step.name, step.name_zh)} {rate}".strip()


def percent(basis_points: int, language: str) -> str:
    """Basis points as a percentage: 550 is 5.5 %."""
    return _percent(Decimal(basis_points) / 100, language)


def _percent(number: Decimal, language: str) -> str:
    plain = format_decimal(number.normalize(), format="#,##0.####", locale=locale_of(language))
    return f"{plain}%" if is_chinese(language) else f"{plain} %"


def say_note(note: Note, currency: str, language: str) -> str:
    """Why a code, or a promotion an order had, gives nothing."""
    with override(language):
        name = in_language(language, note.name, note.name_zh)
        if not note.code and name:
            return _lost(note, name, currency, language)
        missing = Money(note.missing_minor, currency).format(locale_of(language))
        return {
            NoteReason.UNKNOWN: gettext("There is no such code."),
            NoteReason.USED_UP: gettext("This code has been used up."),
            NoteReason.NOT_NOW: gettext("This code is not valid now."),
            NoteReason.USED_BY_YOU: gettext("This code was used by the same customer before."),
            NoteReason.NOT_FOR_YOU: gettext("This code is not for this order."),
            NoteReason.FIRST_ORDER: gettext("This code is for a first order only."),
            NoteReason.MINIMUM: gettext("Add goods worth %(amount)s and this code counts.")
            % {"amount": missing},
            NoteReason.NO_GOODS: gettext("This code is for other goods."),
            NoteReason.NOT_TOGETHER: gettext("This code cannot be combined with “%(name)s”.")
            % {"name": name},
            NoteReason.TWICE: gettext("This offer is given already."),
        }[note.reason]


def _lost(note: Note, name: str, currency: str, language: str) -> str:
    if note.reason is NoteReason.MINIMUM:
        missing = Money(note.missing_minor, currency).format(locale_of(language))
        return gettext("“%(name)s” no longer applies: %(amount)s of goods are missing.") % {
            "name": name,
            "amount": missing,
        }
    return gettext("“%(name)s” no longer applies.") % {"name": name}
