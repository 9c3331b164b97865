"""Asterisk's events and lists, translated into what the voice domain knows. Pure: values in, values out.

A withheld number is left out here, whatever the network told besides: nobody behind this line ever sees it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from callcart.contact.voice.engine import CallArrived, HangUp, Leg, PlaybackEnded, RecordingEnded

APPLICATION = "callcart"
INBOUND, DIALLED = "inbound", "dialled"
NORMAL, NO_MEDIA, INTERWORKING = 16, 44, 127
# No media any more, network trouble (27, 38, 41), a session timer that was not refreshed (102): nobody hung up.
LOST_CAUSES = frozenset({27, 38, 41, NO_MEDIA, 102})
NO_NUMBER = frozenset({"", "anonymous", "unknown", "unavailable", "restricted", "private", "withheld"})
CAUSES = {
    HangUp.NORMAL: 16,
    HangUp.UNALLOCATED: 1,
    HangUp.BUSY: 17,
    HangUp.CONGESTION: 34,
    HangUp.ANSWERED_ELSEWHERE: 26,
}
# Whoever is rung may answer "it is over there": what that names is looked for in a context that is not there, and not dialled.
NOWHERE_ELSE = {"FORWARD_CONTEXT": "nowhere"}
REMEMBERED = 10_000  # legs whose end has been told
# The events that we use; Asterisk keeps the others, most of some fifty a call, to itself.
WANTED = (
    "StasisStart",
    "StasisEnd",
    "ChannelDestroyed",
    "ChannelHangupRequest",
    "ChannelDtmfReceived",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
    "ContactStatusChange",
    "ApplicationReplaced",
)


def arrival(channel: dict[str, Any], arguments: list[str]) -> CallArrived:
    """A StasisStart of a caller; arguments as the dial plan gives them: inbound, dialled number, presentation."""
    dialled = arguments[1] if len(arguments) > 1 else str(channel.get("dialplan", {}).get("exten", ""))
    number, hidden = _caller(channel, arguments[2] if len(arguments) > 2 else "")
    return CallArrived(channel=str(channel["id"]), dialled=dialled, caller=number, hidden=hidden)


def leg(channel: dict[str, Any]) -> Leg:
    """A channel of Asterisk's list."""
    plan = channel.get("dialplan", {})
    # Inside our application a caller's channel tells with what arguments it entered; one that we dialled has none.
    arguments = str(plan.get("app_data", "")).split(",")[1:]
    inbound = arguments[:1] == [INBOUND]
    answered = channel.get("state") == "Up"
    if not inbound:
        return Leg(channel=str(channel["id"]), answered=answered, inbound=False)
    came = arrival(channel, arguments)
    return Leg(
        channel=came.channel,
        answered=answered,
        inbound=True,
        dialled=came.dialled,
        caller=came.caller,
        hidden=came.hidden,
    )


def playback_ended(message: dict[str, Any]) -> PlaybackEnded:
    playback = message["playback"]
    return PlaybackEnded(str(playback["target_uri"]).partition(":")[2], playback["id"])


def recording_ended(message: dict[str, Any]) -> RecordingEnded:
    recording = message["recording"]
    failed = message["type"] == "RecordingFailed"
    return RecordingEnded(str(recording["target_uri"]).partition(":")[2], recording["name"], failed)


def way(channel: str) -> str:
    """Where in the dial plan a leg goes through: one that we dialled has its own way back."""
    return "-out" if channel.startswith("agent-") else ""


def cause_of(request: dict[str, Any]) -> int:
    """Why a leg is about to end, from a ChannelHangupRequest: a Q.850 cause."""
    if request.get("soft"):
        return NO_MEDIA  # Asterisk's own doing, and the number in it is no cause; our own hang-ups are known to us
    cause = int(request.get("cause", 0))
    # A caller who gives up before the answer ends as "interworking, 487".
    return NORMAL if cause in (0, INTERWORKING) else cause


def _caller(channel: dict[str, Any], presentation: str) -> tuple[str, bool]:
    number = str(channel.get("caller", {}).get("number", "")).strip()
    hidden = presentation.startswith("prohib") or presentation == "unavailable"
    if hidden or number.lower() in NO_NUMBER:
        return "", True
    return number, False


def remember(names: OrderedDict[str, int], name: str, value: int) -> None:
    """Keep a name among the latest."""
    names[name] = value
    while len(names) > REMEMBERED:
        names.popitem(last=False)
