"""Words and colours for troubles of parcels and for bookings with carriers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callcart.commerce.shipping.public import BookingState, Trouble
from callcart.web.office.words import Word


def trouble_words() -> dict[str, Word]:
    """What is the matter with a parcel, and what that means."""
    return {
        Trouble.LATE: Word(_("Late"), "amber"),
        Trouble.STUCK: Word(_("Not moving"), "amber"),
        Trouble.EXCEPTION: Word(_("Held up"), "red"),
        Trouble.REFUSED: Word(_("Refused by the receiver"), "red"),
        Trouble.LOST: Word(_("Lost"), "red"),
    }


def advice(trouble: str) -> str:
    """What to do about it."""
    return {
        Trouble.LATE: _("The promised day is over. Ask the carrier, and tell the customer before they ask."),
        Trouble.STUCK: _("There has been no scan for days. Ask the carrier to look for it."),
        Trouble.EXCEPTION: _(
            "The carrier cannot go on. Check the address and telephone number with the customer."
        ),
        Trouble.REFUSED: _("The receiver did not accept it. Ask why, and expect it back."),
        Trouble.LOST: _("The carrier has given it up. Send again or refund, and claim the damage."),
    }.get(Trouble(trouble), "")


def booking_word(state: str) -> Word:
    return {
        BookingState.WANTED: Word(_("Being booked"), "blue"),
        BookingState.BOOKED: Word(_("Booked"), "green"),
        BookingState.REFUSED: Word(_("Refused by the carrier"), "red"),
        BookingState.CANCELLING: Word(_("Being called off"), "amber"),
        BookingState.CANCELLED: Word(_("Called off"), "grey"),
    }[BookingState(state)]
