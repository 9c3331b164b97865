"""What an HTTP provider sends us: proven by a secret, then read as messages and receipts where the settings say they stand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from callcart.contact.messaging.transport import Incoming, LineFacts, Receipt
from callcart.core.clock import now
from callcart.integrations.sms.messages import language_of, unanswerable
from callcart.integrations.sms.numbers import peer_of
from callcart.integrations.sms.provider import Provider
from callcart.integrations.sms.receipts import canonical
from callcart.integrations.sms.template import at, text_at

MOST_ITEMS = 1000
TOLERANCE_SECONDS = 300


class Forged(PermissionError):
    """Whoever sent this does not know the line's secret, or sent it long ago."""


def parse_webhook(line: LineFacts, headers: Mapping[str, str], body: bytes) -> list[Incoming | Receipt]:
    """What is in a request to the line's address; a receipt that decides nothing is left out. Raises Forged; ValueError with words where
    it is not what the settings say, so that the provider keeps it and sends it again."""
    provider = Provider.of(line)
    _prove(provider, headers, body)
    values = _values(headers, body)
    items = at(values, provider.items_at)
    rows = items if isinstance(items, list) else [items]
    if len(rows) > MOST_ITEMS:
        raise ValueError(_("More than %(most)s messages at once.") % {"most": MOST_ITEMS})
    found = [_read(provider, each) for each in rows]
    return [each for each in found if each is not None]


def _prove(provider: Provider, headers: Mapping[str, str], body: bytes) -> None:
    wanted = provider.proof_header.lower()
    given = next((value for name, value in headers.items() if name.lower() == wanted), "")
    if not provider.proof_secret or not given:
        raise Forged
    if not hmac.compare_digest(_proof(provider, given, body).encode(), given.strip().encode()):
        raise Forged


def _proof(provider: Provider, given: str, body: bytes) -> str:
    """What the header should hold."""
    secret = provider.proof_secret.encode()
    if provider.proof == "secret":
        return provider.proof_secret
    if provider.proof == "stamped":  # t=<seconds>,v1=<hex>, over the time and the body
        stamp = dict(part.partition("=")[::2] for part in given.split(",")).get("t", "")
        fresh = stamp.isascii() and stamp.isdecimal() and len(stamp) < 12
        if not fresh or abs(now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            raise Forged
        mac = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256)
        return f"t={stamp},v1={mac.hexdigest()}"
    mac = hmac.new(secret, body, hashlib.sha256)
    if provider.proof == "hmac-hex":
        prefix = "sha256=" if given.startswith("sha256=") else ""
        return prefix + (mac.hexdigest().upper() if given.isupper() else mac.hexdigest())
    return base64.b64encode(mac.digest()).decode()


def _values(headers: Mapping[str, str], body: bytes) -> object:
    """JSON, or a form."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    try:
        text = body.decode()
        if "form-urlencoded" in kind:
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=500))
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(_("This is neither JSON nor a form.")) from None


def _read(provider: Provider, item: object) -> Incoming | Receipt | None:
    """One thing that came: a receipt where it says what became of a message, else a message."""
    state = text_at(item, provider.receipt_at).strip().lower()
    reference = text_at(item, provider.receipt_id)
    if state and reference:
        if state not in provider.delivered + provider.failed:
            return None
        words = text_at(item, provider.receipt_words)[:200] or state
        return Receipt(canonical(reference, "same"), state in provider.delivered, words=words)
    sender = text_at(item, provider.in_from)
    if not sender:
        raise ValueError(
            _("It is neither a message nor a receipt as the settings of the line describe them.")
        )
    text = text_at(item, provider.in_text)
    peer = peer_of(sender, provider.country)
    return Incoming(
        external_id=text_at(item, provider.in_id) or _digest(item),
        peer=peer.address,
        text=text,
        automatic=not peer.is_person,
        language=language_of(text),
        notes=() if peer.is_person else (unanswerable(),),
    )


def _digest(item: object) -> str:
    """The same for the same thing sent again."""
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
