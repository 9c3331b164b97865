"""What a notice about an order can name, in the customer's language. Read when it is written: later changes are later notices."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import override

from callcart.commerce.orders.public import Order, Shown, shown
from callcart.commerce.payments import public as payments
from callcart.commerce.shipping import public as shipping
from callcart.core.language import is_chinese, locale_of
from callcart.core.money import Money
from callcart.engage.notices.links import pay_address, tracking_address
from callcart.engage.notices.reach import Reach, shop_name


def order_facts(order: Order, reach: Reach) -> dict[str, str]:
    """What every notice about an order can name."""
    return {
        "shop": shop_name(reach.language),
        "name": reach.name,
        "number": order.number,
        "total": money(order.total, reach.language),
        "link": tracking_address(order.number),
    }


def items(order: Order, language: str) -> str:
    """What was ordered, a line each; of a set, what is in it after it."""
    return "\n".join(_item(row, language) for row in shown(order))


def _item(row: Shown, language: str) -> str:
    said = f"{row.quantity} × {row.name_in(language)}"
    if row.sold_set is None:
        return said
    parts = ", ".join(f"{line.quantity} × {line.name_in(language)}" for line in row.lines)
    return f"{said} ({parts})" if not is_chinese(language) else f"{said}（{parts.replace(', ', '、')}）"


def parcel_facts(order: Order, reach: Reach, parcel_id: UUID | None) -> dict[str, str]:
    """Carrier, tracking number and place of a parcel, and the cash to have ready for it."""
    parcels = shipping.parcels_of([order.id]).get(order.id, [])
    parcel = next((each for each in parcels if each.id == parcel_id), parcels[-1] if parcels else None)
    due = missing(order)
    with override(reach.language):
        ready = _("Please have %(amount)s ready.") % {"amount": money(due, reach.language)}
    return {
        "carrier": parcel.carrier_in(reach.language) if parcel else "",
        "tracking": (parcel.tracking or parcel.number) if parcel else "",
        "place": parcel.place if parcel else "",
        "cash": ready if due.minor > 0 and order.payment_method == payments.PaymentMethod.COD else "",
    }


def pay_facts(order: Order, reach: Reach) -> dict[str, str]:
    """What is still to be paid, and where."""
    return {"due": money(missing(order), reach.language), "pay": pay_address(order.id)}


def missing(order: Order) -> Money:
    """What of the order has not been paid; nothing where it has no payment."""
    found = payments.payment_of(order.id)
    if found is None or found.payment.state == payments.PaymentState.CANCELLED:
        return Money(0, order.currency)
    return Money(max(found.amount.minor - found.captured.minor, 0), order.currency)


def money(amount: Money, language: str) -> str:
    return amount.format(locale_of(language)).replace("\u00a0", " ")


def day(found: date, language: str) -> str:
    return format_date(found, "M月d日" if is_chinese(language) else "MMM d", locale=locale_of(language))


def trouble(state: str, language: str) -> str:
    """What has happened to a parcel, in the middle of a sentence."""
    with override(language):
        return {
            "exception": _("the parcel is held up"),
            "attempt_failed": _("the parcel could not be delivered and is brought again"),
            "refused": _("the parcel was not accepted"),
            "returning": _("the parcel comes back to us"),
            "returned": _("the parcel came back to us"),
            "lost": _("the carrier cannot find the parcel"),
        }.get(state, state)


def decision(state: str, language: str) -> str:
    """What was decided about a return."""
    with override(language):
        return {
            "approved": _("accepted"),
            "refused": _("not accepted"),
            "rejected": _("not accepted"),
            "exchanged": _("a replacement is sent"),
            "repaired": _("repaired and sent back"),
            "refunded": _("the money is given back"),
        }.get(state, "")
