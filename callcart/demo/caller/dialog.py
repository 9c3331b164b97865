"""The requests of one call: who we are, whom we call, and what the two sides have called each other (RFC 3261 12).

Pure apart from its counters: makes messages and remembers tags, target and route; sends nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from callcart.demo.caller import sip

AGENT = "Callcart demo caller"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom we call and as whom; an empty `number` is a hidden one (RFC 3323)."""

    service: str
    number: str = ""
    name: str = ""


class Dialog:
    """One call's names and numbers."""

    def __init__(self, who: Identity, server: tuple[str, int], local: tuple[str, int]) -> None:
        self.call_id = f"{secrets.token_hex(12)}@{local[0]}"
        self.our_tag = secrets.token_hex(6)
        self.contact = f"<sip:caller@{local[0]}:{local[1]}>"
        self.invite_number = 1
        self._who, self._local = who, local
        self._target = f"sip:{who.service}@{server[0]}:{server[1]}"
        self._from = f"{self._sender()};tag={self.our_tag}"
        self._to = f"<{self._target}>"
        self._route: list[str] = []
        self._number = self.invite_number
        self._invite = self._request("INVITE", number=self.invite_number, branch=_branch())

    def invite(self, offer: str) -> sip.Message:
        """The call itself."""
        message = self._invite
        message.headers += [
            ("contact", self.contact),
            ("allow", ALLOW),
            ("user-agent", AGENT),
            ("content-type", "application/sdp"),
        ]
        if not self._who.number:
            message.headers.append(("privacy", "id"))
        message.body = offer
        return message

    def answered(self, answer: sip.Message) -> None:
        """Take the other side's tag, address and route from its 200."""
        self._to = answer.get("to")
        self._target = sip.uri_of(answer.get("contact")) or self._target
        self._route = list(reversed(answer.all("record-route")))

    def acknowledge(self) -> sip.Message:
        """The ACK of a 2xx: a request of its own."""
        return self._request("ACK", number=self.invite_number, branch=_branch())

    def acknowledge_refusal(self, answer: sip.Message) -> sip.Message:
        """The ACK of any other final answer belongs to the INVITE's transaction."""
        message = self._like_invite("ACK")
        message.headers = [(k, answer.get("to") if k == "to" else v) for k, v in message.headers]
        return message

    def cancel(self) -> sip.Message:
        return self._like_invite("CANCEL")

    def request(self, method: str) -> sip.Message:
        """A new request within the call."""
        self._number += 1
        return self._request(method, number=self._number, branch=_branch())

    def _like_invite(self, method: str) -> sip.Message:
        return self._request(
            method, number=self.invite_number, branch=sip.branch_of(self._invite), uri=self._invite.uri
        )

    def _request(self, method: str, *, number: int, branch: str, uri: str = "") -> sip.Message:
        host, port = self._local
        headers = [
            ("via", f"SIP/2.0/UDP {host}:{port};rport;branch={branch}"),
            ("max-forwards", "70"),
            ("from", self._from),
            ("to", self._to),
            ("call-id", self.call_id),
            ("cseq", f"{number} {method}"),
            *(("route", route) for route in self._route),
        ]
        return sip.Message(method=method, uri=uri or self._target, headers=headers)

    def _sender(self) -> str:
        if not self._who.number:
            return '"Anonymous" <sip:anonymous@anonymous.invalid>'
        name = self._who.name.replace("\\", "").replace('"', "")
        shown = f'"{name}" ' if name else ""
        return f"{shown}<sip:{self._who.number}@{self._local[0]}>"


def _branch() -> str:
    return f"z9hG4bK{secrets.token_hex(10)}"
