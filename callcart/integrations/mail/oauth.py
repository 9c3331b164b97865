"""Signing in to a mail server without a password: an access token of the provider's (OAuth 2.0, RFC 6749), shown as XOAUTH2.

Asked for by the application's own right (client credentials, 4.4; Microsoft 365) or by a refresh token that somebody was given (6; Google).
A token is kept in memory until shortly before it ends; a refresh token that comes with it takes the place of the one that was used.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpcore
from django.utils.translation import gettext as _

from callcart.config import config
from callcart.core.text import printable
from callcart.engage.webhooks.guard import NotPublic, NotResolved, call

MOST_ANSWER = 64 * 1024
EARLY_SECONDS = 120  # a token that ends while a mail is on its way is of no use
MOST_TOKEN = 8000
USUAL_SECONDS = 300.0  # of one that does not say how long it is good

_kept: dict[OAuth, tuple[str, float]] = {}
_newest: dict[OAuth, str] = {}  # refresh tokens given since, by who was first told another
_lock = threading.Lock()


class NoToken(Exception):
    """The provider gives no token; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """Who asks for a token, and where."""

    url: str
    client_id: str
    client_secret: str
    scope: str = ""
    refresh_token: str = ""
    renew: Callable[[Collection[str], str], None] = field(default=lambda olds, new: None, compare=False)
    """Keeps a refresh token in the place of one of others."""

    def __repr__(self) -> str:
        return f"OAuth({self.url}, {self.client_id})"


def token(oauth: OAuth) -> str:
    """A token that is good now. Raises NoToken."""
    with _lock:
        found, until = _kept.get(oauth, ("", 0.0))
    if found and time.monotonic() < until:
        return found
    with _lock:
        refresh = _newest.get(oauth, oauth.refresh_token)
    answer = _asked(oauth, refresh)
    with _lock:
        _kept[oauth] = (answer.token, time.monotonic() + answer.seconds - EARLY_SECONDS)
        _newest[oauth] = answer.refresh_token or refresh
    if refresh and answer.refresh_token not in ("", refresh):
        oauth.renew((refresh, oauth.refresh_token), answer.refresh_token)
    return answer.token


def forget(oauth: OAuth) -> None:
    """A server does not accept the token that is kept: the next one is asked for."""
    with _lock:
        _kept.pop(oauth, None)


def shown(user: str, access_token: str) -> str:
    """User and token as a server takes them (XOAUTH2, as Google and Microsoft describe it)."""
    return f"user={user}\1auth=Bearer {access_token}\1\1"


@dataclass(frozen=True, slots=True)
class _Answer:
    token: str
    seconds: float
    refresh_token: str


def _asked(oauth: OAuth, refresh_token: str) -> _Answer:
    values = {"client_id": oauth.client_id, "client_secret": oauth.client_secret}
    if refresh_token:
        values |= {"grant_type": "refresh_token", "refresh_token": refresh_token}
    else:
        values |= {"grant_type": "client_credentials"}
    if oauth.scope:
        values["scope"] = oauth.scope
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        status, content = call(
            "POST", oauth.url, urlencode(values).encode(), headers, most=MOST_ANSWER, besides=_may_be_private
        )
    except (NotPublic, NotResolved, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        raise NoToken(_("%(url)s does not answer.") % {"url": oauth.url}) from None
    answer = _read(content)
    found, seconds = answer.get("access_token"), answer.get("expires_in")
    if status != 200 or not isinstance(found, str) or not found.isascii() or not found.isprintable():
        said = printable(str(answer.get("error_description") or answer.get("error") or status), 250)
        raise NoToken(_("%(url)s gives no token: %(said)s") % {"url": oauth.url, "said": said})
    lasts = float(str(seconds)) if str(seconds).isdecimal() else USUAL_SECONDS
    return _Answer(found, lasts, _line(answer.get("refresh_token")))


def _line(value: object) -> str:
    """A token as it is kept; empty for what is none."""
    return (
        value
        if isinstance(value, str) and value.isascii() and value.isprintable() and len(value) < MOST_TOKEN
        else ""
    )


def _may_be_private(_host: str, _port: int) -> bool:
    return config().mail_private or config().demo


def _read(content: bytes) -> dict[str, object]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
