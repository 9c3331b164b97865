"""One HTTP call to a payment provider: bounded in time, straight to the address given (no proxy of the environment, no
redirects), and sorted into what may be asked again and what may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from callcart.commerce.payments.gateway import GatewayUnreachable

TIMEOUT_SECONDS = 10.0
# It may have been done and not been told: too many at once, the same key under way, anything of the server's own.
_ASK_AGAIN = frozenset({408, 409, 425, 429})


def call(
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """The provider's answer below 500. Raises GatewayUnreachable where none came, or one that decides nothing."""
    try:
        answer = httpx.request(
            method,
            url,
            data=dict(form) if form is not None else None,
            params=dict(query) if query is not None else None,
            headers=dict(headers or {}),
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            follow_redirects=False,
        )
    except httpx.HTTPError as error:
        raise GatewayUnreachable from error
    if answer.status_code >= 500 or answer.is_redirect or answer.status_code in _ASK_AGAIN:
        raise GatewayUnreachable
    return answer


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The object in an answer. Raises GatewayUnreachable where it is none: a page of something in between."""
    try:
        found = answer.json()
    except ValueError as error:
        raise GatewayUnreachable from error
    if not isinstance(found, dict):
        raise GatewayUnreachable
    return found
