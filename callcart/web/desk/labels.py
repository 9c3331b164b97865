"""The desk's words for states of other rooms: label, tone (never colour alone) and icon. Sentences for a conversation's path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.core import ids


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as a badge."""

    text: str
    tone: str = "grey"
    icon: str = ""


Table = Mapping[str, tuple[str | Promise, str, str]]

AGENT: Table = {
    "offline": (gettext_lazy("Offline"), "grey", "door-exit"),
    "ready": (gettext_lazy("Ready"), "green", "circle-check"),
    "paused": (gettext_lazy("Paused"), "amber", "player-pause"),
    "ringing": (gettext_lazy("Ringing"), "blue", "phone-incoming"),
    "talking": (gettext_lazy("Talking"), "blue", "phone-call"),
    "on_hold": (gettext_lazy("On hold"), "amber", "phone-pause"),
    "wrap_up": (gettext_lazy("Wrap-up"), "violet", "writing"),
}
CONVERSATION: Table = {
    "new": (gettext_lazy("Ringing in"), "grey", "phone-incoming"),
    "ivr": (gettext_lazy("In the menu"), "grey", "dialpad"),
    "waiting": (gettext_lazy("Waiting"), "amber", "hourglass"),
    "offered": (gettext_lazy("Ringing"), "blue", "phone-incoming"),
    "active": (gettext_lazy("Connected"), "green", "phone-call"),
    "asked": (gettext_lazy("Asked to join"), "blue", "users"),
    "dialling": (gettext_lazy("Calling"), "blue", "phone-outgoing"),
    "passed_on": (gettext_lazy("Passed on"), "violet", "transfer"),
    "on_hold": (gettext_lazy("On hold"), "amber", "phone-pause"),
    "pending": (gettext_lazy("Waits for the customer"), "grey", "clock"),
    "wrap_up": (gettext_lazy("Wrap-up"), "violet", "writing"),
    "closed": (gettext_lazy("Ended"), "grey", "phone"),
}
END: Mapping[str, str | Promise] = {
    "abandoned": gettext_lazy("Hung up while waiting"),
    "hung_up_in_menu": gettext_lazy("Hung up in the menu"),
    "self_served": gettext_lazy("Served by the menu"),
    "left_message": gettext_lazy("Left a message"),
    "merged": gettext_lazy("Merged into another conversation"),
    "rejected": gettext_lazy("Rejected"),
    "telephony_lost": gettext_lazy("Cut off by a telephony fault"),
    "failed": gettext_lazy("Failed"),
    "not_reached": gettext_lazy("Not reached"),
    "callback": gettext_lazy("Asked to be called back"),
    "withdrawn": gettext_lazy("Not needed any more"),
    "completed": gettext_lazy("Handled"),
}
ORDER: Table = {
    "placed": (gettext_lazy("Placed"), "blue", "clipboard-check"),
    "on_hold": (gettext_lazy("Order on hold"), "amber", "player-pause"),
    "confirmed": (gettext_lazy("Confirmed"), "green", "check"),
    "closed": (gettext_lazy("Completed"), "grey", "checks"),
    "cancelled": (gettext_lazy("Cancelled"), "grey", "ban"),
}
PAYMENT: Table = {
    "due": (gettext_lazy("Not paid"), "amber", "cash"),
    "part_paid": (gettext_lazy("Part paid"), "amber", "cash"),
    "paid": (gettext_lazy("Paid"), "green", "cash"),
    "due_on_delivery": (gettext_lazy("Cash on delivery"), "grey", "cash"),
    "collected_by_carrier": (gettext_lazy("Cash with the carrier"), "blue", "cash"),
    "remitted": (gettext_lazy("Cash received"), "green", "cash"),
    "refund_due": (gettext_lazy("Refund due"), "red", "receipt-refund"),
    "part_refunded": (gettext_lazy("Part refunded"), "grey", "receipt-refund"),
    "refunded": (gettext_lazy("Refunded"), "grey", "receipt-refund"),
    "nothing_due": (gettext_lazy("Nothing to pay"), "grey", "cash"),
}
FULFILMENT: Table = {
    "unreserved": (gettext_lazy("Waiting for stock"), "amber", "package-off"),
    "reserved": (gettext_lazy("Goods held"), "blue", "package"),
    "part_shipped": (gettext_lazy("Partly sent"), "blue", "truck-delivery"),
    "shipped": (gettext_lazy("Sent"), "blue", "truck-delivery"),
    "part_delivered": (gettext_lazy("Partly delivered"), "blue", "truck-delivery"),
    "delivered": (gettext_lazy("Delivered"), "green", "package-import"),
    "part_returned": (gettext_lazy("Partly returned"), "grey", "truck-return"),
    "returning": (gettext_lazy("Coming back"), "amber", "truck-return"),
    "returned": (gettext_lazy("Returned"), "grey", "truck-return"),
    "lost": (gettext_lazy("Lost"), "red", "alert-triangle"),
    "released": (gettext_lazy("Goods released"), "grey", "package-off"),
}
RETURN_TONES: Mapping[str, str] = {
    "asked": "amber",
    "waiting": "blue",
    "approved": "blue",
    "received": "violet",
    "inspected": "violet",
    "settled": "green",
    "refused": "red",
}
PARCEL: Table = {
    "packed": (gettext_lazy("Packed"), "blue", "package"),
    "handed_over": (gettext_lazy("With the carrier"), "blue", "truck"),
    "in_transit": (gettext_lazy("On its way"), "blue", "truck-delivery"),
    "out_for_delivery": (gettext_lazy("Out for delivery"), "green", "truck-delivery"),
    "exception": (gettext_lazy("Held up"), "red", "alert-triangle"),
    "attempt_failed": (gettext_lazy("Delivery failed"), "amber", "alert-triangle"),
    "at_pickup": (gettext_lazy("Ready for collection"), "amber", "map-pin"),
    "refused": (gettext_lazy("Refused by the receiver"), "red", "truck-return"),
    "delivered": (gettext_lazy("Delivered"), "green", "package-import"),
    "returning": (gettext_lazy("Coming back"), "amber", "truck-return"),
    "returned": (gettext_lazy("Returned"), "grey", "truck-return"),
    "lost": (gettext_lazy("Lost"), "red", "alert-triangle"),
}
TIER: Table = {
    "standard": ("", "grey", ""),
    "silver": (gettext_lazy("Silver"), "grey", "star"),
    "gold": (gettext_lazy("Gold"), "amber", "star"),
    "vip": (gettext_lazy("VIP"), "violet", "star"),
}
REASON: Mapping[str, str | Promise] = {
    "phone": gettext_lazy("their number"),
    "address": gettext_lazy("receiver at one of their addresses"),
    "order": gettext_lazy("number on one of their orders"),
}


def mark(table: Table, state: str) -> Mark:
    """The badge of a state; a state we do not know is shown as it is."""
    text, tone, icon = table.get(state, (state, "grey", ""))
    return Mark(str(text), tone, icon)


_STEPS: Mapping[str, tuple[str | Promise, str]] = {
    "opened": (gettext_lazy("Call came in"), "phone-incoming"),
    "menu.entered": (gettext_lazy("Menu entered"), "dialpad"),
    "prompt.played": (gettext_lazy("Heard: %(text)s"), "volume"),
    "key.pressed": (gettext_lazy("Pressed %(digits)s"), "dialpad"),
    "language.set": (gettext_lazy("Language: %(language)s"), "language"),
    "customer.set": (gettext_lazy("Customer recognised"), "user-check"),
    "caller.identified": (gettext_lazy("Caller identified"), "user-check"),
    "queue.entered": (gettext_lazy("Waiting for a person"), "hourglass"),
    "offer.made": (gettext_lazy("Offered"), "phone-calling"),
    "offer.timed_out": (gettext_lazy("Not answered in time; back in the queue"), "clock-pause"),
    "offer.rejected": (gettext_lazy("Declined; back in the queue"), "phone-x"),
    "offer.withdrawn": (gettext_lazy("Offer withdrawn"), "phone-off"),
    "offer.unreachable": (gettext_lazy("Phone did not ring; back in the queue"), "phone-off"),
    "offer.returned": (gettext_lazy("Agent went away; back in the queue"), "arrow-back-up"),
    "answered": (gettext_lazy("Answered"), "phone-check"),
    "hold.started": (gettext_lazy("Put on hold"), "phone-pause"),
    "hold.ended": (gettext_lazy("Taken back from hold"), "phone-call"),
    "agent.lost": (gettext_lazy("Agent's sound lost; the customer heard music"), "wifi-off"),
    "agent.rejoined": (gettext_lazy("Agent back on the call"), "wifi"),
    "sound.missing": (gettext_lazy("No sound comes from one side"), "volume-off"),
    "sound.back": (gettext_lazy("Sound comes again"), "volume"),
    "mute.started": (gettext_lazy("Agent's microphone turned off"), "microphone-off"),
    "mute.ended": (gettext_lazy("Agent's microphone on again"), "microphone"),
    "call.parked": (gettext_lazy("Parked"), "phone-pause"),
    "park.taken": (gettext_lazy("Picked up from parking"), "phone-check"),
    "park.over": (gettext_lazy("Not parked any more"), "arrow-back-up"),
    "dial.begun": (gettext_lazy("Called by us"), "phone-outgoing"),
    "dial.answered": (gettext_lazy("Answered"), "phone-check"),
    "dial.failed": (gettext_lazy("Not reached"), "phone-off"),
    "callback.asked": (gettext_lazy("Asked to be called back"), "phone-call"),
    "callback.begun": (gettext_lazy("Callback: its turn has come"), "phone-call"),
    "callback.owed": (gettext_lazy("Is to be called back"), "phone-call"),
    "callback.promised": (gettext_lazy("A callback was promised"), "phone-call"),
    "callback.came": (gettext_lazy("Came himself, and has the old place"), "phone-incoming"),
    "consult.offered": (gettext_lazy("Asked to join"), "phone-calling"),
    "consult.dialled": (gettext_lazy("Called a number outside"), "phone-outgoing"),
    "consult.answered": (gettext_lazy("Joined"), "phone-check"),
    "consult.joined": (gettext_lazy("All three together"), "users"),
    "supervisor.joined": (gettext_lazy("A supervisor joined"), "users"),
    "consult.ended": (gettext_lazy("Joins no longer"), "phone-off"),
    "transfer.completed": (gettext_lazy("Took over"), "transfer"),
    "transfer.queue": (gettext_lazy("Passed on to another queue"), "transfer"),
    "transfer.menu": (gettext_lazy("Passed on to the menu"), "transfer"),
    "transfer.outside": (gettext_lazy("Passed on to a number outside"), "phone-outgoing"),
    "requeued": (gettext_lazy("Back in the queue"), "arrow-back-up"),
    "linked": (gettext_lazy("Order taken"), "shopping-cart"),
    "ended": (gettext_lazy("Call ended"), "phone-end"),
    "closed": (gettext_lazy("Completed"), "check"),
    "recording.started": (gettext_lazy("Recording started"), "microphone"),
    "recording.paused": (gettext_lazy("Recording paused"), "player-pause"),
    "recording.resumed": (gettext_lazy("Recording goes on"), "microphone"),
    "voicemail.began": (gettext_lazy("Begins to leave a message"), "microphone"),
    "voicemail.kept": (gettext_lazy("Left a message"), "microphone"),
    "voicemail.empty": (gettext_lazy("No message was left"), "microphone-off"),
    "voicemail.lost": (gettext_lazy("The message could not be kept"), "microphone-off"),
    "transfer.flow": (gettext_lazy("Passed on to the survey"), "star"),
    "survey.asked": (gettext_lazy("Asked how we did"), "star"),
    "survey.answered": (gettext_lazy("A question was answered"), "star"),
    "recording.ready": (gettext_lazy("Recording kept"), "microphone"),
    "recording.failed": (gettext_lazy("No recording came of it"), "microphone-off"),
    "recording.deleted": (gettext_lazy("Recording deleted by rule"), "trash"),
    "wrap_up.sent": (gettext_lazy("Wrap-up sent"), "checklist"),
    "wrap_up.ended": (gettext_lazy("Wrap-up over"), "checklist"),
    "wrap_up.timed_out": (gettext_lazy("Wrap-up time ran out"), "clock-pause"),
    "queue.widened": (gettext_lazy("Waits for more agents now"), "users"),
    "queue.moved": (gettext_lazy("Moved to another queue, waiting time kept"), "transfer"),
    "queue.urgent": (gettext_lazy("Has waited so long that it goes first now"), "clock"),
    "queue.refused": (gettext_lazy("Could not wait; heard what the queue does instead"), "door-exit"),
    "queue.left": (gettext_lazy("Left the queue"), "door-exit"),
}
# Steps that carry the agent the talk was with, who need not have done them.
NOBODYS = frozenset({"ended", "wrap_up.timed_out"})
_LANGUAGES = {"en": "English", "zh-hans": "简体中文"}


def step(kind: str, data: Mapping[str, Any]) -> Mark:
    """A step of the path as a sentence."""
    text, icon = _STEPS.get(kind, ("", "point-filled"))
    if kind == "linked" and data.get("number"):
        text = _("Order %(number)s taken")
    elif kind == "linked" and data.get("kind") == "conversation":
        text, icon = _("Came of a chat"), "message-circle"
    if not text:
        return Mark(
            _("Other: %(kind)s") % {"kind": kind.replace(".", " ").replace("_", " ")}, icon="point-filled"
        )
    values = {
        "text": str(data.get("text") or data.get("name") or data.get("prompt") or ""),
        "number": ids.spoken(str(data.get("number") or "")),
        "digits": str(data.get("digits") or data.get("digit") or data.get("key") or ""),
        "language": _LANGUAGES.get(str(data.get("language", "")), str(data.get("language", ""))),
    }
    said = str(text) % values if "%(" in str(text) else str(text)
    tone = "amber" if kind.startswith(("offer.t", "offer.u", "agent.lost")) else ""
    return Mark(said.rstrip(": ："), tone, icon)
