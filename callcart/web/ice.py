"""The STUN and TURN servers that a page is told of, as an RTCPeerConnection takes them. The lasting password of the TURN servers is the
staff's: a visitor gets one of his own that holds for the length of a call (the shared secret of TURN's REST API, as coturn has it), or none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from callcart.config import config
from callcart.core import clock

HOLDS = 3 * 3600  # seconds

Servers = list[dict[str, str | list[str]]]


def for_staff() -> Servers:
    """Those of the configuration."""
    settings = config()
    return _servers(settings.turn_user, settings.turn_credential.get_secret_value())


def for_visitors(name: str) -> Servers:
    """For one visitor, by a name of his own."""
    secret = config().turn_secret.get_secret_value()
    if not secret:
        return _servers()
    username = f"{int(clock.now().timestamp()) + HOLDS}:{name}"
    # SHA-1 is what the servers take.
    proof = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return _servers(username, base64.b64encode(proof).decode())


def _servers(username: str | None = None, credential: str = "") -> Servers:
    """Without a user those that need none."""
    servers = config().ice_servers
    relays = [url for url in servers if url.startswith("turn")]
    mirrors = [url for url in servers if url not in relays]
    found: Servers = [{"urls": mirrors}] if mirrors else []
    if relays and username is not None:
        found.append({"urls": relays, "username": username, "credential": credential})
    return found
