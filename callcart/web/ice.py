"""The STUN and TURN servers that a visitor's page is told of. The lasting password of the TURN servers is the staff's: a visitor gets one of
his own that holds for the length of a call (the shared secret of TURN's REST API, as coturn has it), or none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from callcart.config import config
from callcart.core import clock

HOLDS = 3 * 3600  # seconds


def for_visitors(name: str) -> list[dict[str, str | list[str]]]:
    """As an RTCPeerConnection takes them."""
    settings = config()
    secret = settings.turn_secret.get_secret_value()
    relays = [url for url in settings.ice_servers if url.startswith("turn")]
    mirrors = [url for url in settings.ice_servers if url not in relays]
    found: list[dict[str, str | list[str]]] = [{"urls": mirrors}] if mirrors else []
    if relays and secret:
        username = f"{int(clock.now().timestamp()) + HOLDS}:{name}"
        # SHA-1 is what the servers take.
        proof = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
        found.append({"urls": relays, "username": username, "credential": base64.b64encode(proof).decode()})
    return found
