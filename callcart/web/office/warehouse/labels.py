"""What documents, their states and what became of goods are called on pages, and in which colour."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.commerce.inventory.documents.public import Document
from callcart.web.office.words import Word

_TONES = {
    "draft": "grey", "open": "blue", "counting": "blue", "sent": "violet", "part_received": "amber", "received": "green",
    "closed_short": "amber", "closed": "green", "posted": "green", "cancelled": "red",
}  # fmt: skip


def types() -> dict[str, str]:
    return {
        "stock_in": _("Goods in"),
        "transfer": _("Transfer"),
        "count": _("Stock count"),
        "stock_out": _("Goods out"),
    }


def kinds() -> dict[str, str]:
    return {
        "purchase": _("Purchase"),
        "return": _("Goods returned"),
        "count": _("Found in a count"),
        "other": pgettext("kind of document", "Other"),
        "write_off": _("Write-off"),
        "sample": _("Sample"),
        "own_use": _("Own use"),
    }


def states() -> dict[str, str]:
    return {
        "draft": _("Draft"),
        "open": _("Awaited"),
        "counting": _("Being counted"),
        "sent": _("On the way"),
        "part_received": _("Partly received"),
        "received": _("Fully received"),
        "closed_short": _("Closed short"),
        "closed": _("Closed"),
        "posted": _("Posted"),
        "cancelled": _("Cancelled"),
    }


def state(document: Document) -> Word:
    """The state of a document; a transfer that is received waits for its differences to be explained."""
    if document.type == "transfer" and document.state == "received":
        return Word(_("Differences to explain"), "amber")
    return Word(states()[document.state], _TONES[document.state])


def title(document: Document) -> str:
    """What kind of paper it is, in a word or two."""
    return kinds()[document.kind] if document.kind else types()[document.type]


def conditions() -> dict[str, str]:
    return {
        "sellable": _("Sellable"),
        "damaged": _("Damaged"),
        "inspecting": _("Quality control"),
    }


def outcomes() -> dict[str, str]:
    return {
        "lost": _("Lost on the way"),
        "left_behind": _("Never sent, still lying there"),
        "sent_more": _("More was sent than written down"),
        "found": _("Surplus, nobody misses it"),
    }


def scans() -> dict[str, str]:
    """What is said of a scan, by its outcome."""
    return {
        "booked": _("Taken in"),
        "unknown": _("Unknown code"),
        "over": _("More than expected"),
        "unexpected": _("Not on this document"),
        "not_there": _("Not that many to take back"),
        "is_set": _("A set: scan what it is made of"),
    }


def request_states() -> dict[str, Word]:
    """Of replenishment requests."""
    return {
        "asked": Word(_("Waits for the buyer"), "amber"),
        "ordered": Word(pgettext("replenishment", "On order"), "blue"),
        "arrived": Word(pgettext("replenishment", "Arrived"), "green"),
        "declined": Word(pgettext("replenishment", "Declined"), "red"),
        "withdrawn": Word(_("Taken back"), "grey"),
    }


def notice_states() -> dict[str, Word]:
    """Of arrival notices."""
    return {
        "waiting": Word(pgettext("arrival notice", "Waits"), "amber"),
        "told": Word(pgettext("arrival notice", "Told, goods held"), "blue"),
        "bought": Word(pgettext("arrival notice", "Ordered"), "green"),
        "expired": Word(_("Time ran out"), "grey"),
        "cancelled": Word(pgettext("arrival notice", "Taken off"), "grey"),
    }


def channels() -> dict[str, str]:
    """How whoever waits is told."""
    return {"sms": _("SMS"), "mail": _("E-mail"), "call": _("Phone call")}
