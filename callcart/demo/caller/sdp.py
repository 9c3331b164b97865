"""What a call carries and where to (RFC 4566, 3264): µ-law sound and key events, nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcart.demo.caller.rtp import EVENTS, PCMU

_ANSWERS = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive", "sendrecv": "sendrecv"}


class NoSound(ValueError):
    """The other side offers no µ-law sound that we could take."""


@dataclass(frozen=True, slots=True)
class Media:
    """Where the other side wants its sound, and in which direction it flows, as it says."""

    host: str
    port: int
    direction: str = "sendrecv"

    @property
    def answer(self) -> str:
        """The direction to answer with."""
        return _ANSWERS[self.direction]

    @property
    def listens(self) -> bool:
        return self.direction in {"sendrecv", "recvonly"}


def describe(host: str, port: int, *, version: int = 1, direction: str = "sendrecv") -> str:
    """Our offer or answer."""
    lines = (
        "v=0",
        f"o=- 1 {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {PCMU} {EVENTS}",
        f"a=rtpmap:{PCMU} PCMU/8000",
        f"a=rtpmap:{EVENTS} telephone-event/8000",
        f"a=fmtp:{EVENTS} 0-15",
        "a=ptime:20",
        f"a={direction}",
    )
    return "\r\n".join(lines) + "\r\n"


def parse(text: str) -> Media:
    """The other side's offer or answer. Raises NoSound."""
    host = direction = ""
    port = 0
    in_audio = False
    for line in text.splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            in_audio = not port and value.startswith("audio ")
            words = value.split()
            if in_audio and len(words) > 3 and str(PCMU) in words[3:] and words[1].isdecimal():
                port = int(words[1])
        elif kind == "c" and (in_audio or not host) and value.startswith("IN IP4 "):
            host = value.split()[2].partition("/")[0]
        elif kind == "a" and value in _ANSWERS and (in_audio or not direction):
            direction = value
    if not host or not port:
        raise NoSound
    return Media(host, port, "inactive" if host == "0.0.0.0" else direction or "sendrecv")  # noqa: S104
