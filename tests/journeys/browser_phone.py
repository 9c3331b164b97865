"""The signalling half of a browser's telephone: SIP over a WebSocket with a desk's account, without sound.

Registers, rings, declines or rings on. Answering needs a browser: that is the browser journeys' matter.
"""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.journeys.system import any_certificate, eventually


@dataclass(slots=True)
class Invite:
    """A call that came in."""

    text: str
    cancelled: bool = False

    def header(self, name: str) -> str:
        found = re.search(rf"^{re.escape(name)}:\s*(.*?)\r?$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


@dataclass(slots=True)
class BrowserPhone:
    """One registered page. `decline`: what comes in is turned down at once."""

    username: str
    password: str
    socket: ClientConnection
    decline: bool = False
    invites: list[Invite] = field(default_factory=list)
    registered: bool = False
    _host: str = field(default_factory=lambda: f"{uuid.uuid4().hex[:12]}.invalid")
    _call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    _sequence: int = 0

    def start(self) -> None:
        """Register and wait until the exchange has taken it."""
        threading.Thread(target=self._read, daemon=True).start()
        self._register()
        eventually(lambda: self.registered, "the page's telephone is registered")

    def vanish(self) -> None:
        """The page is gone, without a word."""
        self.socket.close()

    def _read(self) -> None:
        with suppress(ConnectionClosed):
            for message in self.socket:
                text = message if isinstance(message, str) else message.decode()
                if text.strip():
                    self._take(text)

    def _take(self, text: str) -> None:
        first = text.split("\r\n", 1)[0]
        if first.startswith("SIP/2.0 401"):
            self._register(text)
        elif first.startswith("SIP/2.0 200") and "REGISTER" in text:
            self.registered = True
        elif first.startswith("INVITE"):
            self.invites.append(Invite(text))
            self._answer(text, "603 Decline" if self.decline else "180 Ringing")
        elif first.startswith("CANCEL"):
            self._answer(text, "200 OK")
            self.invites[-1].cancelled = True
            self._answer(self.invites[-1].text, "487 Request Terminated")
        elif first.startswith("OPTIONS"):
            self._answer(text, "200 OK")

    def _register(self, challenge: str = "") -> None:
        self._sequence += 1
        lines = [
            "REGISTER sip:callcart SIP/2.0",
            f"Via: SIP/2.0/WS {self._host};branch=z9hG4bK{uuid.uuid4().hex}",
            f"From: <sip:{self.username}@callcart>;tag={self._call_id[:8]}",
            f"To: <sip:{self.username}@callcart>",
            f"Call-ID: {self._call_id}",
            f"CSeq: {self._sequence} REGISTER",
            f"Contact: <sip:{self.username}@{self._host};transport=ws>",
            "Max-Forwards: 70",
            "Expires: 600",
            *([self._credentials(challenge)] if challenge else []),
            "Content-Length: 0",
        ]
        self.socket.send("\r\n".join(lines) + "\r\n\r\n")

    def _credentials(self, challenge: str) -> str:
        """RFC 2617 digest with qop=auth."""
        values = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm, nonce, uri = values["realm"], values["nonce"], "sip:callcart"
        ours, count = uuid.uuid4().hex, "00000001"
        who = _md5(f"{self.username}:{realm}:{self.password}")
        what = _md5(f"REGISTER:{uri}")
        proof = _md5(f"{who}:{nonce}:{count}:{ours}:auth:{what}")
        opaque = f', opaque="{values["opaque"]}"' if "opaque" in values else ""
        return (
            f'Authorization: Digest username="{self.username}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
            f' response="{proof}", algorithm=MD5, cnonce="{ours}", qop=auth, nc={count}{opaque}'
        )

    def _answer(self, request: str, status: str) -> None:
        kept = re.findall(r"^(?:Via|From|Call-ID|CSeq):.*$", request, re.MULTILINE | re.IGNORECASE)
        to = re.findall(r"^To:.*$", request, re.MULTILINE | re.IGNORECASE)[0].strip()
        lines = [
            f"SIP/2.0 {status}",
            *(line.strip() for line in kept),
            to if ";tag=" in to else f"{to};tag={self._call_id[:8]}",
            f"Contact: <sip:{self.username}@{self._host};transport=ws>",
            "Content-Length: 0",
        ]
        self.socket.send("\r\n".join(lines) + "\r\n\r\n")


def open_page(
    url: str, username: str, password: str, *, decline: bool = False, headers: dict[str, str] | None = None
) -> BrowserPhone:
    """Connect to `url` (Asterisk's own address, or the live process's with a cookie) and register."""
    context = any_certificate() if url.startswith("wss:") else None
    socket = connect(
        url, subprotocols=[Subprotocol("sip")], ssl=context, proxy=None, additional_headers=headers
    )
    phone = BrowserPhone(username, password, socket, decline)
    phone.start()
    return phone


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
