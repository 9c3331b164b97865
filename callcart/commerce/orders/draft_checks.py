"""What is wrong with what somebody chose: a price by hand, the delivery, the way of paying. A sentence under the field's name each."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from callcart.commerce.payments.public import LEAST_INSTALMENTS, MOST_INSTALMENTS, PaymentMethod
from callcart.commerce.shipping.public import DeliveryChoice
from callcart.core.text import clean, problem

MOST_LINES = 200
MOST_PRICE = 10**12


def too_many_lines() -> str:
    """What to say of more than `MOST_LINES`."""
    return gettext("At most %(most)d lines; split this into two orders.") % {"most": MOST_LINES}


def by_hand_problems(at: str, set_minor: int | None, discount_bp: int, reason: str) -> dict[str, str]:
    """What is wrong with a price or a discount given by hand."""
    found = {}
    if not 0 <= discount_bp <= 10_000 or (set_minor is not None and not 0 <= set_minor <= MOST_PRICE):
        found[f"{at}.discount"] = gettext("This cannot be right.")
    if (set_minor is not None or discount_bp) and (
        said := problem(clean(reason), longest=200, required=True)
    ):
        found[f"{at}.reason"] = said
    return found


def choose_delivery(
    code: str, choices: Sequence[DeliveryChoice], problems: dict[str, str]
) -> DeliveryChoice | None:
    """The method of that code among those that serve the address."""
    chosen = next((choice for choice in choices if choice.code == code), None)
    if chosen is None:
        problems["delivery_method"] = (
            gettext("This delivery method does not serve the address.")
            if code and choices
            else gettext("Choose a delivery method.")
            if choices
            else gettext("We do not deliver to this address yet.")
        )
    return chosen


def check_payment(
    method: str, instalments: int, delivery: DeliveryChoice | None, problems: dict[str, str]
) -> None:
    """Note what is wrong with the way of paying."""
    if method not in set(PaymentMethod):
        problems["payment_method"] = gettext("Choose how to pay.")
    elif method == PaymentMethod.COD and delivery is not None and not delivery.takes_cod:
        problems["payment_method"] = gettext("This delivery method takes no cash.")
    elif method == PaymentMethod.INSTALMENTS and not LEAST_INSTALMENTS <= instalments <= MOST_INSTALMENTS:
        problems["instalments"] = gettext("Give %(least)d to %(most)d instalments.") % {
            "least": LEAST_INSTALMENTS,
            "most": MOST_INSTALMENTS,
        }
