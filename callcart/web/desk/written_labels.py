"""The desk's words for written conversations: channels, what became of a message, and steps of the path between messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from callcart.contact.messaging.models import Delivery
from callcart.contact.messaging.public import visitors
from callcart.people.customers.public import mask_email, mask_phone
from callcart.web.desk import labels
from callcart.web.desk.labels import Mark
from callcart.web.reader import reader

_CHANNELS: Mapping[str, tuple[str | Promise, str]] = {
    "voice": (gettext_lazy("Call"), "phone"),
    "chat": (gettext_lazy("Chat"), "message-circle"),
    "mail": (pgettext_lazy("channel", "E-mail"), "mail"),
    "sms": (gettext_lazy("SMS"), "device-mobile"),
    "voicemail": (gettext_lazy("Voicemail"), "microphone"),
}
DELIVERY: labels.Table = {
    "waiting": (gettext_lazy("Waits to be sent"), "grey", "clock"),
    "sending": (gettext_lazy("Being sent"), "grey", "send"),
    "sent": (pgettext_lazy("message", "Sent"), "grey", "check"),
    "delivered": (gettext_lazy("Arrived"), "green", "checks"),
    "failed": (gettext_lazy("Did not arrive"), "red", "alert-circle"),
    "in_doubt": (gettext_lazy("Perhaps not sent"), "amber", "help-circle"),
}
_STEPS: Mapping[str, tuple[str | Promise, str]] = {
    "queue.entered": (gettext_lazy("Waits for a person"), "hourglass"),
    "queue.widened": (gettext_lazy("Waits for more agents now"), "users"),
    "offer.made": (gettext_lazy("Offered"), "bell-ringing"),
    "offer.timed_out": (gettext_lazy("Not taken in time; back in the queue"), "clock-pause"),
    "offer.rejected": (gettext_lazy("Declined; back in the queue"), "x"),
    "offer.withdrawn": (gettext_lazy("Offer withdrawn"), "x"),
    "offer.returned": (gettext_lazy("Agent went away; back in the queue"), "arrow-back-up"),
    "answered": (gettext_lazy("Taken up"), "user-check"),
    "set_aside": (gettext_lazy("Set aside until the customer writes"), "clock"),
    "handed_over": (pgettext_lazy("conversation", "Handed over"), "transfer"),
    "snoozed": (gettext_lazy("Put off"), "alarm"),
    "woken": (gettext_lazy("Due again"), "bell"),
    "written_first": (gettext_lazy("We wrote first"), "send"),
    "customer.set": (gettext_lazy("Customer chosen"), "user-check"),
    "spam": (gettext_lazy("Marked as spam"), "ban"),
    "finished": (gettext_lazy("Ended"), "check"),
    "ended": (gettext_lazy("Ended"), "check"),
    "closed": (gettext_lazy("Ended"), "check"),
    "linked": (gettext_lazy("Belongs to an order"), "package"),
    "transcript.asked": (gettext_lazy("The customer asked for the transcript by e-mail"), "mail"),
    "merged.into": (gettext_lazy("Merged into another conversation"), "git-branch"),
    "merged.from": (gettext_lazy("Another conversation was merged into this one"), "git-branch"),
    "merge.undone": (gettext_lazy("Merging was undone"), "arrow-back-up"),
    "card.agreed": (gettext_lazy("The customer said yes to the order"), "check"),
    "webcall.asked": (gettext_lazy("The visitor asked for a call"), "phone-incoming"),
    "webcall.invited": (gettext_lazy("The visitor was invited to a call"), "phone-outgoing"),
    "webcall.begun": (gettext_lazy("The chat became a call"), "phone-call"),
    "webcall.declined": (gettext_lazy("No call: the other side did not want one"), "phone-x"),
    "webcall.withdrawn": (gettext_lazy("No call: it was taken back"), "phone-off"),
    "webcall.expired": (gettext_lazy("No call: nobody answered in time"), "phone-off"),
    "webcall.not_reached": (gettext_lazy("The call could not be made"), "phone-off"),
    "webcall.over": (gettext_lazy("The call has ended"), "phone-end"),
    "tagged": (gettext_lazy("Tag put on"), "tag"),
    "untagged": (gettext_lazy("Tag taken off"), "tag"),
}
# Said by the messages themselves, by the step that follows at once, or beside the thread (where the visitor is).
_UNSAID = frozenset({"opened", "taken", "visitor.page"})


def channel(name: str) -> str:
    """A channel in words."""
    return str(_CHANNELS.get(name, (name, ""))[0])


def icon(name: str) -> str:
    return _CHANNELS.get(name, ("", "message"))[1]


def peer(name: str, address: str, called: Mapping[UUID, str] | None = None) -> str:
    """The other side's address as everybody may see it; a visitor's name where he gave one (`called`: by `visitors.names_of`)."""
    if not address:
        return _("Somebody unknown")
    if name == "mail":
        return mask_email(address)
    if name in ("sms", "voicemail"):
        return mask_phone(address, reader().country)
    who = visitors.id_of(address)
    return (called.get(who, "") if called and who else "") or _("Visitor")


def delivery(row: Delivery) -> Mark:
    """What became of a message of ours; one that waits after a try says so."""
    mark = labels.mark(DELIVERY, row.state)
    if row.state == "waiting" and row.tries:
        return Mark(_("Not taken yet; it is tried again"), "amber", "refresh-alert")
    return mark


def step(kind: str, data: Mapping[str, Any]) -> Mark | None:
    """A step between messages as a sentence; None where the thread says it anyway."""
    if kind in _UNSAID or kind.startswith("message."):
        return None
    if kind == "linked" and data.get("kind") == "conversation":
        return Mark(_("Belongs to an earlier conversation"), icon="link")
    if kind == "webcall.ended":
        kind = f"webcall.{data.get('why', '')}"
    if kind not in _STEPS:
        return labels.step(kind, data)
    text, symbol = _STEPS[kind]
    tone = "amber" if kind in {"offer.timed_out", "offer.returned", "spam"} else ""
    return Mark(str(text), tone, symbol)
