"""Tokens in addresses given to people without an account: a row's id with our seal on it (128 bits of HMAC-SHA256). One
cannot be guessed, is stored nowhere, and can be made again at any time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from callcart.core.errors import NotFound
from callcart.core.secrets import secret
from callcart.core.tenancy import current_tenant

_SEAL_BYTES = 16


def link_token(name: str, row_id: UUID) -> str:
    """The token of a row of the current tenant; `name` is the installation's secret for this kind of address."""
    return base64.urlsafe_b64encode(row_id.bytes + _seal(name, row_id)).rstrip(b"=").decode("ascii")


def row_of_token(name: str, token: str) -> UUID:
    """The row a token is for; NotFound for one we did not make, or made for another tenant or kind of address."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotFound from None
    if len(raw) != 16 + _SEAL_BYTES:
        raise NotFound
    row_id = UUID(bytes=raw[:16])
    if not hmac.compare_digest(raw[16:], _seal(name, row_id)):
        raise NotFound
    return row_id


def _seal(name: str, row_id: UUID) -> bytes:
    text = f"{current_tenant()}.{row_id}".encode()
    return hmac.new(secret(name).encode(), text, hashlib.sha256).digest()[:_SEAL_BYTES]
