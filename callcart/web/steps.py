"""A conversation's path in words: what each recorded step means to whoever reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from callcart.web.formats import NOTHING
from callcart.web.reader import reader

_ICONS = {
    "started": "phone-incoming",
    "prompt": "volume",
    "key": "dialpad",
    "language": "language",
    "identified": "user-check",
    "queued": "hourglass",
    "position": "list-details",
    "offered": "bell-ringing",
    "rona": "bell-off",
    "rejected": "phone-x",
    "withdrawn": "phone-off",
    "answered": "phone-call",
    "hold": "phone-pause",
    "unhold": "player-play",
    "agent_lost": "plug-connected-x",
    "agent_back": "plug-connected",
    "order": "clipboard-check",
    "ended": "phone-end",
    "closed": "check",
}


def icon_of(kind: str) -> str:
    return _ICONS.get(kind, "point-filled")


def words_of(kind: str, data: dict[str, Any]) -> str:
    """One step as a sentence; an unknown kind says its own name rather than nothing."""
    detail = str(data.get("name") or data.get("key") or data.get("text") or data.get("reason") or "")
    texts = {
        "started": _("The call came in"),
        "prompt": _("Heard: %(detail)s"),
        "key": _("Pressed %(detail)s"),
        "language": _("Chose the language %(detail)s"),
        "identified": _("Recognised by the calling number"),
        "customer": _("Customer set"),
        "queued": _("Began to wait for a person"),
        "position": _("Told its place in the queue"),
        "offered": _("Rang at an agent"),
        "rona": _("The agent did not answer in time"),
        "rejected": _("The agent declined"),
        "withdrawn": _("The ringing was taken back"),
        "answered": _("Answered"),
        "hold": _("On hold"),
        "unhold": _("Off hold"),
        "agent_lost": _("The agent's line was lost; the customer hears music"),
        "agent_back": _("The agent is back on the line"),
        "order": _("Order placed: %(detail)s"),
        "note": _("Note written"),
        "ended": _("The call ended"),
        "closed": _("Wrap-up done"),
    }
    text = texts.get(kind)
    if text is None:
        return kind.replace("_", " ").replace(".", " ").capitalize() + (f": {detail}" if detail else "")
    return text % {"detail": detail or NOTHING} if "%(" in text else text


def exact_time(at: datetime) -> str:
    """The time of day to the millisecond, in the reader's zone."""
    return at.astimezone(reader().tz).strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03d}"
