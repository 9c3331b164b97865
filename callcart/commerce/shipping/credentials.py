"""What a carrier's adapter needs to be let in: keys and tokens, sealed in the database with a secret of the installation.

Nothing here is ever shown again; a page says only whether something is stored.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from callcart.core.errors import Unavailable
from callcart.core.secrets import secret

_SECRET = "carrier_accounts"  # noqa: S105  the name of the secret, not its value


class AccountUnreadable(Unavailable):
    """What is stored of this carrier's account cannot be read any more. Enter it again."""

    code = "shipping.account_unreadable"
    retryable = False


def seal(values: Mapping[str, str]) -> str:
    """The values as one text that only this installation can open; empty for none."""
    kept = {name: value for name, value in values.items() if value}
    return _box().encrypt(json.dumps(kept).encode()).decode() if kept else ""


def unseal(text: str) -> dict[str, str]:
    """Raises AccountUnreadable where the secret is another one than it was sealed with."""
    if not text:
        return {}
    try:
        found: dict[str, str] = json.loads(_box().decrypt(text.encode()))
    except (InvalidToken, ValueError) as error:
        raise AccountUnreadable from error
    return found


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(secret(_SECRET))))
