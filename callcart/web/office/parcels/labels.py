"""Words and colours for troubles of parcels, bookings with carriers, and what scanners are answered."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callcart.commerce.fulfilment.public import OutOutcome, PackOutcome
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


def wave_words() -> dict[str, Word]:
    return {
        "open": Word(_("On the way round"), "blue"),
        "done": Word(_("Picked"), "green"),
        "cancelled": Word(_("Given up"), "grey"),
    }


def off_reasons() -> dict[str, str]:
    """Why a document came off its round."""
    return {"short": _("Something was short"), "cancelled": _("Cancelled"), "by_hand": _("Taken apart")}


def pack_scans() -> dict[str, Word]:
    """What a scan at the packing table came to."""
    return {
        PackOutcome.PACKED: Word(_("In the box"), "green"),
        PackOutcome.UNKNOWN: Word(_("Unknown code"), "red"),
        PackOutcome.WRONG: Word(_("WRONG ITEM: take it out"), "red"),
        PackOutcome.TOO_MANY: Word(_("TOO MANY: take it out"), "red"),
        PackOutcome.NOT_THERE: Word(_("So many are not in this box"), "amber"),
    }


def out_scans() -> dict[str, Word]:
    """What a scan at the door came to."""
    return {
        OutOutcome.OUT: Word(_("Handed over"), "green"),
        OutOutcome.MORE_BOXES: Word(_("Handed over"), "amber"),
        OutOutcome.ALREADY: Word(_("Scanned before"), "amber"),
        OutOutcome.UNKNOWN: Word(_("No waybill has this number"), "red"),
        OutOutcome.NOT_PACKED: Word(_("Not packed yet: keep it here"), "red"),
        OutOutcome.CANCELLED: Word(_("CANCELLED: keep it here"), "red"),
        OutOutcome.OTHER_CARRIER: Word(_("Not for this carrier"), "red"),
        OutOutcome.OTHER_PLACE: Word(_("It belongs to another warehouse"), "red"),
    }
