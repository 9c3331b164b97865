"""The desk's keys as the `?` list shows them, also those that have nothing to press at the moment. What a key does is said by the
element or module that takes it; a test holds the two together.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# group: (key, what it does)
KEYS: tuple[tuple[str | Promise, tuple[tuple[str, str | Promise], ...]], ...] = (
    (
        _("Call"),
        (
            ("f2", _("Answer")),
            ("f10", _("Decline")),
            ("f8", _("Mute")),
            ("f4", _("Hold, and take back")),
            ("k", _("Keypad")),
            ("d", _("Call the customer")),
            ("alt+l", _("Call the next one back")),
            ("alt+i", _("Promise a callback")),
            ("p", _("Pause and resume the recording")),
            ("e", _("Park the call for a colleague")),
            ("t", _("Pass the call on")),
            ("g", _("Give the customer to the second person")),
            ("s", _("Swap between customer and second person")),
            ("m", _("All three together")),
            ("u", _("Back to the customer alone")),
            ("f9", _("Hang up")),
        ),
    ),
    (
        _("Order"),
        (
            ("o", _("New order")),
            ("alt+o", _("Search a product")),
            ("alt+c", _("Coupon code")),
            ("alt+d", _("Discount")),
            ("alt+w", _("Ask for replenishment")),
            ("alt+t", _("Tell the customer when it is back")),
            ("ctrl+enter", _("Place the order, finish the wrap-up, or send the answer")),
            ("r", _("Repeat the last order")),
            ("y", _("Copy the payment link")),
            ("b", _("Back to the conversation")),
        ),
    ),
    (
        _("Customer"),
        (
            ("/", _("Find a customer")),
            ("c", _("New customer")),
        ),
    ),
    (
        _("Wrap-up"),
        (
            ("1…9", _("What it was about, two digits")),
            ("backspace", _("Choose again")),
            ("n", _("Write the note")),
            ("escape", _("Out of a field, so that keys work again")),
        ),
    ),
)


def listed() -> list[dict[str, str]]:
    """Every key in the reader's language."""
    return [
        {"name": name, "label": str(label), "group": str(group)}
        for group, rows in KEYS
        for name, label in rows
    ]
