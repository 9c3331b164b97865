"""What makes an order doubtful. A doubt is a code with what it is about; it is said in the reader's language when shown.

`look_for_doubts` reads, it changes nothing. Doubts are found by a job after placing and again when somebody approves, so
that nobody approves on what was true yesterday.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, ngettext, override

from callcart.commerce.orders.models import ApprovalRules, Line, Order
from callcart.commerce.orders.rules import address_key, listed, rules_of_shop
from callcart.commerce.orders.states import Fulfilment, OrderState
from callcart.commerce.payments.public import PaymentMethod
from callcart.core.clock import now
from callcart.core.language import locale_of
from callcart.core.money import Money
from callcart.people.customers.public import Customer, odd_parts

_LOOKED_AT = 200  # orders of one receiver or one day's street that are compared at most
_LEAST_STREET = 4


class Doubt(StrEnum):
    BLOCKED = "blocked_customer"
    LISTED_PHONE = "listed_phone"
    LISTED_ADDRESS = "listed_address"
    DUPLICATE = "duplicate"
    REFUSALS = "cod_refusals"
    FIRST_COD = "first_cod"
    LARGE = "large_amount"
    ADDRESS = "odd_address"


@dataclass(frozen=True, slots=True)
class Said:
    """A doubt as a reader sees it: a word or two, and why."""

    code: str
    label: str
    reason: str


def look_for_doubts(order: Order, *, rules: ApprovalRules | None = None) -> dict[str, dict[str, Any]]:
    """Every doubt about an order with its data, the gravest first."""
    known = rules or rules_of_shop()
    found: dict[str, dict[str, Any]] = {}
    if order.customer_id is not None and Customer.objects.filter(id=order.customer_id, blocked=True).exists():
        found[Doubt.BLOCKED] = {}
    for kind in sorted(listed(order), reverse=True):
        found[Doubt.LISTED_PHONE if kind == "phone" else Doubt.LISTED_ADDRESS] = {}
    if others := _duplicates(order, known.duplicate_hours):
        found[Doubt.DUPLICATE] = {"numbers": others[:5], "hours": known.duplicate_hours}
    found |= _cash_doubts(order, known)
    if known.large_minor and order.total_minor > known.large_minor:
        found[Doubt.LARGE] = {"limit": known.large_minor}
    if wrong := odd_address(order):
        found[Doubt.ADDRESS] = {"parts": wrong}
    return found


def _same_receiver(order: Order) -> Q:
    same = Q(ship_phone=order.ship_phone)
    if order.customer_id is not None:
        same |= Q(customer_id=order.customer_id)
    return same


def _duplicates(order: Order, hours: int) -> list[str]:
    """Numbers of orders of the same telephone number or address in the hours around it that hold one of its SKUs."""
    placed = order.placed_at or now()
    span = timedelta(hours=hours)
    others = (
        Order.objects.filter(placed_at__gt=placed - span, placed_at__lte=placed + span)
        .exclude(id=order.id)
        .exclude(state=OrderState.CANCELLED)
        .exclude(id__in=[each for each in (order.split_from, order.merged_into) if each])
        .filter(
            Q(ship_phone=order.ship_phone)
            | Q(ship_city=order.ship_city, ship_street__iexact=order.ship_street)
        )
        .exclude(split_from=order.id)
    )
    rows = list(others.order_by("-placed_at").values_list("id", "number", "split_from")[:_LOOKED_AT])
    if not rows:
        return []
    mine = Line.objects.filter(order=order).values("variant_id")
    alike = set(
        Line.objects.filter(order__in=[row[0] for row in rows], variant__in=mine).values_list(
            "order_id", flat=True
        )
    )
    return [number for order_id, number, _split in rows if order_id in alike]


def _cash_doubts(order: Order, rules: ApprovalRules) -> dict[str, dict[str, Any]]:
    if order.payment_method != PaymentMethod.COD:
        return {}
    found: dict[str, dict[str, Any]] = {}
    before = Order.objects.filter(_same_receiver(order)).exclude(id=order.id)
    if rules.refusals:
        refused = before.filter(
            payment_method=PaymentMethod.COD,
            fulfilment_state__in=[Fulfilment.RETURNING, Fulfilment.RETURNED],
        )
        # what arrived and was given back later was not refused at the door
        given_back = Line.objects.filter(order=OuterRef("id")).filter(Q(returning__gt=0) | Q(returned__gt=0))
        count = refused.filter(~Exists(given_back))[:_LOOKED_AT].count()
        if count >= rules.refusals:
            found[Doubt.REFUSALS] = {"count": count}
    if rules.first_cod_minor and order.total_minor > rules.first_cod_minor:
        kept = before.filter(state__in=[OrderState.CONFIRMED, OrderState.CLOSED])
        if not kept.exists():
            found[Doubt.FIRST_COD] = {"limit": rules.first_cod_minor}
    return found


def odd_address(order: Order) -> list[str]:
    """What is odd about an address: `missing:<field>`, `mismatch`, `short`."""
    return odd_parts(
        country=order.ship_country,
        province=order.ship_province,
        city=order.ship_city,
        district=order.ship_district,
        street=order.ship_street,
        postcode=order.ship_postcode,
    ) + (["short"] if len(address_key(order.ship_street)) < _LEAST_STREET else [])


def keep_doubts(order: Order) -> bool:
    """Look again and keep what was found on the order; whether that is something else than before. The caller holds the
    order's lock."""
    found = look_for_doubts(order)
    changed = (list(found), found) != (list(order.flags), order.flag_data)
    order.flags, order.flag_data, order.checked_at = list(found), found, now()
    order.save(update_fields=["flags", "flag_data", "checked_at"])
    return changed


def say_doubts(order: Order, language: str) -> list[Said]:
    """The doubts of an order in a language, the gravest first."""
    with override(language):
        return [
            Said(code, label_of(code), _reason(code, order.flag_data.get(code) or {}, order, language))
            for code in order.flags
        ]


def label_of(code: str) -> str:
    """A doubt in a word or two, in the active language."""
    return {
        Doubt.BLOCKED: gettext("Blocked customer"),
        Doubt.LISTED_PHONE: gettext("Number on the list"),
        Doubt.LISTED_ADDRESS: gettext("Address on the list"),
        Doubt.DUPLICATE: gettext("Ordered twice?"),
        Doubt.REFUSALS: gettext("Refused before"),
        Doubt.FIRST_COD: gettext("First order, much cash"),
        Doubt.LARGE: gettext("Large amount"),
        Doubt.ADDRESS: gettext("Odd address"),
    }.get(Doubt(code) if code in set(Doubt) else Doubt.ADDRESS, code)


def _reason(code: str, data: Mapping[str, Any], order: Order, language: str) -> str:
    say = _REASONS.get(code)
    return say(data, order, language) if say else code


def _amount(data: Mapping[str, Any], order: Order, language: str) -> str:
    locale = locale_of(language)
    return Money(int(data.get("limit", 0)), order.currency).format(locale)


def _say_address(data: Mapping[str, Any]) -> str:
    names = {
        "province": gettext("province"),
        "city": gettext("city"),
        "district": gettext("district"),
        "postcode": gettext("postcode"),
    }
    said = []
    parts = [str(part) for part in data.get("parts", ())]
    missing = [names.get(part[8:], part[8:]) for part in parts if part.startswith("missing:")]
    if missing:
        said.append(gettext("Missing in the address: %(what)s.") % {"what": gettext(", ").join(missing)})
    if "mismatch" in parts:
        said.append(gettext("The city does not lie in that province."))
    if "short" in parts:
        said.append(gettext("The street is very short."))
    return " ".join(said)


_REASONS: Mapping[str, Callable[[Mapping[str, Any], Order, str], str]] = {
    Doubt.BLOCKED: lambda d, o, lang: gettext("The customer was blocked."),
    Doubt.LISTED_PHONE: lambda d, o, lang: gettext(
        "The telephone number is on the list of doubtful receivers."
    ),
    Doubt.LISTED_ADDRESS: lambda d, o, lang: gettext("The address is on the list of doubtful receivers."),
    Doubt.DUPLICATE: lambda d, o, lang: (
        ngettext(
            "The same products went to this number or address within %(hours)d hour: order %(numbers)s.",
            "The same products went to this number or address within %(hours)d hours: order %(numbers)s.",
            int(d.get("hours", 24)),
        )
        % {"hours": int(d.get("hours", 24)), "numbers": gettext(", ").join(map(str, d.get("numbers", ())))}
    ),
    Doubt.REFUSALS: lambda d, o, lang: (
        ngettext(
            "%(count)d parcel paid at the door came back from this receiver.",
            "%(count)d parcels paid at the door came back from this receiver.",
            int(d.get("count", 1)),
        )
        % {"count": int(d.get("count", 1))}
    ),
    Doubt.FIRST_COD: lambda d, o, lang: (
        gettext("The first order of this receiver, paid at the door, is above %(limit)s.")
        % {"limit": _amount(d, o, lang)}
    ),
    Doubt.LARGE: lambda d, o, lang: gettext("The order is above %(limit)s.") % {"limit": _amount(d, o, lang)},
    Doubt.ADDRESS: lambda d, o, lang: _say_address(d),
}
