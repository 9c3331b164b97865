"""Codes of gift cards: 15 random characters and one that checks them, of an alphabet without look-alikes.

The check is a weighted sum modulo 31, a prime: any one wrong character and any two swapped ones are noticed before
anything is looked up. What is stored is a keyed digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_source
import unicodedata

from callcart.core.secrets import secret
from callcart.core.tenancy import current_tenant

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RANDOM = 15
LENGTH = _RANDOM + 1
_GROUP = 4


def new_code() -> str:
    """A fresh code: 31 to the power of 15 possible ones."""
    body = "".join(random_source.choice(ALPHABET) for _ in range(_RANDOM))
    return body + _check(body)


def read_code(text: str) -> str:
    """The code that somebody typed or pasted, however it is grouped; empty where it cannot be one."""
    plain = unicodedata.normalize("NFKC", text[:100]).upper()
    code = "".join(c for c in plain if c.isalnum())
    if len(code) != LENGTH or any(c not in ALPHABET for c in code):
        return ""
    return code if _check(code[:-1]) == code[-1] else ""


def grouped(code: str) -> str:
    """A code as it is printed: four groups of four."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def digest_of(code: str) -> str:
    """What is stored of a code, and looked up."""
    text = f"{current_tenant()}:{code}".encode()
    return hmac.new(secret("gift_cards").encode(), text, hashlib.sha256).hexdigest()


def _check(body: str) -> str:
    total = sum((place + 1) * ALPHABET.index(c) for place, c in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]
