"""The channel SMS by any provider that takes an HTTP request: what to send and where things stand in its answer are settings. What
comes in comes to a web address of the line, and is read by `hear`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

import httpcore
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.contact.messaging.transport import (
    Incoming,
    LineFacts,
    NotTaken,
    Outgoing,
    Receipt,
    Refused,
    Setting,
    Sink,
    Unknown,
)
from callcart.core.sms_length import sms_length
from callcart.engage.webhooks.guard import NotPublic, NotResolved, call
from callcart.integrations.demo_company import only_ours
from callcart.integrations.sms import provider as providers
from callcart.integrations.sms.doors import is_demo, may_be_private
from callcart.integrations.sms.numbers import address_of, is_sender
from callcart.integrations.sms.provider import Provider
from callcart.integrations.sms.receipts import canonical
from callcart.integrations.sms.template import TYPES, body_of, headers_of, text_at, url_of
from callcart.integrations.sms.webhook import parse_webhook

MOST_ANSWER = 64 * 1024
_LATER = frozenset({408, 425, 429, 503})
_OUR_KEY = frozenset({401, 403, 407})


class HttpSmsChannel:
    """`sms` by an HTTP provider. Holds nothing between calls."""

    channel: ClassVar[str] = "sms"
    label: ClassVar[str | Promise] = gettext_lazy("SMS by an HTTP provider")
    settings: ClassVar[tuple[Setting, ...]] = providers.SETTINGS
    listens: ClassVar[bool] = False
    bound: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def address(self, text: str) -> str:
        try:
            return address_of(text)
        except ValueError:
            raise ValueError(
                _("Write a telephone number with its country code, like +12025550123.")
            ) from None

    def read(self, line: LineFacts, content: bytes) -> Incoming | None:
        return None  # what comes by the web address is read at once

    def listen(self, line: LineFacts, sink: Sink, stop: threading.Event) -> None:
        """Nothing is to be listened to."""

    def hear(self, line: LineFacts, headers: Mapping[str, str], body: bytes) -> list[Incoming | Receipt]:
        """What is in a request to the line's web address. Raises PermissionError for a forged one, ValueError for one that is not what
        the settings say."""
        return parse_webhook(line, headers, body)

    def check(self, line: LineFacts) -> str:
        """Only the settings: no provider can be asked without an SMS being sent."""
        try:
            Provider.of(line)
        except ValueError as error:
            return str(error)
        return ""

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        try:
            provider = Provider.of(line)
        except ValueError as error:
            raise NotTaken(str(error)) from None
        _refuse(outgoing)
        try:
            status, content = _call(provider, outgoing)
        except NotTaken:
            raise
        except Unknown as error:
            if provider.once:  # the provider takes the same key once: it may be handed over again
                raise NotTaken(str(error)) from None
            raise
        return _reference(provider, status, content)


def _refuse(outgoing: Outgoing) -> None:
    """Raises Refused for what no provider can send."""
    if outgoing.files:
        raise Refused(_("An SMS carries no files."))
    if not outgoing.text.strip():
        raise Refused(_("The SMS is empty."))
    if not is_sender(outgoing.to) or not outgoing.to.lstrip("+").isdecimal():
        raise Refused(_("An SMS cannot be sent to %(address)s.") % {"address": outgoing.to})


def _call(provider: Provider, outgoing: Outgoing) -> tuple[int, bytes]:
    """Raises NotTaken where nothing was sent, Unknown where it may have been."""
    length = sms_length(outgoing.text)
    values = {
        "to": outgoing.to, "to_digits": outgoing.to.lstrip("+"), "from": provider.sender,
        "from_digits": provider.sender.lstrip("+"), "text": outgoing.text, "key": outgoing.key, "user": provider.user,
        "secret": provider.secret, "basic": provider.basic, "alphabet": "unicode" if length.wide else "gsm",
        "parts": str(length.parts),
    }  # fmt: skip
    body, query = body_of(provider.format, provider.body, values)
    url = url_of(provider.url, values, query)
    try:
        headers = headers_of(provider.headers, values)
    except ValueError as error:
        raise NotTaken(str(error)) from None
    if kind := TYPES[provider.format]:
        headers = {"Content-Type": f"{kind}; charset=utf-8"} | headers
    demo = is_demo(*_place(url))
    try:
        return call(
            provider.method,
            url,
            body,
            headers,
            most=MOST_ANSWER,
            besides=may_be_private,
            context=only_ours() if demo else None,
        )
    except (NotPublic, NotResolved) as error:
        raise NotTaken(str(error.message)) from None
    except (
        httpcore.ConnectError,
        httpcore.ConnectTimeout,
        httpcore.UnsupportedProtocol,
        httpcore.LocalProtocolError,
    ) as error:
        raise NotTaken(_("The provider cannot be reached: %(why)s.") % {"why": _why(error)}) from None
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise Unknown(_("The provider did not answer: %(why)s.") % {"why": _why(error)}) from None


def _reference(provider: Provider, status: int, content: bytes) -> str:
    """What the provider's answer means."""
    answer = _json(content)
    word = text_at(answer, provider.ok_at).strip().lower() if provider.ok_at else ""
    said = _("The provider said %(status)s: %(words)s")
    words = said % {"status": status, "words": content[:200].decode(errors="replace")}
    if word and word in provider.busy_words:
        raise NotTaken(words)
    if 200 <= status < 300:
        if provider.ok_at and word not in provider.ok_words:
            raise Refused(words)
        found = text_at(answer, provider.id_at)
        return canonical(found, "same") if found else ""
    if status in _OUR_KEY:
        raise NotTaken(_("The provider does not accept the key (%(status)s).") % {"status": status})
    if status in _LATER or 300 <= status < 400:
        raise NotTaken(words)
    if status >= 500 and not provider.once:
        raise Unknown(words)
    raise NotTaken(words) if status >= 500 else Refused(words)


def _json(content: bytes) -> object:
    """The values of an answer; a text alone is one under the name `text`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return {"text": content.decode(errors="replace").strip()}


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
