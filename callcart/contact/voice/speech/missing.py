"""A prompt that cannot be heard as the shop wants it: its file is lost, or it cannot be spoken (a full disk, no voice). The call goes on
with the words, or with a sentence that ships; this tells people, once in a while for each prompt, and the counters each time.
"""

from __future__ import annotations

import threading
import time

import psycopg
import structlog
from django.db import DatabaseError
from prometheus_client import Counter

from callcart.core import events
from callcart.core.tenancy import tenant_transaction

QUIET = 600.0  # seconds until the same prompt is told of again
MOST_REMEMBERED = 1000

log = structlog.get_logger(__name__)
_missing = Counter(
    "callcart_voice_prompts_missing_total", "Prompts not heard as they should be, by problem", ["problem"]
)
_told: dict[tuple[int, str], float] = {}
_lock = threading.Lock()


def tell(tenant_id: int, key: str, problem: str) -> None:
    """Count it, and say it where it is news. `key`: of the prompt, empty for a sentence of the moment. Outside of any transaction."""
    _missing.labels(problem).inc()
    if not _is_news(tenant_id, key):
        return
    log.error("prompt.missing", tenant=tenant_id, key=key, problem=problem)
    try:
        with tenant_transaction(tenant_id):
            data = {"limit": "prompt", "key": key, "problem": problem}
            events.emit("voice.alarm", audience="board", data=data)
    except (psycopg.Error, DatabaseError):
        return  # the log has it; a call does not wait for more


def _is_news(tenant_id: int, key: str) -> bool:
    moment = time.monotonic()
    with _lock:
        if moment - _told.get((tenant_id, key), float("-inf")) < QUIET:
            return False
        if len(_told) >= MOST_REMEMBERED:
            _told.clear()
        _told[tenant_id, key] = moment
    return True
