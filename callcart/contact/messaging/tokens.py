"""The mark in a mail by which its answer is known to belong to a conversation, whatever a mail program does to the headers: the
conversation's number and eight characters that nobody can guess, in letters that survive being made lower case."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from callcart.core.secrets import secret
from callcart.core.tenancy import current_tenant

_TOKEN = re.compile(r"\A(\d{1,20})-([a-z2-7]{8})\Z")
_NAME = "reply_tokens"


def reply_token(number: str) -> str:
    """The mark of the current tenant's conversation of that number."""
    return f"{number}-{_seal(number)}"


def number_of(token: str) -> str:
    """The conversation's number, or empty for a mark we did not make."""
    found = _TOKEN.match(token.strip().lower())
    if found is None or not hmac.compare_digest(found[2], _seal(found[1])):
        return ""
    return found[1]


def _seal(number: str) -> str:
    text = f"{current_tenant()}.{number}".encode()
    digest = hmac.new(secret(_NAME).encode(), text, hashlib.sha256).digest()
    return base64.b32encode(digest[:5]).decode("ascii").lower()
