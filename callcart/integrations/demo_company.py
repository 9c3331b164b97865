"""How the shop and a company of the demo talk: signed JSON over HTTP on one machine, under one certificate.

The call goes to loopback, and nobody but the holder of that very certificate's key is believed there. A signature is HMAC-SHA256
over time and body with a secret both sides read from the installation; one older than five minutes is refused, so that a
recorded message cannot be sent again for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from callcart.config import config
from callcart.core.clock import now
from callcart.core.secrets import secret

TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 5.0


class Forged(Exception):
    """This was not signed by who holds the secret, or too long ago."""


class Unreachable(Exception):
    """No answer came, or one that decides nothing: it may have been done or not."""


@dataclass(frozen=True, slots=True)
class Seal:
    """How one company and the shop sign for each other: the header's name, and the name of their secret."""

    header: str
    secret_name: str

    def sign(self, body: bytes, *, at: int) -> str:
        """The signature for a body sent at a Unix time: `t=<seconds>,v1=<hex>`."""
        mac = hmac.new(secret(self.secret_name).encode(), f"{at}.".encode() + body, hashlib.sha256)
        return f"t={at},v1={mac.hexdigest()}"

    def headers(self, body: bytes) -> dict[str, str]:
        """What goes with a JSON body that is sent now."""
        return {"Content-Type": "application/json", self.header: self.sign(body, at=int(now().timestamp()))}

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Forged unless the headers (names in any case) hold a fresh signature of the body."""
        given = next((value for name, value in headers.items() if name.lower() == self.header.lower()), "")
        parts = dict(part.partition("=")[::2] for part in given.split(","))
        try:
            at = int(parts.get("t", ""))
        except ValueError:
            raise Forged from None
        if abs(now().timestamp() - at) > TOLERANCE_SECONDS:
            raise Forged
        if not hmac.compare_digest(self.sign(body, at=at).encode(), given.encode()):
            raise Forged


def address(port: int) -> str:
    """Where a company of this installation listens."""
    return f"{'https' if config().tls else 'http'}://127.0.0.1:{port}"


def ask(base_url: str, path: str, values: Mapping[str, Any], seal: Seal) -> tuple[int, dict[str, Any]]:
    """One signed request: the status below 500, and the answer's values. Raises Unreachable."""
    body = json.dumps(values).encode()
    try:
        answer = httpx.post(
            base_url + path,
            content=body,
            headers=seal.headers(body),
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            verify=only_ours() if base_url.startswith("https") else True,
        )
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unreachable from error
    if answer.status_code >= 500 or not isinstance(found, dict):
        raise Unreachable
    return answer.status_code, found


def certificate_text() -> str:
    """The installation's own certificate without the chain above it (PEM); empty where there is none yet."""
    path = config().path("tls", "cert.pem")
    if not path.exists():
        return ""
    first, end, _ = path.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
    return first + end


def only_ours() -> ssl.SSLContext:
    """Trusts one certificate, the installation's; whose name is on it does not matter then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if text := certificate_text():
        context.load_verify_locations(cadata=text)
    return context
