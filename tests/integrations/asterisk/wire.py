"""SIP by hand over UDP, with an account's password: any request to any target, answered challenges, and the final answer."""

from __future__ import annotations

import hashlib
import re
import socket
import uuid
from dataclasses import dataclass, field

from tests.journeys.agent import Account

PATIENCE = 10.0
SDP = (
    "v=0\r\no=wire 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer."""

    status: int
    text: str

    def header(self, name: str) -> str:
        found = re.search(rf"^{name}:\s*(.*?)\r?$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


@dataclass(slots=True)
class Dialog:
    """What requests within a call, or without one, have in common."""

    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    tag: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    to: str = ""
    sequence: int = 0


class Wire:
    """A telephone that says what it likes. Close it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((account.address, 0))
        self._socket.settimeout(PATIENCE)
        self.port = int(self._socket.getsockname()[1])
        self.requests: list[str] = []  # what came in of itself

    def close(self) -> None:
        self._socket.close()

    def register(self, name: str = "") -> Answer:
        """As the account, or as another one with this one's password."""
        to = f"sip:{name or self.account.username}@callcart"
        return self.ask("REGISTER", "sip:callcart", headers=("Expires: 600",), to=f"<{to}>")

    def ask(
        self, method: str, target: str, *, headers: tuple[str, ...] = (), body: str = "", dialog: Dialog | None = None,
        to: str = "",
    ) -> Answer:  # fmt: skip
        """Send it, prove who we are where that is asked for, and wait for the final answer. Raises TimeoutError."""
        dialog = dialog or Dialog()
        dialog.to = dialog.to or to or f"<{target}>"
        answer = self._once(method, target, headers, body, dialog)
        if answer.status in (401, 407):
            proof = self._proof(answer, method, target)
            answer = self._once(method, target, (*headers, proof), body, dialog)
        if method == "INVITE" and answer.status < 300:
            dialog.to = answer.header("To")
        return answer

    def invite(self, target: str, dialog: Dialog | None = None) -> Answer:
        body = SDP.format(address=self.account.address)
        return self.ask(
            "INVITE", target, headers=("Content-Type: application/sdp",), body=body, dialog=dialog
        )

    def _once(self, method: str, target: str, headers: tuple[str, ...], body: str, dialog: Dialog) -> Answer:
        dialog.sequence += 1
        branch = f"z9hG4bK{uuid.uuid4().hex}"
        self._send(method, target, headers, body, dialog, branch)
        answer = self._final(dialog, method)
        if method == "INVITE":
            acknowledged = Dialog(dialog.call_id, dialog.tag, answer.header("To"), dialog.sequence)
            own = branch if answer.status >= 300 else f"z9hG4bK{uuid.uuid4().hex}"
            self._send("ACK", target, (), "", acknowledged, own)
        return answer

    def _send(
        self, method: str, target: str, headers: tuple[str, ...], body: str, dialog: Dialog, branch: str
    ) -> None:
        here = f"{self.account.address}:{self.port}"
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch={branch};rport",
            f"From: <sip:{self.account.username}@callcart>;tag={dialog.tag}",
            f"To: {dialog.to}",
            f"Call-ID: {dialog.call_id}",
            f"CSeq: {dialog.sequence} {method}",
            f"Contact: <sip:{self.account.username}@{here}>",
            "Max-Forwards: 70",
            *headers,
            f"Content-Length: {len(body)}",
        ]
        message = "\r\n".join(lines) + "\r\n\r\n" + body
        self._socket.sendto(message.encode(), ("127.0.0.1", self.account.sip_port))

    def _final(self, dialog: Dialog, method: str) -> Answer:
        wanted = f"{dialog.sequence} {method}"
        while True:
            text = self._socket.recv(65535).decode(errors="replace")
            if not text.startswith("SIP/2.0 "):
                self.requests.append(text)
                continue
            answer = Answer(int(text.split()[1]), text)
            ours = answer.header("Call-ID") == dialog.call_id and answer.header("CSeq") == wanted
            if ours and answer.status >= 200:
                return answer

    def _proof(self, challenge: Answer, method: str, uri: str) -> str:
        """RFC 2617 digest with qop=auth."""
        name = "WWW-Authenticate" if challenge.status == 401 else "Proxy-Authenticate"
        values = dict(re.findall(r'(\w+)="([^"]*)"', challenge.header(name)))
        who = _md5(f"{self.account.username}:{values['realm']}:{self.account.password}")
        what = _md5(f"{method}:{uri}")
        proof = _md5(f"{who}:{values['nonce']}:00000001:ours:auth:{what}")
        opaque = f', opaque="{values["opaque"]}"' if "opaque" in values else ""
        answer = "Authorization" if challenge.status == 401 else "Proxy-Authorization"
        return (
            f'{answer}: Digest username="{self.account.username}", realm="{values["realm"]}", nonce="{values["nonce"]}",'
            f' uri="{uri}", response="{proof}", algorithm=MD5, cnonce="ours", qop=auth, nc=00000001{opaque}'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
