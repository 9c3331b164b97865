"""Server-sent messages as bytes. The id of a message is the token to continue from; its data is one event or a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from callcart.core.events import Event

RESTART = b"event: restart\ndata: {}\n\n"
SIGNED_OUT = b"event: signed_out\ndata: {}\n\n"


def happened(token: str, events: Sequence[Event]) -> bytes:
    """Events in order; one as itself, several as a list."""
    told = [as_told(event) for event in events]
    text = json.dumps(told[0] if len(told) == 1 else told, separators=(",", ":"), ensure_ascii=False)
    return f"id: {token}\ndata: {text}\n\n".encode()


def ping(token: str) -> bytes:
    """Still here; the token moves on."""
    return f"event: ping\nid: {token}\ndata: {{}}\n\n".encode()


def reset(token: str) -> bytes:
    """What was missed cannot be told: read the state again, and go on from this token."""
    return f"event: reset\nid: {token}\ndata: {{}}\n\n".encode()


def as_told(event: Event) -> dict[str, Any]:
    """What a page is told: kinds, states and ids."""
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "subject_kind": event.subject_kind,
        "subject_id": None if event.subject_id is None else str(event.subject_id),
        "staff_id": None if event.staff_id is None else str(event.staff_id),
        "data": dict(event.data),
    }
