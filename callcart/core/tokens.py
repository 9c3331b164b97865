"""Tokens that stand for a signed-in browser, and secrets that must be read again.

A token is 256 random bits; the database holds its SHA-256, so a stolen table signs nobody in. What must be read
again (a TOTP secret, a code on its way to a telephone) is sealed with a key of this installation.
"""

from __future__ import annotations

import base64
import hashlib
import secrets as random_source

from cryptography.fernet import Fernet, InvalidToken

from callcart.core.secrets import secret


def new_token() -> str:
    """32 random bytes in URL-safe text (43 characters)."""
    return random_source.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token, and looked up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_code(digits: int) -> str:
    """A random decimal code for people to type."""
    return f"{random_source.randbelow(10**digits):0{digits}d}"


def seal(name: str, text: str) -> str:
    """Encrypt and sign a short text with the installation's secret `name`."""
    return _box(name).encrypt(text.encode()).decode("ascii")


def unseal(name: str, sealed: str) -> str:
    """The text of `seal`; ValueError where it was not sealed here."""
    try:
        return _box(name).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise ValueError("sealed with another key, or damaged") from error


def _box(name: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(secret(name))))
