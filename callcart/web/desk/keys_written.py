"""The keys of written conversations, as the `?` list shows them; the elements that take them say what they do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

GROUP = _("Messages")
KEYS: tuple[tuple[str, str | Promise], ...] = (
    ("alt+a", _("Accept what is offered")),
    ("alt+x", _("Decline what is offered")),
    ("w", _("Write an answer")),
    ("i", _("Comment for colleagues")),
    ("alt+s", _("Send and set aside")),
    ("alt+k", _("Send and end")),
    ("alt+z", _("Put off, end, or set aside without a word")),
    ("alt+u", _("Add a file")),
    ("alt+g", _("Put a tag on")),
    ("alt+h", pgettext_lazy("conversation", "Hand over")),
    ("alt+b", _("Call back who left a message")),
    ("alt+m", _("Talk to the visitor of a chat")),
    ("alt+j", _("Merge with another one")),
    ("alt+p", _("Show an order to the customer")),
    ("alt+n", _("Write first")),
)


def listed() -> list[dict[str, str]]:
    """Every key in the reader's language."""
    return [{"name": name, "label": str(label), "group": str(GROUP)} for name, label in KEYS]
