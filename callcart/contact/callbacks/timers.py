"""Time passes for callbacks: whose turn it is, and what attempts came to. One process leads; nothing begins while the telephones are away,
for nobody could be rung.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg

from callcart.contact.callbacks.turns import try_turn
from callcart.contact.voice.public import Telephones, telephones
from callcart.core import clock
from callcart.core.database import sql
from callcart.core.leader import lead

LEADER = 7107
EVERY_SECONDS = 0.5


def run_timers(stop: threading.Event) -> None:
    """The loop, until told to stop. Any number of processes may run it."""
    lead("callbacks.timers", LEADER, EVERY_SECONDS, run_once, stop)


def run_once(connection: psycopg.Connection[Any]) -> int:
    """One round over all tenants; the number of things that were due."""
    due = connection.execute(sql("callcart.contact.callbacks", "due"), {"now": clock.now()}).fetchall()
    rings = not due or telephones() is Telephones.UP
    for kind, tenant_id, callback_id in due:
        if rings or kind == "settle":
            try_turn(kind, tenant_id, callback_id)
    return len(due)
