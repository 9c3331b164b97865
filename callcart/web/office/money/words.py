"""Words and colours of the money area: how money came, where it lies, what a line waits for."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.commerce.payments import finance
from callcart.commerce.payments.gateway import gateway_names, traits_of
from callcart.commerce.shipping import public as shipping
from callcart.core.ids import read_ids
from callcart.web import names
from callcart.web.office.words import Word
from callcart.web.reader import reader


def methods() -> dict[str, str]:
    """How money comes in."""
    return {
        "gateway": _("Payment company"), "cash": _("Cash"), "bank_transfer": _("Bank transfer"), "cheque": _("Cheque"),
        "cod": _("Cash on delivery"), "gift_card": _("Gift card"), "store_credit": _("Store credit"), "other": _("Other"),
    }  # fmt: skip


def typed_methods() -> list[tuple[str, str]]:
    """Those that a person writes a receipt for."""
    names = methods()
    return [(key, names[key]) for key in ("cash", "bank_transfer", "cheque", "other")]


def ways() -> list[tuple[str, str]]:
    """Ways of giving money back that a person may choose."""
    names = methods()
    return [("", _("The way it was paid"))] + [
        (key, names[key]) for key in ("store_credit", "bank_transfer", "cash", "cheque", "other")
    ]


def ages() -> dict[str, str]:
    return {
        "d2": _("Up to 2 days"), "d7": _("3 to 7 days"), "d14": _("8 to 14 days"), "d30": _("15 to 30 days"),
        "older": _("Over 30 days"),
    }  # fmt: skip


def line_states() -> dict[str, Word]:
    return {
        "open": Word(_("Open"), "amber"), "booked": Word(pgettext("money", "Booked"), "green"),
        "going_back": Word(_("To be sent back"), "red"), "returned": Word(_("Sent back"), "violet"),
        "ignored": Word(_("Not about an order"), "grey"),
    }  # fmt: skip


def cash_states() -> dict[str, Word]:
    return {
        "matched": Word(_("As expected"), "blue"), "differs": Word(_("Differs"), "red"),
        "unknown": Word(_("Unknown number"), "amber"), "already": Word(_("Handed over before"), "violet"),
        "refused": Word(_("Parcel came back"), "violet"), "booked": Word(pgettext("money", "Booked"), "green"),
        "dropped": Word(_("Laid aside"), "grey"),
    }  # fmt: skip


def reasons() -> dict[str, str]:
    """Why a line of a statement is thought to pay an order."""
    return {
        "number": _("order number"), "amount": _("amount"), "part": _("a part of it"), "over": _("more than is owed"),
        "name": _("payer's name"), "only_one": _("the only order of this amount"), "settled": _("already paid"),
    }  # fmt: skip


def difference_kinds() -> dict[str, str]:
    return {
        "fee": _("Fee"), "rounding": _("Rounding"), "loss": _("Loss"), "miscount": _("Miscounted"),
        "timing": _("Comes another day"), "other": _("Other"), finance.AS_PAID: _("Book what came; the rest stays owed"),
    }  # fmt: skip


def till_kinds() -> dict[str, str]:
    return {
        "person": _("Person"), "bank": _("Bank account"), "carrier": _("Carrier"), "gateway": _("Payment company"),
        "stored": _("Stored value"),
    }  # fmt: skip


def sureness(confidence: int) -> Word:
    """How sure a proposal is."""
    if confidence >= finance.CERTAIN:
        return Word(_("Certain"), "green")
    return Word(_("Likely"), "blue") if confidence >= finance.LIKELY else Word(_("Maybe"), "amber")


def carriers() -> dict[str, str]:
    """Our carriers by code, in the reader's language."""
    rows = shipping.Carrier.objects.filter(is_active=True).order_by("name", "code")
    return {row.code: row.name_in(reader().language) for row in rows}


def carrier(code: str, known: dict[str, str]) -> str:
    return known.get(code) or code or _("No carrier named")


def staff_names(ids: Iterable[str]) -> dict[str, str]:
    """Names by id, as tills keep it."""
    return {str(key): name for key, name in names.staff_names(read_ids(ids)).items()}


def holder(till: finance.TillRef, people: dict[str, str], known: dict[str, str]) -> str:
    """Who or what a till is."""
    if till.kind == finance.TillKind.PERSON:
        return people.get(till.holder) or _("System")
    if till.kind == finance.TillKind.CARRIER:
        return carrier(till.holder, known)
    if till.kind == finance.TillKind.STORED:
        return methods().get(till.holder, till.holder)
    if till.kind == finance.TillKind.GATEWAY and till.holder:
        return provider(till.holder)
    return till.holder or till_kinds()[till.kind]


def provider(name: str) -> str:
    """What a payment company is called; one that is not installed any more by its short name."""
    return str(traits_of(name).label or name) if name in gateway_names() else name
