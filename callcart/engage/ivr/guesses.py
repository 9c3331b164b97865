"""How often callers may try a code: counted for each order and each caller's number before the code is looked at, so that four
digits are not found by trying them all. Callers who hide their number share one count."""

from __future__ import annotations

import hmac
from datetime import timedelta

import structlog

from callcart.contact.voice.flow import CallFacts
from callcart.core import throttle
from callcart.core.throttle import Limit

PER_ORDER, PER_CALLER, HIDDEN = 5, 10, 60
HOUR = timedelta(hours=1)

log = structlog.get_logger(__name__)


def may_guess(facts: CallFacts, number: str) -> bool:
    """Count one try at what is guarded (an order's number, a customer's id); False where there were too many within the hour."""
    limits = [
        Limit("ivr.code.order", number, PER_ORDER, HOUR),
        Limit("ivr.code.caller", facts.caller_e164, PER_CALLER, HOUR),
        Limit("ivr.code.hidden", "" if facts.caller_e164 else "hidden", HIDDEN, HOUR),
    ]
    try:
        throttle.count(facts.tenant_id, limits)
    except throttle.TriedTooOften:
        log.warning("ivr.codes_tried", tenant=facts.tenant_id, conversation=str(facts.conversation_id))
        return False
    return True


def same(right: str, code: str) -> bool:
    """Whether a code is right; nothing is right where there is none."""
    return bool(right) and hmac.compare_digest(right.encode(), code.encode())
