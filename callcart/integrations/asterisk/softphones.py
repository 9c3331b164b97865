"""The accounts that browsers register with: made in Asterisk's memory over ARI, gone when Asterisk ends, made again then.

An account may ring and try its ears (`*43`), nothing else: it has no way to dial out, to transfer or to subscribe.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from urllib.parse import quote

from callcart.contact.voice.engine import Softphone
from callcart.integrations.asterisk.ari import Ari, Rejected

log = logging.getLogger(__name__)

CONFIGURATION = "asterisk/config/dynamic/res_pjsip"
# Of the endpoint, its address and its password, in the order in which they may go: none refers to one that is gone.
KINDS = ("endpoint", "aor", "auth")

# G.711 first: what the trunk speaks passes through untouched; Opus for a browser that would rather have it.
WEBRTC: Mapping[str, str] = {
    "webrtc": "yes",
    "transport": "transport-ws",
    "context": "softphones",
    "identify_by": "username",
    "disallow": "all",
    "allow": "ulaw,alaw,opus",
    "dtmf_mode": "rfc4733",
    "direct_media": "no",
    "allow_transfer": "no",
    "allow_subscribe": "no",
    "device_state_busy_at": "0",
    # A browser that crashed sends nothing any more and says no good-bye.
    "rtp_timeout": "20",
    "rtp_timeout_hold": "20",
    "rtp_keepalive": "5",
}
# A customer's page: its context leads nowhere, not even to the echo.
GUEST: Mapping[str, str] = {"context": "guests"}


class Softphones:
    """Accounts wanted, and who of them is registered as far as we have heard."""

    def __init__(self, ari: Ari, fields: Mapping[str, str], nodes: Collection[str] = ()) -> None:
        self._ari = ari
        self._fields = fields
        self._nodes = frozenset(nodes)
        self._wanted: dict[str, Softphone] = {}
        self._reachable: set[str] = set()  # known to be registered
        self._elsewhere: dict[str, str] = {}  # registered at another node

    def heard(self, username: str, *, here: bool) -> None:
        """It has registered, or is gone."""
        (self._reachable.add if here else self._reachable.discard)(username)

    def forget_who_is_here(self) -> None:
        """Who went meanwhile was not told."""
        self._reachable.clear()

    def at(self, username: str, node: str) -> None:
        """It has registered at another node; empty: at none."""
        self._elsewhere[username] = node

    async def way_to(self, username: str) -> str:
        """The endpoint by which a page is rung: its own, or the node where it has registered. Empty: it is nowhere."""
        if username not in self._reachable and await self.registered(username):
            self._reachable.add(username)
        if username in self._reachable:
            return f"PJSIP/{username}"
        node = self._elsewhere.get(username)
        return f"PJSIP/{username}@node-{node}" if node in self._nodes else ""

    async def add(self, softphone: Softphone) -> None:
        """Make or renew an account. A browser that is registered with it stays so."""
        self._wanted[softphone.username] = softphone
        await self._try(softphone)

    async def remove(self, username: str) -> bool:
        """False where there is none."""
        self._wanted.pop(username, None)
        gone = True
        for kind in KINDS:
            try:
                await self._ari.delete(_path(kind, username))
            except Rejected as error:
                if error.status != 404:
                    raise
                gone = False
        return gone

    async def push_all(self) -> None:
        """Asterisk may have forgotten them: it has started anew, or our subscriptions ended with our connection."""
        for softphone in list(self._wanted.values()):
            await self._try(softphone)

    async def registered(self, username: str) -> bool:
        """Whether a browser can be rung."""
        try:
            endpoint = await self._ari.get(f"endpoints/PJSIP/{quote(username)}")
        except Rejected as error:
            if error.status != 404:
                raise
            return False
        return bool(endpoint.get("state") == "online")

    async def _try(self, softphone: Softphone) -> None:
        """An account that Asterisk does not take costs its own browser the telephone, not the others."""
        try:
            await self._push(softphone)
        except Rejected as error:
            log.error("account not taken", extra={"status": error.status})

    async def _push(self, softphone: Softphone) -> None:
        name = softphone.username
        password = {"auth_type": "userpass", "username": name, "password": softphone.password}
        # The newest browser has the account: an older page gave it up or is dead.
        address = {"max_contacts": "1", "remove_existing": "yes", "remove_unavailable": "yes"}
        for kind, fields in (
            ("auth", password),
            ("aor", address),
            ("endpoint", {**self._fields, **(GUEST if softphone.guest else {}), "auth": name, "aors": name}),
        ):
            await self._ari.put(_path(kind, name), {"fields": _pairs(fields)})
        source = f"endpoint:PJSIP/{name}"
        with suppress(Rejected):  # the application was left meanwhile: entering it again subscribes again
            await self._ari.post(f"applications/{self._ari.application}/subscription", eventSource=source)


def _path(kind: str, username: str) -> str:
    return f"{CONFIGURATION}/{kind}/{quote(username, safe='')}"


def _pairs(fields: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"attribute": name, "value": value} for name, value in fields.items()]
